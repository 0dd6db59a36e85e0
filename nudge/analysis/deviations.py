"""Departures from the locked plan that the data show, and amendments that were declared."""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from experiments.analysis.sample_ratio import SampleRatio
from nudge.analysis.result import Deviation
from nudge.campaign.campaign import Campaign
from nudge.french.numbers import and_list, count, percent

# Above these shares the comparison is no longer the one that was planned.
SERIOUS_LOSS = 0.10
SERIOUS_MIXING = 0.05
# How the deviation of a campaign that its team closed before its last wave begins.
CLOSED_EARLY = "Campagne close avant sa dernière vague"


def deviations(
    campaign: Campaign,
    *,
    arms: Mapping[str, str],
    measured: Sequence[str],
    waves: Sequence[str],
    delivered: pd.DataFrame,
    sample_ratio: SampleRatio | None,
    amendments: Sequence[tuple[int, str, bool]],
    declared: Sequence[tuple[str, bool]],
    early: bool,
) -> tuple[Deviation, ...]:
    """List amendments first, then what the machine saw.

    Parameters
    ----------
    arms
        Zone to arm.
    measured
        Zones with a follow-up of the primary outcome.
    waves
        Waves in which the primary outcome was measured at all.
    delivered
        Deliveries (instrument ``distribution``), empty where none were entered.
    sample_ratio
        Check on the numbers of zones.
    amendments
        Number, reason, and whether it touches what was drawn or the primary outcome.
    declared
        Departures noted by the team, with their seriousness.
    early
        Whether the analysis came before the end of the last wave.
    """
    return (
        *(
            Deviation(kind="amendement", text=f"Avenant n° {number} : {reason}", serious=serious)
            for number, reason, serious in amendments
        ),
        *(Deviation(kind="ecart", text=text, serious=serious) for text, serious in declared),
        *_lost_zones(campaign, arms, set(measured)),
        *_missing_waves(campaign, waves),
        *_mixing(arms, delivered),
        *_sample_ratio(sample_ratio),
        *_early(early=early),
    )


def _lost_zones(
    campaign: Campaign, arms: Mapping[str, str], measured: set[str]
) -> Iterator[Deviation]:
    for arm in campaign.arms:
        zones = [zone for zone, of in arms.items() if of == arm.identifier]
        lost = [zone for zone in zones if zone not in measured]
        if lost:
            share = len(lost) / len(zones)
            yield Deviation(
                kind="ecart",
                text=(
                    f"{count(len(lost), 'zone perdue', 'zones perdues')} sur {len(zones)} dans le "
                    f"groupe « {arm.title} » ({percent(share)})."
                ),
                serious=share > SERIOUS_LOSS,
            )


def _missing_waves(campaign: Campaign, waves: Sequence[str]) -> Iterator[Deviation]:
    for kind, title, planned in (
        ("reference", "référence", campaign.baseline_waves),
        ("suivi", "suivi", campaign.follow_up_waves),
    ):
        absent = [f"« {wave.name} »" for wave in planned if wave.name not in waves]
        if absent:
            yield Deviation(
                kind="ecart",
                text=f"Vague de {title} prévue et non mesurée : {and_list(absent)}.",
                serious=kind == "suivi" and len(absent) == len(planned),
            )


def _mixing(arms: Mapping[str, str], delivered: pd.DataFrame) -> Iterator[Deviation]:
    done = delivered[delivered["remis"].astype(bool)] if len(delivered) else delivered
    if not len(done):
        return
    wrong = done["zone_id"].map(arms) != done["bras"]
    if wrong.any():
        share = float(wrong.mean())
        yield Deviation(
            kind="ecart",
            text=(
                f"{count(int(wrong.sum()), 'message remis', 'messages remis')} dans une zone d'un "
                f"autre groupe ({percent(share, 1)} des remises)."
            ),
            serious=share > SERIOUS_MIXING,
        )


def _sample_ratio(found: SampleRatio | None) -> Iterator[Deviation]:
    if found is not None and found.verdict == "suspect":
        yield Deviation(
            kind="ecart",
            text=(
                "Le nombre de zones par groupe n'est pas celui que le tirage devait donner "
                f"({and_list([str(number) for number in found.clusters])})."
            ),
            serious=True,
        )


def _early(*, early: bool) -> Iterator[Deviation]:
    if early:
        yield Deviation(
            kind="ecart",
            text="Analyse faite avant la fin de la dernière vague de suivi.",
            serious=True,
        )
