"""One pass over a file: every check, and the typed rows set aside if all are sound."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO

import polars as pl
import pyarrow as pa

from nudge.imports.campaign_checks import FieldFrame, campaign_faults
from nudge.imports.cell_checks import cell_faults, typed_chunk
from nudge.imports.dates import day_first_examples
from nudge.imports.faults import LINE, FaultLog
from nudge.imports.repeated_keys import keys_of, repeated_faults
from nudge.imports.row_checks import row_faults
from nudge.imports.template import known_beforehand
from nudge.imports.text_rows import TextRows
from nudge.instruments.instrument import Instrument
from nudge.store.rows import arrow_schema


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedRows:
    """What the pass found.

    Attributes
    ----------
    n_rows
        Rows of the file, without those left out.
    n_unfilled
        Rows left out because they hold nothing but what a blank template holds.
    keys
        Line and key of every row.
    faults
        Faulty cells.
    day_first
        Example of a date with slashes, read day first, of each column that has one.
    spool
        Typed rows as an Arrow stream; whole only where there are no faults.
    """

    n_rows: int
    n_unfilled: int
    keys: pl.DataFrame
    faults: FaultLog
    day_first: dict[str, str]
    spool: IO[bytes]

    def chunks(self) -> Iterator[pa.Table]:
        """Yield the typed rows."""
        self.spool.seek(0)
        with pa.ipc.open_stream(self.spool) as stream:
            for batch in stream:
                yield pa.table(batch)


@contextmanager
def checked_rows(
    rows: TextRows,
    instrument: Instrument,
    frame: FieldFrame,
    *,
    places: dict[str, int],
    french: bool,
    progress: Callable[[int], None],
) -> Iterator[CheckedRows]:
    """Check a file row by row; the rows set aside are gone when the context ends.

    Parameters
    ----------
    places
        Place in the file of each column that it has.
    french
        Whether decimal commas are read.
    progress
        Told the number of rows checked so far.

    Raises
    ------
    CampaignError
        The file is damaged.
    """
    log, keys, n_rows, n_unfilled = FaultLog(), [], 0, 0
    schema, day_first = arrow_schema(instrument), dict[str, str]()
    observed = set(instrument.column_names) - known_beforehand(instrument)
    filled = pl.any_horizontal(pl.col(name).is_not_null() for name in sorted(observed))
    # The file has no name: nothing is left of it even where the process is killed.
    with TemporaryFile() as spool:
        with pa.ipc.new_stream(spool, schema) as stream:
            for chunk in rows.chunks(log):
                every_row = named_columns(chunk, instrument, places)
                text = every_row.filter(filled)
                n_unfilled += every_row.height - text.height
                values = typed_chunk(text, instrument, french=french)
                log.add(
                    *cell_faults(text, values, instrument),
                    *row_faults(text, values, instrument.name),
                    *campaign_faults(values, frame),
                )
                day_first = day_first_examples(text, instrument) | day_first
                keys.append(keys_of(values, instrument))
                if not log.n:
                    stream.write_table(values.drop(LINE).to_arrow().cast(schema))
                n_rows += text.height
                progress(n_rows + n_unfilled)
        every = pl.concat(keys) if keys else pl.DataFrame()
        if keys:
            log.add(repeated_faults(every, instrument))
        yield CheckedRows(
            n_rows=n_rows,
            n_unfilled=n_unfilled,
            keys=every,
            faults=log,
            day_first=day_first,
            spool=spool,
        )


def named_columns(
    chunk: pl.DataFrame, instrument: Instrument, places: dict[str, int]
) -> pl.DataFrame:
    """Return ``LINE`` and the instrument's columns by name, those not in the file as nulls."""
    return chunk.select(
        LINE,
        *(
            pl.col(str(places[name])).alias(name)
            if name in places
            else pl.lit(None, dtype=pl.String).alias(name)
            for name in instrument.column_names
        ),
    )
