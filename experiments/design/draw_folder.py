"""A draw on disk: six files in a folder that is written whole or not at all."""

import csv
import io
import platform
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import scipy

from experiments.design import allocation_set
from experiments.design.allocation_report import render_allocation_report
from experiments.design.draw import Draw
from experiments.errors import InputError

DESIGN_FILE = "design.yaml"
CLUSTERS_FILE = "clusters.csv"
ALLOCATION_FILE = "allocation.csv"
SET_FILE = "allocations.npz"
BALANCE_FILE = "balance.csv"
REPORT_FILE = "report.html"
ALLOCATION_COLUMNS = ("cluster", "arm", "stratum", "unit", "status")


def write_draw(drawn: Draw, folder: Path) -> tuple[Path, ...]:
    """Write a draw.

    Parameters
    ----------
    drawn : Draw
        What to write.
    folder : Path
        New or empty folder. A draw is never written over another: to draw again until the
        result pleases would void the test.

    Returns
    -------
    tuple of Path
        The files written.

    Raises
    ------
    InputError
        The folder holds something, or cannot be written.
    """
    contents: dict[str, bytes] = {
        DESIGN_FILE: drawn.design.to_yaml().encode(),
        CLUSTERS_FILE: drawn.clusters.to_csv().encode(),
        ALLOCATION_FILE: allocation_csv(drawn).encode(),
        BALANCE_FILE: drawn.balance.to_csv().encode(),
        REPORT_FILE: render_allocation_report(drawn).encode(),
    }
    building: Path | None = None
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise InputError(
                f"{folder}: already exists: a draw is not written over; name a new folder"
            )
        folder.parent.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        for name, content in contents.items():
            (building / name).write_bytes(content)
        allocation_set.save(drawn.allocation_set, building / SET_FILE, record=draw_record(drawn))
        # A temporary folder is private to its maker; what replaces it follows the umask.
        building.chmod(0o755)
        if folder.exists():
            folder.rmdir()
        building.rename(folder)
    except OSError as error:
        raise InputError(f"{folder}: {error.strerror}") from None
    finally:
        if building is not None:
            shutil.rmtree(building, ignore_errors=True)
    return tuple(sorted(folder.iterdir()))


def allocation_csv(drawn: Draw) -> str:
    """Arm of every cluster as CSV; clusters left out as buffers have no arm."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(ALLOCATION_COLUMNS)
    arms = drawn.allocation
    declared = drawn.declared
    place = {label: row for row, label in enumerate(declared.frame.labels)}
    for label in drawn.clusters.labels:
        if label in place:
            row = place[label]
            cells = [arms[label], declared.strata[row], declared.units[row], "randomised"]
        else:
            cells = ["", "", "", "left out as a buffer"]
        writer.writerow([label, *cells])
    return buffer.getvalue()


def draw_record(drawn: Draw) -> dict[str, Any]:
    """What verification compares a folder with, as JSON values."""
    return {
        "design": drawn.design.model_dump(mode="json", exclude_none=True),
        "clusters": {name: list(values) for name, values in drawn.clusters.columns.items()},
        "seed": drawn.design.seed,
        "index": drawn.index,
        "fingerprint": drawn.fingerprint,
        "versions": software_versions(),
    }


def software_versions() -> dict[str, str]:
    """Versions of what random numbers and optimal matchings depend on."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
    }
