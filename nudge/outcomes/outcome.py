"""One outcome: what is counted, from which instrument, in which family and direction."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import pandas as pd

Family = Literal["qualite", "participation", "quantite", "incivilites", "sensibilisation"]
Kind = Literal["binary", "continuous", "count"]

FAMILY_TITLES: dict[Family, str] = {
    "qualite": "qualité du tri",
    "participation": "participation",
    "quantite": "quantités",
    "incivilites": "incivilités",
    "sensibilisation": "sensibilisation",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a campaign may declare as an outcome.

    Attributes
    ----------
    name
        Identifier in campaign files.
    label
        French label, such as ``bacs bien triés``.
    family
        Outcome family; families are never pooled.
    instrument
        Field instrument that is read, as named in :mod:`nudge.instruments.catalogue`.
    kind
        ``"binary"`` values are 0 or 1, ``"count"`` values whole and not negative.
    unit
        Unit of a continuous value; empty for shares.
    counted, counted_plural
        What one row is, such as ``bac contrôlé``, ``bacs contrôlés``.
    happens, happens_plural
        For binary outcomes, what a 1 means, such as ``est bien trié``, ``sont bien triés``.
    higher_is_better
        Direction of improvement.
    caution
        What a reader must know about this measure; empty where there is nothing.
    values
        Function from the instrument's observations to one row a unit: columns ``zone_id``,
        ``vague``, ``foyer_id`` (None where the instrument has none) and ``y``.
    """

    name: str
    label: str
    family: Family
    instrument: str
    kind: Kind
    counted: str
    counted_plural: str
    values: Callable[[pd.DataFrame], pd.DataFrame]
    unit: str = ""
    happens: str = ""
    happens_plural: str = ""
    higher_is_better: bool = True
    caution: str = ""

    @property
    def is_share(self) -> bool:
        """Whether values are shares in [0, 1], shown in points."""
        return self.kind == "binary" or self.unit == ""
