"""Verification of a drawn folder: run the draw again and name every difference."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from experiments.design.allocation_file import load_record
from experiments.design.allocation_set import AllocationSet, load
from experiments.design.cluster_frame import ClusterFrame, read_cluster_frame
from experiments.design.draw import Draw, draw, fingerprint
from experiments.design.draw_folder import (
    ALLOCATION_COLUMNS,
    ALLOCATION_FILE,
    BALANCE_FILE,
    CLUSTERS_FILE,
    DESIGN_FILE,
    REPORT_FILE,
    SET_FILE,
    allocation_csv,
    software_versions,
)
from experiments.design.trial_design import TrialDesign, load_design
from experiments.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Result of running a draw again.

    Attributes
    ----------
    folder
        Folder examined.
    fingerprint
        SHA-256 of the design and clusters as they are in the folder.
    seed
        Seed of the folder's design; None when its design names none.
    n_clusters
        Clusters randomised.
    differences
        Every way in which the folder departs from what the draw gives; empty when identical.
    remarks
        What changed without changing the result, such as versions of software.
    """

    folder: str
    fingerprint: str
    seed: int | None
    n_clusters: int
    differences: tuple[str, ...]
    remarks: tuple[str, ...]

    @property
    def identical(self) -> bool:
        """Whether the draw runs again to the same result."""
        return not self.differences


def verify(folder: Path) -> Verification:
    """Run the draw of a folder again from its design, clusters and seed.

    The folder's design and clusters are compared with the record that the draw left in the
    allocation set, field by field and cell by cell; then the recorded draw is run again and the
    allocation, the set, the balance table and the report are compared with it.

    Parameters
    ----------
    folder : Path
        As written by :func:`experiments.design.draw_folder.write_draw`.

    Raises
    ------
    InputError
        A file is missing or unreadable.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; give the folder that the draw wrote")
    design = load_design(folder / DESIGN_FILE)
    frame = read_cluster_frame(folder / CLUSTERS_FILE, cluster_column=design.cluster)
    record = load_record(folder / SET_FILE)
    stored = load(folder / SET_FILE)
    recorded_design, recorded_frame = _recorded(record, folder / SET_FILE)
    again = draw(recorded_design, recorded_frame)
    differences = [
        *_design_differences(recorded_design, design),
        *_cluster_differences(recorded_frame, frame),
        *_record_differences(record, again),
        *_set_differences(stored, again.allocation_set),
        *_allocation_differences(_read(folder / ALLOCATION_FILE), again),
        *_balance_differences(_read(folder / BALANCE_FILE), again),
    ]
    if again.fingerprint not in _read(folder / REPORT_FILE):
        differences.append(f"{REPORT_FILE}: it does not carry the fingerprint of this draw")
    return Verification(
        folder=str(folder),
        fingerprint=fingerprint(design, frame),
        seed=design.seed,
        n_clusters=len(again.allocation_set.clusters),
        differences=tuple(differences),
        remarks=tuple(_version_remarks(record)),
    )


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: {error}") from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None


def _recorded(record: Mapping[str, Any], path: Path) -> tuple[TrialDesign, ClusterFrame]:
    try:
        design = TrialDesign.model_validate(record["design"])
        columns = {name: tuple(values) for name, values in record["clusters"].items()}
        labels = columns[design.cluster]
        if record["seed"] != design.seed or record["index"] < 0:
            raise InputError(f"{path}: the record of the draw contradicts itself: draw again")
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path}: the record of the draw is damaged: draw again") from None
    return design, ClusterFrame(
        source=CLUSTERS_FILE,
        cluster_column=design.cluster,
        labels=labels,
        columns=columns,
        lines=tuple(range(2, len(labels) + 2)),
    )


def _design_differences(recorded: TrialDesign, found: TrialDesign) -> Iterator[str]:
    was = recorded.model_dump(mode="json")
    now = found.model_dump(mode="json")
    for field, value in was.items():
        if value != now[field]:
            yield f"{DESIGN_FILE}, field {field}: drawn with {value}, now {now[field]}"


def _cluster_differences(recorded: ClusterFrame, found: ClusterFrame) -> Iterator[str]:
    was, now = set(recorded.labels), set(found.labels)
    for label in recorded.labels:
        if label not in now:
            yield f"{CLUSTERS_FILE}: cluster {label} was drawn and is no longer listed"
    for label, line in zip(found.labels, found.lines, strict=True):
        if label not in was:
            yield f"{CLUSTERS_FILE}, line {line}: cluster {label} was not in the draw"
    for column in sorted(recorded.columns.keys() ^ found.columns.keys()):
        state = "is no longer there" if column in recorded.columns else "was not in the draw"
        yield f"{CLUSTERS_FILE}, column {column}: it {state}"
    row_then = {label: row for row, label in enumerate(recorded.labels)}
    for row, (label, line) in enumerate(zip(found.labels, found.lines, strict=True)):
        for column in recorded.columns:
            if label not in was or column not in found.columns:
                continue
            then = recorded.columns[column][row_then[label]]
            value = found.columns[column][row]
            if then != value:
                yield (
                    f"{CLUSTERS_FILE}, line {line} (cluster {label}), column {column}: drawn with "
                    f"{then!r}, now {value!r}"
                )


def _record_differences(record: Mapping[str, Any], again: Draw) -> Iterator[str]:
    if record.get("fingerprint") != again.fingerprint:
        yield f"{SET_FILE}: the recorded fingerprint is not that of the recorded design"
    if record["index"] != again.index:
        yield f"{SET_FILE}: row {record['index']} is said to be drawn, the seed draws {again.index}"


def _set_differences(stored: AllocationSet, again: AllocationSet) -> Iterator[str]:
    if stored.clusters != again.clusters or stored.arms != again.arms:
        yield f"{SET_FILE}: its clusters or arms are not those of the draw"
    elif not np.array_equal(stored.allocations, again.allocations):
        yield (
            f"{SET_FILE}: its {len(stored.allocations)} allocations are not the "
            f"{len(again.allocations)} that the design admits with this seed"
        )
    if stored.enumerated != again.enumerated or not np.isclose(stored.size, again.size):
        yield f"{SET_FILE}: {stored.size:.0f} admissible allocations stored, {again.size:.0f} drawn"


def _allocation_differences(text: str, again: Draw) -> Iterator[str]:
    rows = _rows(text)
    expected = _rows(allocation_csv(again))
    for label in sorted(expected.keys() - rows.keys()):
        yield f"{ALLOCATION_FILE}: cluster {label} is missing"
    for label, row in rows.items():
        if label not in expected:
            yield f"{ALLOCATION_FILE}: cluster {label} is not in the draw"
            continue
        for column in ALLOCATION_COLUMNS[1:]:
            found, drawn = row.get(column), expected[label][column]
            if found != drawn:
                yield (
                    f"{ALLOCATION_FILE}, cluster {label}: {column} is {found!r}, the draw gives "
                    f"{drawn!r}"
                )


def _rows(text: str) -> dict[str, dict[str, str | None]]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    return {str(row.get(ALLOCATION_COLUMNS[0])): dict(row) for row in reader}


def _balance_differences(text: str, again: Draw) -> Iterator[str]:
    found = text.splitlines()
    expected = again.balance.to_csv().splitlines()
    if len(found) != len(expected):
        yield f"{BALANCE_FILE}: {len(found) - 1} rows, the draw gives {len(expected) - 1}"
        return
    for line, (row, drawn) in enumerate(zip(found, expected, strict=True), start=1):
        if row != drawn:
            yield f"{BALANCE_FILE}, line {line}: {row!r}, the draw gives {drawn!r}"


def _version_remarks(record: Mapping[str, Any]) -> Iterator[str]:
    then = record.get("versions", {})
    for name, version in software_versions().items():
        if then.get(name) != version:
            yield f"drawn with {name} {then.get(name, 'unknown')}, verified with {version}"
