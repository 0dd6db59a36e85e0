"""The frame of clusters to be randomised: one row each, kept as text, checked when read."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from experiments.errors import InputError

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

MISSING = frozenset({"", "na", "n/a", "nan", "none", "null"})
FEWEST_CLUSTERS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterFrame:
    """Clusters sorted by label, so that nothing depends on the order of a file.

    Attributes
    ----------
    source
        File or object the rows come from, named in errors.
    cluster_column
        Column of the labels.
    labels
        Distinct cluster labels; in numeric order when all are whole numbers.
    columns
        Text of every column, by name, each in the order of ``labels``.
    lines
        Line of each row in the source, the header being line 1.
    """

    source: str
    cluster_column: str
    labels: tuple[str, ...]
    columns: dict[str, tuple[str, ...]]
    lines: tuple[int, ...]

    def text(self, column: str, *, purpose: str) -> tuple[str, ...]:
        """Values of a column, none missing.

        Parameters
        ----------
        column : str
            Name of the column.
        purpose : str
            What the column serves as, named in errors.

        Raises
        ------
        InputError
            Unknown column or missing value, with the line and the mend.
        """
        if column not in self.columns:
            known = ", ".join(self.columns)
            raise InputError(f"{self.source}: no column {column} ({purpose}); columns: {known}")
        values = self.columns[column]
        for line, label, value in zip(self.lines, self.labels, values, strict=True):
            if value.strip().lower() in MISSING:
                raise InputError(
                    f"{self.source}, line {line} (cluster {label}), column {column}: the value is "
                    f"missing; a {purpose} needs one for every cluster: fill it in, or drop the "
                    "column from the design"
                )
        return values

    def numbers(self, column: str, *, purpose: str) -> Floats:
        """Values of a numeric column.

        Raises
        ------
        InputError
            Unknown column, missing value or text that is not a finite number.
        """
        values = self.text(column, purpose=purpose)
        parsed = np.empty(len(values))
        for place, value in enumerate(values):
            number = _number(value)
            if number is None:
                comma = ": write the decimal point as '.'" if "," in value else ""
                raise InputError(
                    f"{self.source}, line {self.lines[place]} (cluster {self.labels[place]}), "
                    f"column {column}: '{value}' is not a number{comma}"
                )
            parsed[place] = number
        return parsed

    def is_numeric(self, column: str) -> bool:
        """Whether every value of the column is a finite number."""
        return all(_number(value) is not None for value in self.columns[column])

    def subset(self, kept: Integers) -> "ClusterFrame":
        """The rows at these positions, in their order."""
        return ClusterFrame(
            source=self.source,
            cluster_column=self.cluster_column,
            labels=tuple(self.labels[place] for place in kept),
            columns={
                name: tuple(values[place] for place in kept)
                for name, values in self.columns.items()
            },
            lines=tuple(self.lines[place] for place in kept),
        )

    def to_csv(self) -> str:
        """CSV text of the table, rows sorted by label."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(zip(*self.columns.values(), strict=True))
        return buffer.getvalue()


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def read_cluster_frame(path: Path, *, cluster_column: str) -> ClusterFrame:
    """Clusters from a CSV file in UTF-8, separated by commas, semicolons or tabs.

    Raises
    ------
    InputError
        Unreadable file, row of the wrong width, repeated column, missing or repeated label: with
        the line and the mend.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: {error}: save it as CSV in UTF-8") from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    try:
        names = [name.strip() for name in next(reader, [])]
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(names):
                raise InputError(
                    f"{path}, line {reader.line_num}: {len(row)} values for {len(names)} columns: "
                    "give each row one value a column"
                )
            rows.append([cell.strip() for cell in row])
            lines.append(reader.line_num)
    except csv.Error as error:
        raise InputError(f"{path}, line {reader.line_num}: not valid CSV: {error}") from None
    return _checked(names, rows, lines, source=str(path), cluster_column=cluster_column)


def cluster_frame(
    clusters: pd.DataFrame | ClusterFrame, *, cluster_column: str, source: str = "clusters"
) -> ClusterFrame:
    """Clusters from a data frame with one row a cluster; its row order does not matter.

    Errors as in :func:`read_cluster_frame`; a cluster frame is given back as it is.
    """
    if isinstance(clusters, ClusterFrame):
        return clusters
    names = [str(name) for name in clusters.columns]
    columns = [_texts(clusters.iloc[:, place]) for place in range(len(names))]
    rows = [list(row) for row in zip(*columns, strict=True)]
    lines = list(range(2, len(rows) + 2))
    return _checked(names, rows, lines, source=source, cluster_column=cluster_column)


def _texts(values: pd.Series) -> list[str]:
    texts = []
    for value in values.tolist():
        if pd.isna(value):
            texts.append("")
        elif isinstance(value, float) and value.is_integer():
            # A column of whole numbers turns to floats when one is missing.
            texts.append(str(int(value)))
        else:
            texts.append(str(value).strip())
    return texts


def _checked(
    names: list[str],
    rows: list[list[str]],
    lines: list[int],
    *,
    source: str,
    cluster_column: str,
) -> ClusterFrame:
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"{source}, line 1: column {name or '(no name)'} comes twice: rename")
    if cluster_column not in names:
        raise InputError(
            f"{source}: no column {cluster_column} (cluster label); columns: {', '.join(names)}"
        )
    if len(rows) < FEWEST_CLUSTERS:
        raise InputError(f"{source}: {len(rows)} clusters: a trial needs at least two")
    place = names.index(cluster_column)
    seen: dict[str, int] = {}
    for line, row in zip(lines, rows, strict=True):
        label = row[place]
        if label.lower() in MISSING:
            raise InputError(f"{source}, line {line}, column {cluster_column}: no label: name it")
        if label in seen:
            raise InputError(
                f"{source}, line {line}, column {cluster_column}: cluster {label} is already on "
                f"line {seen[label]}: give one row a cluster"
            )
        seen[label] = line
    order = _label_order([row[place] for row in rows])
    return ClusterFrame(
        source=source,
        cluster_column=cluster_column,
        labels=tuple(rows[row][place] for row in order),
        columns={
            name: tuple(rows[row][column] for row in order) for column, name in enumerate(names)
        },
        lines=tuple(lines[row] for row in order),
    )


def _label_order(labels: Sequence[str]) -> list[int]:
    if all(label.isdecimal() for label in labels):
        return sorted(range(len(labels)), key=lambda row: (int(labels[row]), labels[row]))
    return sorted(range(len(labels)), key=lambda row: labels[row])
