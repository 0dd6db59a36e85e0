"""First lines of a CSV file: its delimiter, the names of its columns, and where rows begin."""

import csv
import gzip
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from experiments.errors import InputError

_DELIMITERS = ",;\t|"
_QUOTED = re.compile(r'"[^"]*"')
# Excel's own line for the delimiter, which is no part of the table.
_DECLARED = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_LONGEST_HEADER = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvHeader:
    """How to read a file, as its header line says.

    Attributes
    ----------
    delimiter
        Mark between fields.
    fields
        A unique name for each field; one that nobody asks for where the header has none.
    names
        Names in the header, without the spaces around them, those without a name left out.
    skipped
        Lines before the header.
    """

    delimiter: str
    fields: tuple[str, ...]
    names: tuple[str, ...]
    skipped: int


def read_header(file: str) -> CsvHeader:
    """Header of a CSV file, after any blank lines and a line such as ``sep=;``.

    The delimiter is the one that the header uses most outside quotes, or that ``sep=`` declares.
    A column without a name, as R and pandas write for row numbers, is read and left alone.

    Raises
    ------
    InputError
        If the file is not UTF-8 text, has no header line, or two equal column names.
    """
    opened = gzip.open if file.lower().endswith(".gz") else open
    try:
        with opened(file, "rt", encoding="utf-8-sig", newline="") as lines:
            skipped, declared, header = _first_lines(lines)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise InputError(
            f"'{file}' cannot be read as UTF-8 text: {error}. Save it as UTF-8."
        ) from error
    if not header:
        raise InputError(f"'{file}' is empty: its first line should name the columns.")
    outside_quotes = _QUOTED.sub("", "".join(header))
    is_tsv = Path(file.lower().removesuffix(".gz")).suffix == ".tsv"
    usual = "\t" if is_tsv else max(_DELIMITERS, key=outside_quotes.count)
    delimiter = declared or usual
    titles = [name.strip() for name in next(csv.reader(header, delimiter=delimiter))]
    names = tuple(name for name in titles if name)
    repeated = [name for name, count in Counter(map(str.lower, names)).items() if count > 1]
    if repeated:
        raise InputError(
            f"The header line of '{file}' names a column '{repeated[0]}' twice, capitals aside. "
            "Rename one of them."
        )
    return CsvHeader(delimiter=delimiter, fields=_filled(titles), names=names, skipped=skipped)


def _first_lines(lines: Iterable[str]) -> tuple[int, str | None, list[str]]:
    """How many lines to skip, the declared delimiter, and the lines of the header."""
    numbered = iter(lines)
    declared = None
    for skipped, line in enumerate(numbered):
        found = _DECLARED.fullmatch(line)
        if found:
            declared = found[1]
        elif line.strip():
            return skipped, declared, _whole_record(line, islice(numbered, _LONGEST_HEADER))
    return 0, declared, []


def _whole_record(first: str, more: Iterable[str]) -> list[str]:
    """Lines up to that in which the last quoted name ends; the first alone if none does."""
    record = [first]
    n_quotes = first.count('"')
    for line in more if n_quotes % 2 else ():
        record.append(line)
        n_quotes += line.count('"')
        if n_quotes % 2 == 0:
            return record
    return [first]


def _filled(titles: list[str]) -> tuple[str, ...]:
    """Titles with a name of its own for each blank one."""
    taken = set(map(str.lower, titles))
    fields = []
    for place, title in enumerate(titles):
        name = title or f"_unnamed_{place + 1}"
        while not title and name in taken:
            name += "_"
        fields.append(name)
    return tuple(fields)
