"""Rows of a CSV file as text, read in blocks by Arrow."""

from collections.abc import Callable, Iterator

import numpy as np
import polars as pl
import pyarrow as pa
from pyarrow import csv

from nudge.imports.faults import LINE, SCHEMA, FaultLog
from nudge.imports.source_file import SourceFile, csv_header, unreadable

BLOCK_BYTES = 4 << 20


def csv_rows(
    source: SourceFile,
) -> tuple[list[str], int, Callable[[FaultLog], Iterator[pl.DataFrame]]]:
    """Return titles, greatest possible number of rows and reader; see ``TextRows``."""
    titles = csv_header(source)
    return titles, source.n_lines, lambda log: _chunks(source, len(titles), log)


def _chunks(source: SourceFile, width: int, log: FaultLog) -> Iterator[pl.DataFrame]:
    ragged: list[csv.InvalidRow] = []
    done = told = 0
    try:
        with _reader(source, width, ragged) as reader:
            for batch in reader:
                lines = _lines(np.arange(done, done + batch.num_rows), ragged)
                yield pl.DataFrame(pl.from_arrow(batch)).with_columns(pl.Series(LINE, lines))
                done += batch.num_rows
                log.add(_ragged_faults(ragged[told:]))
                told = len(ragged)
    except UnicodeDecodeError:
        raise unreadable(source.path, "le fichier n'est ni en UTF-8 ni en Windows-1252",
                         "l'enregistrer en UTF-8") from None  # fmt: skip
    except pa.ArrowInvalid as error:
        raise unreadable(source.path, f"CSV illisible ({error})",
                         "vérifier les guillemets et le séparateur") from None  # fmt: skip
    log.add(_ragged_faults(ragged[told:]))


def _reader(source: SourceFile, width: int, ragged: list[csv.InvalidRow]) -> csv.CSVStreamingReader:
    def keep(row: csv.InvalidRow) -> str:
        ragged.append(row)
        return "skip"

    names = [str(place) for place in range(width)]
    return csv.open_csv(
        source.path,
        # Arrow numbers the rows that it refuses only when it reads with one thread.
        read_options=csv.ReadOptions(
            use_threads=False,
            block_size=BLOCK_BYTES,
            skip_rows=1,
            column_names=names,
            encoding="utf8" if source.encoding == "utf-8" else source.encoding,
        ),
        parse_options=csv.ParseOptions(
            delimiter=source.delimiter,
            newlines_in_values=True,
            # Kept so that every row after an empty line keeps its number.
            ignore_empty_lines=False,
            invalid_row_handler=keep,
        ),
        convert_options=csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
    )


def _lines(kept: np.ndarray, ragged: list[csv.InvalidRow]) -> np.ndarray:
    """Line in the file of each kept row, given those left out before it."""
    refused = np.array([row.number for row in ragged], dtype=np.int64)
    kept_before = refused - 2 - np.arange(len(refused))
    return kept + 2 + np.searchsorted(kept_before, kept, side="right")


def _ragged_faults(ragged: list[csv.InvalidRow]) -> pl.DataFrame:
    rows = [
        {
            "line": row.number,
            "column": "",
            "value": row.text,
            "what": f"{row.actual_columns} cellules au lieu de {row.expected_columns}",
            "mend": "vérifier les séparateurs et les guillemets de la ligne",
        }
        for row in ragged
    ]
    return pl.DataFrame(rows, schema=SCHEMA)
