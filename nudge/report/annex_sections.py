"""Annexes: methods, CONSORT checklist, glossary, fingerprints and sources."""

from collections.abc import Mapping

from nudge.analysis.result import CampaignResult
from nudge.campaign.arm import Arm
from nudge.french.numbers import and_list, count, date_fr, percent, whole
from nudge.instruments.catalogue import INSTRUMENTS
from nudge.levers.catalogue import levers
from nudge.outcomes.catalogue import OUTCOMES
from nudge.report.analysis_notes import analysis_notes
from nudge.report.conclusion import arm_title
from nudge.report.consort import TO_COMPLETE, checklist
from nudge.report.consort_items import correlation_text, units_word
from nudge.report.document import Block, Bullets, Paragraph, Section, Subheading, Table, Terms
from nudge.report.estimator_names import CHANNEL_NAMES, estimator_name, reference_text
from nudge.report.glossary import glossary
from nudge.report.wording import sentence, wave_title

DESIGNS = {
    "randomisee": "Essai randomisé en grappes : des zones entières sont tirées au sort.",
    "appariee_non_randomisee": "Comparaison de zones appariées, sans tirage au sort.",
    "avant_apres": "Comparaison avant/après, sans groupe témoin.",
    "descriptive": "Description, sans comparaison.",
}


def methods_section(result: CampaignResult) -> Section:
    """How it was done: design, measures, interventions, estimators."""
    campaign = result.campaign
    design = f"{DESIGNS[campaign.conception]} Unité : {units_word(result, 1)}."
    outcome = OUTCOMES[campaign.primary]
    blocks: list[Block] = [
        Paragraph(text=f"Objectif : {sentence(campaign.objective)}"),
        Paragraph(text=f"{design} Population : {sentence(campaign.population)}"),
        Paragraph(
            text=f"Critère principal : {outcome.label} "
            f"(relevés « {INSTRUMENTS[outcome.instrument].title} »). "
            f"Messages du {date_fr(campaign.start)} au {date_fr(campaign.end)}."
        ),
        Table(
            key="calendrier",
            caption="Vagues de mesure.",
            headers=("Vague", "Type", "Début", "Fin"),
            rows=tuple(
                (
                    wave_title(wave.name),
                    "référence" if wave.kind == "reference" else "suivi",
                    date_fr(wave.start),
                    date_fr(wave.end),
                )
                for wave in (*campaign.baseline_waves, *campaign.follow_up_waves)
            ),
        ),
    ]
    blocks += [block for arm in campaign.nudged for block in _intervention(arm)]
    blocks += _estimation(result)
    return Section(key="methodes", title="Méthodes", blocks=tuple(blocks))


def consort_section(
    result: CampaignResult, *, complements: Mapping[str, str] | None = None
) -> Section | None:
    """CONSORT checklist; None for a campaign that was not randomised."""
    rows = checklist(result, complements=complements)
    if not rows:
        return None
    empty = sum(not row.text for row in rows)
    state = (
        f"{count(empty, 'item reste', 'items restent')} à compléter avant la version finale."
        if empty
        else "Tous les items sont remplis."
    )
    table = Table(
        key="consort",
        caption="Liste CONSORT 2010, extension aux essais en grappes, items 1a à 17a.",
        headers=("Item", "Ce qui est demandé", "Réponse"),
        rows=tuple((row.number, row.asks, row.text or TO_COMPLETE) for row in rows),
    )
    return Section(
        key="consort",
        title="Liste de contrôle CONSORT",
        blocks=(Paragraph(text=state, tone="note" if empty else "plain"), table),
    )


def glossary_section(result: CampaignResult) -> Section:
    """Words explained."""
    return Section(key="glossaire", title="Glossaire", blocks=(Terms(items=glossary(result)),))


def fingerprint_section(result: CampaignResult) -> Section:
    """Fingerprints of plan, zones and data, seed, sources."""
    absent = "absente"
    rows = [
        ("Plan", result.plan_sha256 or absent),
        ("Liste des zones", result.zones_sha256 or absent),
        ("Données", result.data_sha256 or absent),
    ]
    if result.seed is not None:
        rows.append(("Graine du tirage", str(result.seed)))
    if result.run_id:
        rows.append(("Exécution suivie", result.run_id))
    table = Table(
        key="empreintes",
        caption="Empreintes SHA-256 : un fichier modifié n'a plus la même.",
        headers=("Élément", "Empreinte"),
        rows=tuple(rows),
    )
    blocks: list[Block] = [table]
    sources = list(result.campaign.sources)
    if result.synthetic_territory:
        sources.append("Zones : synthétiques, inventées pour l'exercice.")
    if sources:
        blocks += [Subheading(text="Sources"), Bullets(items=tuple(sources))]
    return Section(key="empreintes", title="Empreintes et sources", blocks=tuple(blocks))


def _intervention(arm: Arm) -> list[Block]:
    heading = Subheading(text=f"Ce qu'a reçu le groupe « {arm.title} »")
    known = levers().get(arm.lever or "")
    named = known.title if known else _words(arm.lever)
    channel = CHANNEL_NAMES.get(arm.channel or "", _words(arm.channel))
    lever = f"Levier : {named} ; canal : {channel} ; {count(arm.doses, 'passage')}."
    described = arm.tidier
    if described is None:
        return [heading, Paragraph(text=f"{lever} Description TIDieR {TO_COMPLETE}.")]
    items = (
        ("Nom", described.name),
        ("Pourquoi", described.why),
        ("Supports", described.materials),
        ("Déroulement", described.procedures),
        ("Par qui", described.provider),
        ("Comment", described.how),
        ("Où", described.where),
        ("Quand et combien", described.when),
        ("Adaptation", described.tailoring),
        ("Modifications", described.modifications),
        ("Fidélité prévue", described.fidelity_planned),
        ("Fidélité observée", described.fidelity_actual),
    )
    told = tuple((name, text) for name, text in items if text)
    return [heading, Paragraph(text=lever), Terms(items=told)]


def _words(code: str | None) -> str:
    return (code or "non précisé").replace("_", " ")


def _estimation(result: CampaignResult) -> list[Block]:
    blocks: list[Block] = []
    if result.primary.estimates:
        used = result.primary.estimates[0]
        sizes = and_list(
            [
                f"{whole(n)} ({arm_title(result.campaign, arm)})"
                for arm, n in used.n_clusters.items()
            ]
        )
        blocks.append(
            Paragraph(
                text=f"Estimateur du plan : {estimator_name(used.estimator)} "
                f"({reference_text(used.reference)}), intervalle à {percent(used.level)}. "
                f"Zones : {sizes}."
            )
        )
    text = correlation_text(result)
    if text:
        blocks.append(Paragraph(text=text))
    notes = analysis_notes(result)
    if notes:
        blocks += [Paragraph(text="Remarques de l'outil d'analyse :"), Bullets(items=notes)]
    return [Subheading(text="Calculs"), *blocks] if blocks else []
