"""The portfolio as one French page: what campaigns say together, family by family."""

import math
from collections.abc import Sequence

import pandas as pd
from jinja2 import ChoiceLoader, PackageLoader

from nudge.analysis.result import CampaignResult
from nudge.french.numbers import count, percent
from nudge.levers.anchors import ACADEMIC_JOURNALS, ANCHOR_CAUTION, ANCHOR_SOURCE, NUDGE_UNITS
from nudge.outcomes.catalogue import OUTCOMES
from nudge.outcomes.outcome import FAMILY_TITLES, Outcome
from nudge.portfolio.campaign_effect import CampaignEffect
from nudge.portfolio.meta import Pool, pools
from nudge.report.document import Block, Paragraph, Picture, Section, Table
from nudge.report.figures import IntervalRow, interval_figure
from nudge.report.html import environment
from nudge.report.wording import (
    capital,
    difference_digits,
    difference_text,
    interval_text,
    scaled,
    sentence,
    signed,
)

TEMPLATE = "portfolio.html.jinja"
TITLE = "Portefeuille des campagnes"
METHOD = (
    "Effets aléatoires par maximum de vraisemblance restreint (Viechtbauer 2005) ; intervalle de "
    "Hartung et Knapp, jamais plus étroit que l'intervalle ordinaire (Knapp et Hartung 2003)."
)
NOT_POOLED = "Les familles de critères ne sont jamais additionnées."


def portfolio_sections(results: Sequence[CampaignResult]) -> tuple[Section, ...]:
    """Return one section a family, scale and kind of data."""
    found = pools(results)
    sections = [_section(place, pool) for place, pool in enumerate(found, start=1)]
    if any(pool.poolable and pool.scale.unit == "" for pool in found):
        sections.append(
            Section(
                key="reperes",
                title="Les repères des figures",
                blocks=(
                    Paragraph(text=f"Repères : {sentence(ANCHOR_SOURCE)}"),
                    Paragraph(text=ANCHOR_CAUTION),
                ),
            )
        )
    return tuple(sections)


def render_portfolio(results: Sequence[CampaignResult], sections: Sequence[Section]) -> str:
    """Return the page of sections made by :func:`portfolio_sections`.

    Simulated campaigns are announced at the head of the page, and in its title where there is no
    other.
    """
    templates = environment().overlay(
        loader=ChoiceLoader(
            [PackageLoader("nudge.portfolio", "."), PackageLoader("nudge.report", ".")]
        )
    )
    simulated = [result.campaign.simulation for result in results]
    title = TITLE
    if any(simulated):
        title = f"SIMULATION – {TITLE}" if all(simulated) else f"{TITLE} (dont SIMULATION)"
    subtitle = f"{count(len(results), 'campagne')}. {NOT_POOLED}"
    return templates.get_template(TEMPLATE).render(
        title=title, subtitle=subtitle, sections=sections, simulation=any(simulated)
    )


def _section(place: int, pool: Pool) -> Section:
    outcome = OUTCOMES[pool.effects[0].outcome]
    blocks: list[Block] = [Paragraph(text=_answer(pool, outcome))]
    if pool.caution:
        blocks.append(Paragraph(text=pool.caution, tone="warning"))
    if pool.poolable:
        blocks += _figure(place, pool, outcome)
    blocks.append(_table(place, pool))
    if pool.pooled is not None:
        blocks.append(Paragraph(text=_heterogeneity(pool)))
    simulated = "SIMULATION – " if pool.scale.simulation else ""
    unit = "points" if outcome.is_share else outcome.unit
    kind = {"binary": "parts comptées", "continuous": "mesures", "count": "décomptes"}[outcome.kind]
    return Section(
        key=f"famille-{place}",
        title=f"{simulated}{capital(FAMILY_TITLES[pool.scale.family])} ({kind}, en {unit})",
        blocks=tuple(blocks),
    )


def _answer(pool: Pool, outcome: Outcome) -> str:
    pooled = pool.pooled
    if pooled is None:
        shown = count(len(pool.effects), "campagne listée", "campagnes listées")
        return f"{shown}, sans moyenne."
    text = (
        f"Amélioration moyenne de {count(pooled.k, 'campagne')} : "
        f"{difference_text(outcome, pooled.estimate)}, intervalle "
        f"{interval_text(outcome, pooled.ci_low, pooled.ci_high)}."
    )
    if pooled.ci_low <= 0 <= pooled.ci_high:
        text += " Ensemble, elles ne permettent pas de trancher : zéro n'est pas exclu."
    if math.isfinite(pooled.prediction_low):
        reach = interval_text(outcome, pooled.prediction_low, pooled.prediction_high)
        text += f" Une prochaine campagne pourrait donner un effet {reach}."
    return text


def _figure(place: int, pool: Pool, outcome: Outcome) -> list[Block]:
    rows = [
        _row(one.title, outcome, one.gain, one.gain_low, one.gain_high, main=False)
        for one in pool.poolable
        if one.gain is not None and one.gain_low is not None and one.gain_high is not None
    ]
    pooled = pool.pooled
    if pooled is not None:
        rows.append(
            _row("Moyenne des campagnes", outcome, pooled.estimate, pooled.ci_low, pooled.ci_high,
                 main=True)
        )  # fmt: skip
        if math.isfinite(pooled.prediction_low):
            rows.append(
                _row("Prochaine campagne (prévision)", outcome, pooled.estimate,
                     pooled.prediction_low, pooled.prediction_high, main=False)
            )  # fmt: skip
    spoken = " ; ".join(f"{row.label} : {row.text}" for row in rows)
    anchors = (NUDGE_UNITS, ACADEMIC_JOURNALS) if outcome.is_share else ()
    unit = "points" if outcome.is_share else outcome.unit
    return [
        Picture(
            key=f"figure-famille-{place}",
            svg=interval_figure(
                rows,
                axis_label=f"Amélioration ({unit})",
                simulation=pool.scale.simulation,
                marks=[
                    (anchor.points, f"{signed(anchor.points, 1)} points : {anchor.label}")
                    for anchor in anchors
                ],
            ),
            alt=f"Amélioration de chaque campagne, avec son intervalle. {spoken}.",
            caption="Amélioration de chaque campagne avec son intervalle à 95 %."
            + (f" Repères : {ANCHOR_SOURCE}." if anchors else ""),
        )
    ]


def _row(
    label: str, outcome: Outcome, gain: float, low: float, high: float, *, main: bool
) -> IntervalRow:
    digits = difference_digits(outcome, [gain, low, high])
    shown = [signed(scaled(outcome, value), digits) for value in (gain, low, high)]
    return IntervalRow(
        label=label,
        text=f"{shown[0]} [{shown[1]} ; {shown[2]}]",
        estimate=scaled(outcome, gain),
        low=scaled(outcome, low),
        high=scaled(outcome, high),
        main=main,
    )


def _table(place: int, pool: Pool) -> Table:
    weights = {} if pool.pooled is None else dict(
        zip((one.identifier for one in pool.poolable), pool.pooled.weights.tolist(), strict=True)
    )  # fmt: skip
    return Table(
        key=f"famille-{place}-campagnes",
        caption="Campagnes, preuve et amélioration.",
        headers=("Campagne", "Critère", "Preuve", "Amélioration", "Intervalle", "Poids",
                 "Remarque"),
        rows=tuple(_cells(one, weights.get(one.identifier)) for one in pool.effects),
        numeric=frozenset({3, 4, 5}),
        data=pd.DataFrame(
            [
                {"campagne": one.identifier, "critere": one.outcome, "preuve": one.grade,
                 "simulation": pool.scale.simulation, "amelioration": one.gain,
                 "borne_basse": one.gain_low, "borne_haute": one.gain_high,
                 "erreur_type": one.std_error, "evolution_observee": one.change,
                 "poids": weights.get(one.identifier)}
                for one in pool.effects
            ]
        ),
    )  # fmt: skip


def _cells(one: CampaignEffect, weight: float | None) -> tuple[str, ...]:
    outcome = OUTCOMES[one.outcome]
    gain, reach, note = "–", "–", sentence(capital(one.note)) if one.note else ""
    if one.gain is not None and one.gain_low is not None and one.gain_high is not None:
        gain = difference_text(outcome, one.gain)
        reach = interval_text(outcome, one.gain_low, one.gain_high)
    elif one.change is not None:
        note += f" Évolution observée : {difference_text(outcome, one.change)}."
    shown = "–" if weight is None else percent(weight, 0)
    return (one.title, outcome.label, one.grade, gain, reach, shown, note.strip())


def _heterogeneity(pool: Pool) -> str:
    pooled = pool.pooled
    if pooled is None:
        return ""
    return (
        f"Part de la variation due à des différences entre campagnes (I²) : "
        f"{percent(pooled.i2 / 100)} (de {percent(pooled.i2_low / 100)} à "
        f"{percent(pooled.i2_high / 100)}). {METHOD}"
    )
