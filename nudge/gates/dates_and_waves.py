"""Gate: measurements are placed so that the comparison means something."""

from collections.abc import Sequence
from itertools import pairwise

from nudge.campaign.campaign import Campaign
from nudge.campaign.wave import Wave
from nudge.errors import Problem
from nudge.french.numbers import count, date_fr
from nudge.gates.gate import GateContext, GateResult, reason

# Months in which the population of the coast multiplies: before/after across them is void.
HIGH_SEASON = frozenset({7, 8})
FEWEST_WAVES_A_SIDE = 2
UNCONTROLLED = frozenset({"avant_apres", "descriptive"})


def check(context: GateContext) -> GateResult:
    """Refuse plans whose waves cannot answer the question, whatever their outcome."""
    campaign = context.campaign
    reasons = _overlaps(campaign.waves)
    warnings: list[str] = []
    if campaign.conception == "avant_apres":
        reasons += _before_after(campaign)
    elif campaign.conception == "appariee_non_randomisee" and not campaign.baseline_waves:
        reasons.append(
            reason(
                "sans tirage, les groupes ne se comparent qu'en évolution : il faut une vague de "
                "référence",
                "ajouter une vague de type reference avant le début",
                field="vagues",
            )
        )
    elif not campaign.baseline_waves and campaign.conception == "randomisee":
        warnings.append(
            "Aucune vague de référence : le niveau de départ ne pourra ni réduire l'effet "
            "détectable, ni montrer que les groupes partaient du même point."
        )
    if len(campaign.follow_up_waves) == 1 and campaign.analysis.decay:
        warnings.append("Une seule vague de suivi : la durée de l'effet restera inconnue.")
    facts = [
        f"{count(len(campaign.baseline_waves), 'vague de référence', 'vagues de référence')}, "
        f"{count(len(campaign.follow_up_waves), 'vague de suivi', 'vagues de suivi')} ; messages "
        f"du {date_fr(campaign.start)} au {date_fr(campaign.end)}."
    ]
    if campaign.conception not in UNCONTROLLED:
        facts.append("Le groupe témoin est mesuré aux mêmes vagues que les autres.")
    return GateResult(
        name="dates_and_waves", title="Dates et vagues", reasons=tuple(reasons),
        facts=tuple(facts), warnings=tuple(warnings),
    )  # fmt: skip


def _overlaps(waves: Sequence[Wave]) -> list[Problem]:
    ordered = sorted(waves, key=lambda wave: wave.start)
    return [
        reason(
            f"« {second.name} » commence avant la fin de « {first.name} »",
            "séparer les dates : une mesure appartient à une vague et une seule",
            field="vagues",
        )
        for first, second in pairwise(ordered)
        if second.start <= first.end
    ]


def _before_after(campaign: Campaign) -> list[Problem]:
    problems = []
    for waves, kind in (
        (campaign.baseline_waves, "référence"),
        (campaign.follow_up_waves, "suivi"),
    ):
        if len(waves) < FEWEST_WAVES_A_SIDE:
            problems.append(
                reason(
                    f"{count(len(waves), 'vague')} de {kind} : un avant-après sans témoin en "
                    f"demande {FEWEST_WAVES_A_SIDE} de chaque côté",
                    f"ajouter une vague de {kind}, ou tirer un groupe témoin au sort",
                    field="vagues",
                )
            )
    before = {_in_season(wave) for wave in campaign.baseline_waves}
    after = {_in_season(wave) for wave in campaign.follow_up_waves}
    if before and after and before != after:
        problems.append(
            reason(
                "les mesures d'avant et d'après ne tombent pas dans la même saison : la population "
                "change en juillet et août, l'écart ne dirait rien du nudge",
                "mesurer un groupe témoin aux mêmes dates, ou rester du même côté de l'été",
                field="vagues",
            )
        )
    return problems


def _in_season(wave: Wave) -> bool:
    """Whether a wave touches the months of high season."""
    months = range(12 * wave.start.year + wave.start.month - 1, 12 * wave.end.year + wave.end.month)
    return any(month % 12 + 1 in HIGH_SEASON for month in months)
