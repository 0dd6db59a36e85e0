"""Section on what the campaign can see, once the reference wave says how alike units are."""

from dataclasses import replace

import pandas as pd

from experiments.errors import InputError
from experiments.power.power_analysis import minimum_detectable_effect
from nudge.campaign.campaign import Campaign
from nudge.french.numbers import decimal_comma
from nudge.gates.effect_text import size_text
from nudge.gates.gate import GateContext
from nudge.gates.planned_trial import TARGET, detectable, planned_trial
from nudge.monitoring.monitoring_report import Section, Table

KEY, TITLE = "puissance", "Ce que la campagne peut voir"
LARGEST_ICC = 0.99


def power_section(context: GateContext) -> Section:
    """Return the correlation in the reference wave and the detectable effect that follows.

    Parameters
    ----------
    context
        Campaign with its frozen zones and the imported reference waves.
    """
    campaign, baseline = context.campaign, context.baseline
    if campaign.power is None or campaign.control is None:
        return _said("Sans groupe témoin ou section « puissance », rien à recalculer.")
    if baseline is None:
        return _said("Pas encore de vague de référence : l'hypothèse de départ reste seule.")
    try:
        effect = detectable(context).effect
        edges = [_effect_at(context, icc) for icc in (baseline.icc.ci_low, baseline.icc.ci_high)]
    except (InputError, ValueError) as error:
        return _said(f"L'effet détectable ne se calcule pas ({error}).")
    icc = baseline.icc
    rows = [
        ("Corrélation intra-zone observée", _icc(icc.estimate), _size(effect, campaign)),
        ("Bas de son intervalle à 95 %", _icc(icc.ci_low), _size(edges[0], campaign)),
        ("Haut de son intervalle à 95 %", _icc(icc.ci_high), _size(edges[1], campaign)),
    ]
    acknowledged = campaign.power.acknowledged
    if acknowledged is not None:
        rows.append(("Acceptée au départ", _icc(campaign.power.icc), _size(acknowledged, campaign)))
    frame = pd.DataFrame(rows, columns=["Hypothèse", "Corrélation", "Effet détectable"])
    return Section(
        key=KEY,
        title=TITLE,
        sentences=_sentences(effect, acknowledged, campaign),
        tables=(
            Table(
                caption="Plus petit effet détectable à 80 %, selon la corrélation entre unités "
                "d'une même zone",
                frame=frame,
                shows={},
            ),
        ),
    )


def with_frozen_zones(context: GateContext, zones: pd.DataFrame) -> GateContext:
    """Return the context with the zones of the lock, whatever the territory has become."""
    return replace(context, zones=zones) if len(zones) else context


def _effect_at(context: GateContext, icc: float) -> float | None:
    design = planned_trial(context).vary(icc=min(icc, LARGEST_ICC))
    higher = context.campaign.outcomes[0].higher_is_better
    found = minimum_detectable_effect(
        design, target=TARGET, direction="increase" if higher else "decrease"
    )
    return None if found.solution is None else abs(found.solution)


def _sentences(
    effect: float | None, acknowledged: float | None, campaign: Campaign
) -> tuple[str, ...]:
    if effect is None:
        return ("Avec la corrélation observée, aucun effet possible n'est détectable à 80 %.",)
    now = f"Avec la corrélation, les effectifs et les zones observés : {_size(effect, campaign)}."
    if acknowledged is None:
        return (now,)
    words = "plus petit que" if effect <= acknowledged else "plus grand que"
    return (
        now,
        f"C'est {words} l'effet accepté au départ ({_size(acknowledged, campaign)}). Le plan "
        "verrouillé ne change pas pour autant.",
    )


def _icc(value: float) -> str:
    return decimal_comma(value, 3)


def _size(effect: float | None, campaign: Campaign) -> str:
    return "aucun" if effect is None else size_text(effect, campaign.outcomes[0])


def _said(sentence: str) -> Section:
    return Section(key=KEY, title=TITLE, sentences=(sentence,))
