"""Sections on how far to trust it: flow, robustness, what cannot be seen, deviations."""

import pandas as pd

from experiments.analysis.effect_estimate import EffectEstimate
from experiments.analysis.equivalence import EquivalenceTest
from experiments.analysis.heterogeneity import Heterogeneity
from experiments.analysis.leave_one_out import LeaveOneOut
from nudge.analysis.result import CampaignResult
from nudge.french.numbers import NO_BREAK, and_list, count, decimal_comma, percent, whole
from nudge.outcomes.catalogue import OUTCOMES
from nudge.report.analysis_notes import named_codes
from nudge.report.balance import SHARES
from nudge.report.conclusion import arm_of, arm_title, compares
from nudge.report.document import Block, Bullets, Paragraph, Picture, Section, Subheading, Table
from nudge.report.effect_sections import effect_figure, estimate_table
from nudge.report.estimator_names import LEVEL_NAMES, estimator_name, variable_name
from nudge.report.ratio_estimates import ratio_table, without_logarithm
from nudge.report.small_cells import HIDDEN, SMALL_CELL, units_text
from nudge.report.wording import difference_text, interval_text, p_phrase, sentence, size_text

BEFORE_DRAW = ""
SHARE_SLOPE = "pour 10 points de plus"


def flow_section(result: CampaignResult) -> Section:
    """Cluster-CONSORT flow as a table: zones, and units in brackets."""
    if not result.flow:
        untold = Paragraph(text="Le parcours des zones n'a pas été relevé.")
        return Section(key="parcours", title="Parcours des zones", blocks=(untold,))
    arms = [arm.identifier for arm in result.campaign.arms]
    titles = [arm_title(result.campaign, arm) for arm in arms]
    before = any(BEFORE_DRAW in row.zones for row in result.flow)
    columns = [BEFORE_DRAW, *arms] if before else arms
    headers = ("Étape", *(("Avant répartition",) if before else ()), *titles)
    rows = []
    for row in result.flow:
        cells = []
        for arm in columns:
            zones = row.zones.get(arm)
            units = row.units.get(arm)
            shown = "" if zones is None else count(zones, "zone")
            cells.append(shown if units is None or not shown else f"{shown} ({units_text(units)})")
        rows.append((row.label, *cells))
    records = [
        {"etape": row.step, "groupe": arm, "zones": row.zones.get(arm),
         "unites": _safe_units(row.units.get(arm))}
        for row in result.flow for arm in columns if arm in row.zones
    ]  # fmt: skip
    blocks: list[Block] = [
        Table(
            key="parcours",
            caption="Zones à chaque étape ; entre parenthèses, ce que la ligne annonce.",
            headers=headers,
            rows=tuple(rows),
            numeric=frozenset(range(1, len(headers))),
            data=pd.DataFrame(records),
        )
    ]
    blocks += _conduct(result)
    return Section(key="parcours", title="Parcours des zones", blocks=tuple(blocks))


def robustness_section(result: CampaignResult) -> Section | None:
    """The same difference by other methods, and who weighs on it."""
    found, outcome = result.primary, OUTCOMES[result.primary.outcome]
    others = [one for one in found.robustness if one.scale == "difference"]
    ratios = [without_logarithm(one) for one in found.robustness if one.scale != "difference"]
    blocks: list[Block] = []
    if found.estimates and others:
        every = (*found.estimates, *others)
        labelled = [
            (
                f"{arm_title(result.campaign, arm_of(one.contrast))} – "
                f"{estimator_name(one.estimator)}",
                one,
                place < len(found.estimates),
            )
            for place, one in enumerate(every)
        ]
        caption = "Écart selon la méthode du plan (en gras) et selon les autres méthodes."
        blocks += [
            Picture(
                key="figure-robustesse",
                svg=effect_figure(result, outcome, labelled, mark_worthwhile=False),
                alt="Écart selon chaque méthode : "
                + " ; ".join(
                    f"{label} {difference_text(outcome, one.estimate)}"
                    for label, one, _ in labelled
                )
                + ".",
                caption=caption,
            ),
            estimate_table(
                result, outcome, every, key="robustesse",
                caption="Méthode du plan d'abord, puis les autres méthodes annoncées.",
                by_estimator=True,
            ),
        ]  # fmt: skip
    if ratios:
        blocks.append(ratio_table(result, ratios))
    blocks += _equivalence_blocks(result)
    for contrast, influence in (result.influence or {}).items():
        blocks.append(Paragraph(text=_influence(result, contrast, influence)))
    blocks += _neighbours(result)
    for one in result.heterogeneity:
        blocks += _heterogeneity_blocks(result, one)
    if not blocks:
        return None
    return Section(key="robustesse", title="Le résultat est-il robuste ?", blocks=tuple(blocks))


def unseen_section(result: CampaignResult) -> Section:
    """What the campaign could not see."""
    outcome = OUTCOMES[result.primary.outcome]
    items = []
    if result.minimum_detectable_effect is not None:
        items.append(
            "Avec ces zones et ces relevés, un effet plus petit que "
            f"{size_text(outcome, result.minimum_detectable_effect)} avait plus d'une chance sur "
            "cinq de passer inaperçu (puissance de 80 %)."
        )
    items += [sentence(outcome.caution)] if outcome.caution else []
    items += [sentence(named_codes(text)) for text in result.primary.not_estimable]
    for problem in result.problems:
        place = f"{problem.place} : " if problem.place else ""
        mend = f" ({problem.mend})" if problem.mend else ""
        items.append(sentence(f"{place}{problem.what}{mend}"))
    if compares(result):
        items.append(
            "Le résultat vaut pour ces zones et cette période ; une autre saison ou une autre "
            "commune peuvent donner un autre effet."
        )
    else:
        items.append("La cause de ce qui a été observé ne peut pas être connue.")
    return Section(
        key="non-vu",
        title="Ce qu'il n'était pas possible de voir",
        blocks=(Bullets(items=tuple(dict.fromkeys(items))),),
    )


def deviations_section(result: CampaignResult) -> Section:
    """Amendments and departures from the plan."""
    if not result.deviations:
        text = "Pas d'avenant, et pas d'écart au plan relevé."
        return Section(key="ecarts", title="Écarts au plan", blocks=(Paragraph(text=text),))
    kinds = {"amendement": "avenant", "ecart": "écart"}
    rows = tuple(
        (kinds[one.kind], one.text, "oui" if one.serious else "non") for one in result.deviations
    )
    table = Table(
        key="ecarts",
        caption="Avenants déclarés et écarts relevés.",
        headers=("Nature", "Ce qui s'est passé", "Affaiblit la preuve"),
        rows=rows,
    )
    return Section(key="ecarts", title="Écarts au plan", blocks=(table,))


def _safe_units(units: int | None) -> int | None:
    return None if units is None or 0 < units < SMALL_CELL else units


def _conduct(result: CampaignResult) -> list[Block]:
    items = [
        f"{arm_title(result.campaign, arm)} : {percent(share)} des remises prévues ont été faites."
        for arm, share in (result.fidelity or {}).items()
    ]
    items += [
        f"{arm_title(result.campaign, arm)} : {decimal_comma(rate)}{NO_BREAK}réclamation"
        f"{'s' if rate >= 2 else ''} pour 100 logements."
        for arm, rate in (result.complaints or {}).items()
    ]
    return [Bullets(items=tuple(items))] if items else []


def _equivalence_blocks(result: CampaignResult) -> list[Block]:
    outcome = OUTCOMES[result.primary.outcome]
    return [
        Paragraph(
            text=f"{arm_title(result.campaign, arm_of(contrast))}, marge déclarée de "
            f"{size_text(outcome, test.upper)} : {_equivalence(test)} ({p_phrase(test.p_value)})."
        )
        for contrast, test in result.equivalence.items()
    ]


def _equivalence(test: EquivalenceTest) -> str:
    if test.verdict.startswith("equivalent"):
        return "un écart plus grand que la marge est exclu, dans un sens comme dans l'autre"
    if test.verdict == "different beyond the bounds":
        return "l'écart dépasse la marge"
    return "un écart plus grand que la marge n'est pas exclu"


def _influence(result: CampaignResult, contrast: str, found: LeaveOneOut) -> str:
    head = f"{arm_title(result.campaign, arm_of(contrast))}, en retirant une zone à la fois : "
    flips, crossings = int(found.sign_flips.sum()), int(found.significance_flips.sum())
    if not flips and not crossings:
        return f"{head}la conclusion reste la même, quelle que soit la zone retirée."
    told = [f"l'écart change de sens pour {count(flips, 'zone')}"] if flips else []
    told += [f"la conclusion change pour {count(crossings, 'zone')}"] if crossings else []
    return f"{head}{and_list(told)} sur {whole(len(found.clusters))}."


def _neighbours(result: CampaignResult) -> list[Block]:
    seen = result.exposed_neighbours
    if seen is None:
        return []
    text = (
        f"Débordement : {count(seen.exposed, 'zone témoin', 'zones témoins')} à côté d'une zone "
        f"touchée, {whole(seen.unexposed)} plus loin"
    )
    if seen.estimate is None:
        return [Paragraph(text=f"{text} : trop peu pour comparer.")]
    outcome = OUTCOMES[result.primary.outcome]
    one = seen.estimate
    return [
        Paragraph(
            text=f"{text} ; écart entre les deux : {difference_text(outcome, one.estimate)} "
            f"(intervalle {interval_text(outcome, one.ci_low, one.ci_high)}). {_spillover(one)}"
        )
    ]


def _spillover(one: EffectEstimate) -> str:
    """What a gap between control zones says, their place not having been drawn."""
    if one.ci_low <= 0 <= one.ci_high:
        return "Cela ne permet ni d'établir ni d'écarter un débordement du message."
    return (
        "Un débordement est possible ; la place des zones n'ayant pas été tirée au sort, une autre "
        "différence entre elles l'est aussi."
    )


def _heterogeneity_blocks(result: CampaignResult, found: Heterogeneity) -> list[Block]:
    outcome = OUTCOMES[result.primary.outcome]
    name = variable_name(found.moderator)
    rows, records = [], []
    for one in found.effects:
        hidden = one.n_clusters < SMALL_CELL
        title, times = LEVEL_NAMES.get(one.level, one.level), 1.0
        if one.level == "slope" and found.moderator in SHARES:
            title, times = SHARE_SLOPE, 0.1
        ends = (times * one.ci_low, times * one.ci_high)
        rows.append(
            (
                title,
                arm_title(result.campaign, arm_of(one.contrast)),
                HIDDEN if hidden else difference_text(outcome, times * one.estimate),
                "–" if hidden else interval_text(outcome, *ends),
                f"moins de {SMALL_CELL}" if hidden else whole(one.n_clusters),
            )
        )
        if not hidden:
            records.append(
                {"niveau": one.level, "groupe": arm_of(one.contrast), "estimation": one.estimate,
                 "borne_basse": one.ci_low, "borne_haute": one.ci_high, "zones": one.n_clusters}
            )  # fmt: skip
    differs = found.p_value <= 1 - result.campaign.analysis.level
    verdict = (
        "l'effet dépend de cette caractéristique" if differs
        else "l'essai ne permet pas de dire si l'effet en dépend"
    )  # fmt: skip
    return [
        Subheading(text=f"Selon la caractéristique « {name} »"),
        *_heterogeneity_picture(result, found),
        Table(
            key=f"selon-{found.moderator}",
            caption=f"Écart selon « {name} », comparaison annoncée au plan.",
            headers=("Niveau", "Groupe", "Écart", "Intervalle", "Zones"),
            rows=tuple(rows),
            numeric=frozenset({2, 3, 4}),
            data=pd.DataFrame(records),
        ),
        Paragraph(
            text=f"Test d'ensemble : {verdict} ({p_phrase(found.p_value)}). Un écart établi dans "
            "un groupe de zones et pas dans l'autre ne suffit pas à dire qu'ils diffèrent."
        ),
    ]


def _heterogeneity_picture(result: CampaignResult, found: Heterogeneity) -> list[Block]:
    """Effects by level of a factor; a number's mean and slope have no common axis."""
    shown = [one for one in found.effects if one.n_clusters >= SMALL_CELL]
    if found.kind != "factor" or not shown:
        return []
    outcome = OUTCOMES[result.primary.outcome]
    several = len({one.contrast for one in shown}) > 1
    labelled = []
    for one in shown:
        arm = f"{arm_title(result.campaign, arm_of(one.contrast))} – " if several else ""
        labelled.append((f"{arm}{one.level}", one, True))
    spoken = " ; ".join(
        f"{label} : {difference_text(outcome, one.estimate)}" for label, one, _ in labelled
    )
    return [
        Picture(
            key=f"figure-selon-{found.moderator}",
            svg=effect_figure(result, outcome, labelled, mark_worthwhile=False),
            alt=f"Écart avec le groupe témoin selon la zone. {spoken}.",
            caption=f"Écart selon « {variable_name(found.moderator)} », avec son intervalle.",
        )
    ]
