"""The smallest effect that would be worth it, from the plan's own figures."""

from dataclasses import dataclass

from nudge.campaign.arm import Arm
from nudge.campaign.campaign import Campaign
from nudge.french.numbers import decimal_comma
from nudge.outcomes.catalogue import OUTCOMES
from nudge.report.wording import sentence, size_text

KG_PER_TONNE = 1_000
# Outcomes that count bins, one a dwelling, so that a share of them has a mass.
SORTED_BINS = frozenset(
    {"bac_bien_trie", "bac_bien_trie_agrege", "bac_sans_rouge", "logement_bac_bien_trie"}
)
# Outcomes that are themselves shares of the mass collected.
LOST_MASS = frozenset({"part_indesirables", "taux_refus"})


@dataclass(frozen=True, slots=True, kw_only=True)
class WorthwhileEffect:
    """Smallest improvement that would be worth its cost, or else the one that was hoped for.

    Attributes
    ----------
    size
        In the outcome's unit, improvement positive.
    why
        French sentence on where it comes from.
    """

    size: float
    why: str


def worthwhile_effect(campaign: Campaign, arm: Arm) -> WorthwhileEffect | None:
    """Return the effect at which an arm pays for itself, else the plan's plausible effect.

    The break-even needs the arm's cost a dwelling and the quantities of ``economie``; it takes one
    bin a dwelling, an effect that lasts one year, and every badly sorted bin as refused whole, so
    it is the most favourable case. None where the plan gives neither.
    """
    even = _break_even(campaign, arm)
    if even is not None:
        return even
    hoped = campaign.power.plausible if campaign.power else None
    if not hoped:
        return None
    outcome = OUTCOMES[campaign.primary]
    return WorthwhileEffect(
        size=abs(hoped), why=f"effet espéré, inscrit au plan : {size_text(outcome, hoped)}."
    )


def _break_even(campaign: Campaign, arm: Arm) -> WorthwhileEffect | None:
    known = campaign.economics
    if campaign.primary not in SORTED_BINS | LOST_MASS:
        return None
    if not arm.cost or not (
        known.collections_per_year and known.kg_per_bin and known.euros_per_tonne
    ):
        return None
    euros = known.collections_per_year * known.kg_per_bin / KG_PER_TONNE * known.euros_per_tonne
    size = arm.cost / euros
    outcome = OUTCOMES[campaign.primary]
    return WorthwhileEffect(
        size=size,
        why=sentence(
            f"seuil de rentabilité au mieux : {size_text(outcome, size)}, soit un coût de "
            f"{decimal_comma(arm.cost, 2)} € par logement face à au plus "
            f"{decimal_comma(euros, 2)} € par bac et par an"
        ),
    )
