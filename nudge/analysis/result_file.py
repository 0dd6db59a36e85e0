"""A campaign's result as JSON that reads back as it was: frames, arrays, dates and tuples."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from experiments.analysis.effect_estimate import EffectEstimate
from experiments.analysis.equivalence import EquivalenceTest
from experiments.analysis.heterogeneity import Heterogeneity, SubgroupEffect
from experiments.analysis.leave_one_out import LeaveOneOut
from experiments.analysis.sample_ratio import SampleRatio
from nudge.analysis.result import (
    ArmLevel,
    BeforeAfter,
    CampaignResult,
    Deviation,
    ExposedNeighbours,
    FlowRow,
    OutcomeResult,
)
from nudge.campaign.campaign import Campaign
from nudge.campaign.load import campaign_from_fields
from nudge.errors import CampaignError, Problem, os_reason

VERSION = 1
TYPE, VALUE = "$type", "valeur"
AGAIN = "relancer « pouce campaign analyse »"
PARTS: MappingProxyType[str, type] = MappingProxyType(
    {
        part.__name__: part
        for part in (
            ArmLevel, BeforeAfter, CampaignResult, Deviation, EffectEstimate, EquivalenceTest,
            ExposedNeighbours, FlowRow, Heterogeneity, LeaveOneOut, OutcomeResult, Problem,
            SampleRatio, SubgroupEffect,
        )
    }
)  # fmt: skip


def save_result(result: CampaignResult, path: Path) -> None:
    """Write a result, whole or not at all.

    Raises
    ------
    CampaignError
        The file cannot be written.
    TypeError
        A part holds something that this format does not know.
    """
    content = {"version": VERSION, "resultat": encode(result)}
    text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(f"{text}\n", encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise CampaignError(
            Problem(place=str(path), what=f"fichier impossible à écrire ({os_reason(error)})",
                    mend="vérifier le dossier et les droits")
        ) from None  # fmt: skip


def load_result(path: Path) -> CampaignResult:
    """Read what :func:`save_result` wrote.

    Raises
    ------
    CampaignError
        No such file, no result in it, or one of another version.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CampaignError(
            Problem(place=str(path), what="résultat absent",
                    mend="lancer d'abord « pouce campaign analyse »")
        ) from None  # fmt: skip
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise CampaignError(
            Problem(place=str(path), what=f"fichier illisible ({error})", mend=AGAIN)
        ) from None
    version = content.get("version") if isinstance(content, dict) else None
    if version != VERSION:
        raise CampaignError(
            Problem(place=str(path), what=f"format de résultat inconnu (version {version})",
                    mend=AGAIN)
        )  # fmt: skip
    try:
        found = decode(content["resultat"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CampaignError(
            Problem(place=str(path), what=f"résultat abîmé ({error})", mend=AGAIN)
        ) from None
    if not isinstance(found, CampaignResult):
        raise CampaignError(Problem(place=str(path), what="pas un résultat", mend=AGAIN))
    return found


def encode(value: Any) -> Any:
    """Return a value as JSON can hold it, what JSON lacks being tagged with its type.

    Raises
    ------
    TypeError
        A type that this format does not know.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float | np.floating):
        return _float(float(value))
    for kind, turn in _ENCODERS:
        if isinstance(value, kind):
            return turn(value)
    name = type(value).__name__
    if is_dataclass(value) and PARTS.get(name) is type(value):
        inside = {field.name: encode(getattr(value, field.name)) for field in fields(value)}
        return {TYPE: name, VALUE: inside}
    message = f"{name}: no place in a result file"
    raise TypeError(message)


def decode(value: Any) -> Any:
    """Return the value that :func:`encode` was given.

    Raises
    ------
    KeyError, TypeError, ValueError
        What no :func:`encode` wrote.
    """
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    if TYPE not in value:
        return {key: decode(item) for key, item in value.items()}
    name, inside = value[TYPE], value[VALUE]
    if name in PARTS:
        return PARTS[name](**{key: decode(item) for key, item in inside.items()})
    return _DECODERS[name](inside)


def _float(value: float) -> Any:
    return value if np.isfinite(value) else _tagged("float", str(value))


def _tagged(name: str, value: Any) -> dict[str, Any]:
    return {TYPE: name, VALUE: value}


def _mapping(value: dict[Any, Any]) -> dict[str, Any]:
    if all(isinstance(key, str) for key in value) and TYPE not in value:
        return {key: encode(item) for key, item in value.items()}
    return _tagged("dict", [[encode(key), encode(item)] for key, item in value.items()])


def _array(value: "np.ndarray[Any, Any]") -> dict[str, Any]:
    items = [encode(item) for item in value.ravel().tolist()]
    return _tagged("array", {"dtype": str(value.dtype), "shape": list(value.shape), "items": items})


def _array_back(told: dict[str, Any]) -> "np.ndarray[Any, Any]":
    items = [decode(item) for item in told["items"]]
    return np.array(items, dtype=told["dtype"]).reshape(told["shape"])


def _frame(frame: pd.DataFrame) -> dict[str, Any]:
    columns = [
        {"nom": encode(name), "dtype": str(column.dtype), "valeurs": _cells(column)}
        for name, column in frame.items()
    ]
    plain = frame.index.equals(pd.RangeIndex(len(frame))) and frame.index.name is None
    index = None if plain else _cells(frame.index.to_series())
    return _tagged("frame", {"lignes": len(frame), "colonnes": columns, "index": index,
                             "nom_index": encode(frame.index.name)})  # fmt: skip


def _cells(column: pd.Series) -> list[Any]:
    if pd.api.types.is_datetime64_any_dtype(column):
        return [None if pd.isna(cell) else cell.isoformat() for cell in column]
    return [None if cell is pd.NA else encode(cell) for cell in column.tolist()]


def _frame_back(told: dict[str, Any]) -> pd.DataFrame:
    index = told["index"]
    kept = pd.RangeIndex(told["lignes"]) if index is None else pd.Index(decode(index))
    columns = {
        decode(one["nom"]): pd.Series(decode(one["valeurs"]), index=kept, dtype=one["dtype"])
        for one in told["colonnes"]
    }
    frame = pd.DataFrame(columns, index=kept)
    frame.index.name = decode(told["nom_index"])
    return frame


def _campaign(campaign: Campaign) -> dict[str, Any]:
    return _tagged("Campaign", campaign.model_dump(mode="json", by_alias=True))


_ENCODERS: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (np.bool_, bool),
    (np.integer, int),
    (np.ndarray, _array),
    (pd.DataFrame, _frame),
    (Campaign, _campaign),
    (datetime, lambda value: _tagged("datetime", value.isoformat())),
    (date, lambda value: _tagged("date", value.isoformat())),
    (tuple, lambda value: _tagged("tuple", [encode(item) for item in value])),
    (list, lambda value: [encode(item) for item in value]),
    (dict, _mapping),
)
_DECODERS: MappingProxyType[str, Callable[[Any], Any]] = MappingProxyType(
    {
        "float": float,
        "array": _array_back,
        "frame": _frame_back,
        "Campaign": lambda told: campaign_from_fields(told, source="resultat.json"),
        "date": date.fromisoformat,
        "datetime": datetime.fromisoformat,
        "tuple": lambda told: tuple(decode(item) for item in told),
        "dict": lambda told: {decode(key): decode(item) for key, item in told},
    }
)
