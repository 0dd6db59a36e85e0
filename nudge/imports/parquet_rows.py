"""Rows of a Parquet file as text, read in row groups."""

from collections.abc import Callable, Iterator

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from nudge.imports.faults import LINE, FaultLog
from nudge.imports.source_file import SourceFile, unreadable

CHUNK_ROWS = 65_536


def parquet_rows(
    source: SourceFile,
) -> tuple[list[str], int, Callable[[FaultLog], Iterator[pl.DataFrame]]]:
    """Return titles, number of rows and reader; see ``TextRows``.

    Typed columns become the text that a CSV file would hold, so that one set of checks serves
    all formats. Parquet has no lines: rows are numbered as if titles stood in line 1.
    """
    try:
        with pq.ParquetFile(source.path) as file:
            titles, n_rows = list(file.schema_arrow.names), file.metadata.num_rows
    except (pa.ArrowException, OSError) as error:
        raise unreadable(source.path, f"Parquet illisible ({error})") from None
    return titles, n_rows, lambda _log: _chunks(source)


def _chunks(source: SourceFile) -> Iterator[pl.DataFrame]:
    done = 2
    try:
        with pq.ParquetFile(source.path) as file:
            for batch in file.iter_batches(batch_size=CHUNK_ROWS, use_threads=False):
                columns = {str(place): _text(column) for place, column in enumerate(batch.columns)}
                lines = pl.int_range(done, done + batch.num_rows, dtype=pl.Int64, eager=True)
                yield pl.DataFrame({**columns, LINE: lines})
                done += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        raise unreadable(source.path, f"Parquet illisible ({error})") from None


def _text(column: pa.Array) -> pl.Series:
    series = pl.Series(pl.from_arrow(column))
    if series.dtype.is_float():
        series = series.fill_nan(None)
    if isinstance(series.dtype, pl.Datetime):
        series = series.dt.to_string("%Y-%m-%d %H:%M:%S").str.strip_suffix(" 00:00:00")
    if series.dtype.is_nested():
        series = pl.Series([str(value) for value in series.to_list()], dtype=pl.String)
    return series.cast(pl.String)
