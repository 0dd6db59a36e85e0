"""Evidence grade of a campaign, from its design and what happened to it."""

from collections.abc import Sequence

from nudge.analysis.result import Deviation, Grade
from nudge.campaign.campaign import Campaign


def evidence_grade(
    campaign: Campaign, *, locked: bool, estimated: bool, deviations: Sequence[Deviation]
) -> tuple[Grade, tuple[str, ...]]:
    """Grade the evidence and say why, in French.

    A: zones drawn at random, plan locked and followed. B: drawn with a serious departure, or a
    matched comparison with a control group and a reference. C: before and after without a control
    group. D: description.

    Parameters
    ----------
    locked
        Whether the plan was locked before the follow-up.
    estimated
        Whether the planned estimator could be computed.
    deviations
        Departures from the plan.
    """
    if campaign.conception == "avant_apres":
        return "C", (
            "Comparaison avant/après, sans groupe témoin : l'évolution observée peut venir de la "
            "saison, du public ou d'une autre action.",
            "Aucune conclusion sur la cause n'est possible.",
        )
    if campaign.conception == "descriptive" or not estimated:
        return "D", (
            "Description seulement : aucune comparaison ne permet d'attribuer une différence.",
        )
    if campaign.conception == "appariee_non_randomisee":
        if not campaign.baseline_waves:
            return "D", (
                "Groupes choisis sans tirage au sort et sans mesure de référence : leurs "
                "différences d'avant la campagne ne se distinguent pas de son effet.",
            )
        return "B", (
            "Groupe témoin choisi et non tiré au sort, avec une mesure de référence : une "
            "différence d'évolution reste possible pour une autre raison.",
        )
    serious = [one.text for one in deviations if one.serious]
    if not locked:
        serious.insert(0, "Le plan n'a pas été verrouillé avant les mesures de suivi.")
    if serious:
        return "B", ("Zones tirées au sort, mais avec des écarts sérieux au plan.", *serious)
    return "A", (
        "Zones tirées au sort, plan verrouillé avant le tirage et suivi jusqu'au bout.",
        "Les groupes ne diffèrent donc, au hasard près, que par le message reçu.",
    )
