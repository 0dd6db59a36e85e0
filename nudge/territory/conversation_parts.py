"""Parts of the conversations with Sophie, drawn into arms as zones are.

A conversation has no place that is always known. Conversations are therefore shared among a fixed
number of parts by a salted hash, and the parts are drawn: the lock, the published draw, its
verification and the analysis are those of any other campaign, a part being a cluster. Kohavi,
Tang & Xu (2020), *Trustworthy Online Controlled Experiments*, chapter 4.
"""

import hashlib

import pandas as pd

PARTS = 200
_NAMES = tuple(f"conversation-{number:03d}" for number in range(1, PARTS + 1))
_POINTS = 2**64


def conversation_parts() -> pd.DataFrame:
    """Return the parts as units of a territory without dwellings, one row each."""
    frame = pd.DataFrame({"zone_id": pd.Series(_NAMES, dtype="str")})
    frame["nom"] = frame["zone_id"].str.replace("conversation-", "Conversations, tranche n° ")
    for column in ("code_insee", "tournee_id"):
        frame[column] = pd.Series(pd.NA, index=frame.index, dtype="str")
    for column in ("latitude", "longitude"):
        frame[column] = float("nan")
    return frame.assign(
        type_habitat="non_residentiel", n_logements=0, n_residences_secondaires=0, n_zones=1
    )


def part_of(conversation: str, *, salt: str) -> str:
    """Return the part of a conversation: the same for the same salt, on every machine.

    Parameters
    ----------
    conversation
        Pseudonym.
    salt
        Text that makes the parts of one campaign its own.
    """
    digest = hashlib.sha256(f"{salt}:{conversation}".encode()).digest()
    return _NAMES[int.from_bytes(digest[:8]) * PARTS // _POINTS]
