"""From a result to a report: every part in its order."""

from collections.abc import Mapping

from nudge.analysis.result import CampaignResult
from nudge.french.numbers import and_list, date_fr
from nudge.report.annex_sections import (
    consort_section,
    fingerprint_section,
    glossary_section,
    methods_section,
)
from nudge.report.answer import answer
from nudge.report.balance import balance_section
from nudge.report.consort import final_blockers
from nudge.report.decision import ACTIONS, WHO_DECIDES, decide
from nudge.report.document import DecisionBox, Report
from nudge.report.effect_sections import effect_section, secondary_section, territory_section
from nudge.report.evidence_grade import grade_words
from nudge.report.trust_sections import (
    deviations_section,
    flow_section,
    robustness_section,
    unseen_section,
)

SIMULATED = (
    "SIMULATION : les données de ce rapport sont simulées, pas mesurées ; les dates sont celles du "
    "plan."
)
SIMULATED_GRADE = "Données simulées : ce niveau serait celui d'une vraie campagne menée ainsi."
SIMULATED_DECISION = "SIMULATION : exemple de ce que dirait l'outil, rien n'est à décider."
SYNTHETIC = "Zones synthétiques : des zones de ce rapport sont inventées pour l'exercice."
DRAFT = "Version provisoire"


def compose(result: CampaignResult, *, complements: Mapping[str, str] | None = None) -> Report:
    """Arrange a whole report.

    Parameters
    ----------
    result
        Analysis of the campaign; nothing else is shown.
    complements
        CONSORT texts written by the team, by item.
    """
    campaign = result.campaign
    simulated = campaign.simulation
    said, words = answer(result), grade_words(result)
    blockers = final_blockers(result, complements=complements)
    sections = (
        effect_section(result),
        territory_section(result),
        secondary_section(result),
        flow_section(result),
        balance_section(result),
        robustness_section(result),
        unseen_section(result),
        deviations_section(result),
        methods_section(result),
        consort_section(result, complements=complements),
        glossary_section(result),
        fingerprint_section(result),
    )
    return Report(
        title=campaign.shown_title,
        owner=campaign.legal.controller or campaign.manager,
        subtitle=f"{campaign.population.rstrip('. ')}. Du {date_fr(campaign.start)} au "
        f"{date_fr(campaign.end)}.",
        date=f"Analyse du {date_fr(result.analysed_on)}",
        simulation=simulated,
        final=not blockers,
        warnings=_warnings(result, blockers),
        answer=said.sentences,
        answer_details=said.details,
        grade=words.letter,
        grade_name=words.name,
        grade_allows=words.allows,
        grade_reasons=(*result.grade_reasons, *((SIMULATED_GRADE,) if simulated else ())),
        decisions=_boxes(result),
        decision_note=SIMULATED_DECISION if simulated else WHO_DECIDES,
        sections=tuple(part for part in sections if part is not None),
    )


def _warnings(result: CampaignResult, blockers: tuple[str, ...]) -> tuple[str, ...]:
    found = [SIMULATED] if result.campaign.simulation else []
    if result.synthetic_territory:
        found.append(SYNTHETIC)
    items = sum(text.startswith("CONSORT") for text in blockers)
    reasons = [text.rstrip(".") for text in blockers if not text.startswith("CONSORT")]
    if items:
        reasons.append(f"liste CONSORT à compléter ({items})")
    if reasons:
        told = "; ".join(f"{text[0].lower()}{text[1:]}" for text in reasons).replace(";", " ;")
        found.append(f"{DRAFT} : {told}.")
    return tuple(found)


def _boxes(result: CampaignResult) -> tuple[DecisionBox, ...]:
    return tuple(
        DecisionBox(
            subject=one.title,
            action=ACTIONS[one.rule.action],
            next_step=one.rule.next_step,
            rule=one.rule.situation,
            threshold=one.threshold,
            subgroups=f"Zones concernées : {and_list(one.subgroups)}." if one.subgroups else "",
        )
        for one in decide(result)
    )
