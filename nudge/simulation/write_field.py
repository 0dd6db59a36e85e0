"""Writing a simulated field as the files that a real field would send in."""

import json
from pathlib import Path

import pandas as pd

from nudge.simulation.simulate import SimulatedField
from nudge.simulation.truth import Truth
from nudge.simulation.truth_file import TRUTH_FILE, truth_to_yaml

RECORD_FILE = "verite.json"


def write_field(field: SimulatedField, truth: Truth, folder: Path) -> dict[str, Path]:
    """Write one CSV an instrument, the truth and its record; return the CSV files by instrument.

    Each file is written whole or not at all. An instrument without a row has no file: one that
    an earlier simulation left is taken away.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for name, frame in field.frames.items():
        path = folder / f"{name}.csv"
        if frame.empty:
            path.unlink(missing_ok=True)
            continue
        _replace(path, field_csv(frame))
        files[name] = path
    _replace(folder / TRUTH_FILE, truth_to_yaml(truth))
    record = json.dumps(field.truth_record, ensure_ascii=False, indent=2, allow_nan=False)
    _replace(folder / RECORD_FILE, record + "\n")
    return files


def field_csv(frame: pd.DataFrame) -> str:
    """Return a table as a field file: comma, ISO dates, ``oui`` and ``non``, empty cells."""
    shown = frame.copy(deep=False)
    for name in shown.columns:
        if pd.api.types.is_bool_dtype(shown[name]):
            shown[name] = shown[name].map({True: "oui", False: "non"})
        elif pd.api.types.is_datetime64_any_dtype(shown[name]):
            shown[name] = shown[name].dt.strftime("%Y-%m-%d")
    text: str = shown.to_csv(index=False, lineterminator="\n")
    return text


def _replace(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.tmp")
    draft.write_text(text, encoding="utf-8", newline="\n")
    draft.replace(path)
