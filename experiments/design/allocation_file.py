"""The file of an allocation set: one compressed NumPy archive, equal sets giving equal bytes."""

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import numpy.typing as npt

from experiments.design.adjacency import ContactRestriction
from experiments.design.allocation_space import AllocationSpace
from experiments.design.constrained_randomisation import BalanceRestriction
from experiments.design.randomisation import RandomisationScheme
from experiments.errors import InputError

FORMAT = 1


class SetFields(TypedDict):
    """Fields of :class:`experiments.design.allocation_set.AllocationSet`."""

    clusters: tuple[str, ...]
    arms: tuple[str, ...]
    allocations: npt.NDArray[np.int8]
    enumerated: bool
    size: float
    space: AllocationSpace | None


def pack_set(fields: SetFields, *, record: Mapping[str, Any] | None = None) -> bytes:
    """The archive of a set: rows, labels and, where known, the rules behind them.

    Parameters
    ----------
    fields : SetFields
        What to store.
    record : mapping, optional
        Facts about the draw, such as its seed, as JSON values; :func:`load_record` reads them.
    """
    header: dict[str, Any] = {
        "format": FORMAT,
        "clusters": fields["clusters"],
        "arms": fields["arms"],
        "enumerated": fields["enumerated"],
        "size": fields["size"],
    }
    arrays: dict[str, npt.NDArray[Any]] = {"allocations": fields["allocations"]}
    space = fields["space"]
    if space is not None:
        header["arm_counts"] = space.scheme.arm_counts
        header["units_per_arm"] = space.units_per_arm
        arrays["stratum_codes"] = space.scheme.stratum_codes
        arrays["unit_of_cluster"] = space.unit_of_cluster
        if space.balance is not None:
            header["balance"] = {
                "score": space.balance.score,
                "threshold": space.balance.threshold,
            }
            arrays["covariates"] = space.balance.covariates
        if space.contacts is not None:
            header["max_contacts"] = space.contacts.max_contacts
            arrays["edges"] = space.contacts.edges
    if record is not None:
        header["record"] = record
    arrays["header"] = np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def unpack_set(path: Path) -> SetFields:
    """Fields of a set stored by :func:`pack_set`.

    Raises
    ------
    InputError
        No such file, or not an allocation set.
    """
    header, arrays = _read(path)
    try:
        return SetFields(
            clusters=tuple(header["clusters"]),
            arms=tuple(header["arms"]),
            allocations=arrays["allocations"],
            enumerated=header["enumerated"],
            size=header["size"],
            space=_space(header, arrays) if "arm_counts" in header else None,
        )
    except (KeyError, TypeError):
        raise InputError(f"{path}: not a whole allocation set: draw it again") from None


def load_record(path: Path) -> dict[str, Any]:
    """Facts about the draw that were stored with a set.

    Raises
    ------
    InputError
        No such file, not an allocation set, or one stored without its draw.
    """
    header = _read(path)[0]
    if not isinstance(header.get("record"), dict):
        raise InputError(f"{path}: the set was stored without its draw: draw it again")
    record: dict[str, Any] = header["record"]
    return record


def _read(path: Path) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        header: dict[str, Any] = json.loads(arrays["header"].tobytes())
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None
    except (KeyError, TypeError, EOFError, ValueError, zipfile.BadZipFile, zlib.error):
        raise InputError(f"{path}: not an allocation set: draw it again") from None
    if header.get("format") != FORMAT:
        raise InputError(f"{path}: unknown format: draw it again with this version")
    return header, arrays


def _space(header: dict[str, Any], arrays: dict[str, npt.NDArray[Any]]) -> AllocationSpace:
    balance = contacts = None
    if "balance" in header:
        balance = BalanceRestriction(covariates=arrays["covariates"], **header["balance"])
    if "max_contacts" in header:
        contacts = ContactRestriction(edges=arrays["edges"], max_contacts=header["max_contacts"])
    counts = tuple(tuple(tuple(counts) for counts in options) for options in header["arm_counts"])
    return AllocationSpace(
        clusters=tuple(header["clusters"]),
        arms=tuple(header["arms"]),
        scheme=RandomisationScheme(stratum_codes=arrays["stratum_codes"], arm_counts=counts),
        unit_of_cluster=arrays["unit_of_cluster"],
        balance=balance,
        contacts=contacts,
        units_per_arm=tuple(header["units_per_arm"]) if header["units_per_arm"] else None,
    )
