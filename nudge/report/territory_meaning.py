"""What the effect would mean for the whole territory, with its interval."""

import math
from dataclasses import dataclass

from nudge.analysis.result import CampaignResult
from nudge.campaign.governance import Economics
from nudge.french.numbers import NO_BREAK, decimal_comma, whole
from nudge.report.conclusion import Conclusion, arm_title, compares, conclusions
from nudge.report.rounding import significant
from nudge.report.wording import sentence
from nudge.report.worthwhile_effect import KG_PER_TONNE, LOST_MASS, SORTED_BINS

PRESENTED_BINS = frozenset({"bac_presente", "bac_presente_agrege"})
COUNTED_AS = {
    "bac_bien_trie": "bien triés",
    "bac_bien_trie_agrege": "bien triés",
    "bac_sans_rouge": "non rouges",
    "logement_bac_bien_trie": "sortis et bien triés",
    "bac_presente": "présentés",
    "bac_presente_agrege": "présentés",
}
ONE_BIN = (
    "Ordre de grandeur si l'effet mesuré se retrouvait à l'identique partout et durait un an, ce "
    "que l'essai ne montre pas."
)
UPPER_BOUND = (
    "Les tonnes et les euros sont un maximum : ils supposent que tout bac mal trié est refusé en "
    "entier."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TerritoryRow:
    """One quantity over the territory for one arm.

    Attributes
    ----------
    arm
        Title of the arm.
    quantity
        What is counted, with its unit, in French.
    estimate, low, high
        With improvement positive.
    """

    arm: str
    quantity: str
    estimate: float
    low: float
    high: float

    def text(self) -> str:
        """Return the estimate and its interval, rounded to two digits: an order of magnitude."""
        ends = [_rough(self.low), _rough(self.high)]
        return f"{_rough(self.estimate)} (entre {ends[0]} et {ends[1]})"


@dataclass(frozen=True, slots=True, kw_only=True)
class TerritoryMeaning:
    """The effect told for the territory.

    Attributes
    ----------
    rows
        Empty where it cannot be told.
    notes
        French sentences: what is assumed, or why nothing is told.
    """

    rows: tuple[TerritoryRow, ...]
    notes: tuple[str, ...]


def territory_meaning(result: CampaignResult) -> TerritoryMeaning:
    """Extend each arm's effect to the territory with the plan's quantities, nothing else."""
    if not compares(result):
        return _nothing(
            "Rien n'est étendu au territoire : la cause de ce qui a été observé n'est pas connue."
        )
    factors = _factors(result.primary.outcome, result.campaign.economics)
    if not factors:
        return _nothing(
            "Le plan ne donne pas les quantités du territoire (section « economie ») qui "
            "permettraient de traduire ce critère en bacs, en tonnes ou en euros."
        )
    rows = [
        TerritoryRow(
            arm=arm_title(result.campaign, one.arm),
            quantity=quantity,
            estimate=factor * one.gain,
            low=factor * one.gain_low,
            high=factor * one.gain_high,
        )
        for one in conclusions(result.primary)
        for quantity, factor in factors
    ]
    rows += _costs(result, conclusions(result.primary))
    notes = [ONE_BIN]
    if result.primary.outcome in SORTED_BINS and len(factors) > 1:
        notes.append(UPPER_BOUND)
    if any(row.low < 0 < row.high for row in rows):
        notes.append(
            "Une valeur négative est une perte : l'intervalle contient les deux, l'essai ne "
            "permet pas de trancher."
        )
    source = result.campaign.economics.source
    notes.append(sentence(f"Source des quantités : {source or 'non indiquée au plan'}"))
    return TerritoryMeaning(rows=tuple(rows), notes=tuple(notes))


def _nothing(note: str) -> TerritoryMeaning:
    return TerritoryMeaning(rows=(), notes=(note,))


def _factors(outcome: str, known: Economics) -> list[tuple[str, float]]:
    """Quantities that one unit of the outcome stands for over the territory."""
    if known.bins is None or outcome not in SORTED_BINS | LOST_MASS | PRESENTED_BINS:
        return []
    found = []
    if outcome not in LOST_MASS:
        found.append((f"bacs {COUNTED_AS[outcome]} de plus à chaque collecte", float(known.bins)))
    if outcome in PRESENTED_BINS or not (known.collections_per_year and known.kg_per_bin):
        return found
    tonnes = known.bins * known.collections_per_year * known.kg_per_bin / KG_PER_TONNE
    most = "" if outcome in LOST_MASS else "au plus, "
    found.append((f"{most}tonnes mal triées ou refusées évitées par an", tonnes))
    if known.euros_per_tonne:
        found.append((f"{most}euros de refus évités par an", tonnes * known.euros_per_tonne))
    return found


def _costs(result: CampaignResult, found: tuple[Conclusion, ...]) -> list[TerritoryRow]:
    """Cost of one more improved bin, where the cost and the effect allow it."""
    arms = {arm.identifier: arm for arm in result.campaign.nudged}
    rows = []
    for one in found:
        arm = arms.get(one.arm)
        counts_bins = result.primary.outcome in SORTED_BINS | PRESENTED_BINS
        if arm is None or not arm.cost or one.verdict != "benefit" or not counts_bins:
            continue
        rows.append(
            TerritoryRow(
                arm=arm.title,
                quantity="euros dépensés pour un bac amélioré de plus",
                estimate=arm.cost / one.gain,
                low=arm.cost / one.gain_high,
                high=arm.cost / one.gain_low,
            )
        )
    return rows


def _rough(value: float) -> str:
    if not math.isfinite(value):
        return "sans limite"
    rounded = significant(value)
    if abs(rounded) >= 10 or rounded == 0:
        return whole(rounded)
    return decimal_comma(rounded, 1 if abs(rounded) >= 1 else 2).rstrip(NO_BREAK)
