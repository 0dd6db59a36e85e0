"""What a gate looks at and what it answers."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from nudge.campaign.campaign import Campaign
from nudge.errors import Problem
from nudge.territory.territory import Territory

if TYPE_CHECKING:
    # Sophie's service reads what a message template is: it should not load statistics for that.
    import pandas as pd

    from experiments.power.baseline_data import BaselineEstimates

CAMPAIGN_FILE = "campagne.yaml"
Stage = Literal["plan", "launch"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherCampaign:
    """Another campaign that is locked or running.

    Attributes
    ----------
    identifier, title
        Of its file.
    start, end
        First and last day of its messages.
    doses
        Most messages that one of its arms gives to a dwelling.
    places
        Identifiers of the territory's zones that it covers.
    """

    identifier: str
    title: str
    start: date
    end: date
    doses: int
    places: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateContext:
    """All that gates may look at; gates read neither files nor the store.

    Attributes
    ----------
    campaign
        The campaign examined.
    territory
        Zones, neighbours and communes.
    eligible
        Units that meet the rules, columns of :func:`nudge.territory.nesting.clusters_of`.
    zones
        Units that take part: all eligible ones, or a sample of them.
    neighbours
        Columns ``zone_id`` and ``voisin_id``, pairs of ``zones`` that neighbour each other.
    reference_level
        Level of the primary outcome in the imported reference waves, by zone; empty where
        nothing is imported.
    baseline
        What the imported reference waves say of variances; None without them.
    consents, deliveries
        Rows of the instruments ``consentement`` and ``distribution``.
    others
        Other campaigns that are locked or running.
    today
        Day of the examination.
    stage
        ``"plan"`` before the lock; ``"launch"`` before the draw, when reference waves and
        consents have been imported.
    """

    campaign: Campaign
    territory: Territory
    eligible: "pd.DataFrame"
    zones: "pd.DataFrame"
    neighbours: "pd.DataFrame"
    reference_level: "pd.Series"
    baseline: "BaselineEstimates | None"
    consents: "pd.DataFrame"
    deliveries: "pd.DataFrame"
    others: tuple[OtherCampaign, ...]
    today: date
    stage: Stage = "plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class GateResult:
    """Answer of one gate; all texts in French.

    Attributes
    ----------
    name, title
        Name in code and French title.
    reasons
        Why the gate is shut, each with its mend; empty when it is open.
    facts
        What was found and the reader should know.
    warnings
        What does not shut the gate but weakens the campaign.
    """

    name: str
    title: str
    reasons: tuple[Problem, ...] = ()
    facts: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether nothing stands against the campaign here."""
        return not self.reasons


def reason(what: str, mend: str, *, field: str = "") -> Problem:
    """Return a reason that concerns a field of the campaign file."""
    return Problem(place=CAMPAIGN_FILE, column=field, what=what, mend=mend)
