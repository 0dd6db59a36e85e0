"""Sections on those who rate bins: agreement, correction of their errors, levels."""

import pandas as pd

from nudge.errors import CampaignError, Problem
from nudge.french.numbers import NO_BREAK, and_list, count, decimal_comma, percent
from nudge.monitoring.agreement import confusion, double_ratings, weighted_kappa
from nudge.monitoring.assessors import assessor_levels, far_apart
from nudge.monitoring.field_data import FieldData
from nudge.monitoring.misclassification import Accuracy, accuracy_against, corrected_share
from nudge.monitoring.monitoring_report import Section, Show, Table
from nudge.monitoring.zone_shares import clustered_mean

FEW_PAIRS = 30
LOW_KAPPA = 0.4
NO_DOUBLES = "Aucune double cotation : l'accord entre contrôleurs n'est pas connu."


def agreement_section(field: FieldData) -> Section:
    """Return confusion and weighted kappa over bins rated twice."""
    key, title = "accord", "Accord entre contrôleurs"
    pairs = double_ratings(field.checks)
    if pairs.empty:
        return Section(key=key, title=title, sentences=(NO_DOUBLES,))
    table = confusion(pairs)
    frame = table.reset_index().rename(columns={"couleur_1": "Première cotation"})
    frame.columns.name = None
    shows: dict[str, Show] = dict.fromkeys(table.columns, "count")
    sentences = [f"{count(len(pairs), 'bac coté', 'bacs cotés')} deux fois."]
    alerts = []
    for weights, words in (("linear", "linéaires"), ("quadratic", "quadratiques")):
        found = weighted_kappa(
            table.to_numpy(), weights="linear" if weights == "linear" else "quadratic"
        )
        if found is None:
            sentences.append("Toutes les cotations sont de la même couleur : kappa indéfini.")
            break
        sentences.append(
            f"Kappa pondéré ({words}){NO_BREAK}: {decimal_comma(found.estimate, 2)}, intervalle à "
            f"95{NO_BREAK}% de {decimal_comma(found.ci_low, 2)} à "
            f"{decimal_comma(found.ci_high, 2)} ; accord brut {percent(found.agreement)}."
        )
        if weights == "linear" and found.ci_high < LOW_KAPPA:
            alerts.append(
                Problem(
                    place="controle_bac",
                    what="les contrôleurs ne s'accordent guère mieux que le hasard",
                    mend="revoir ensemble la grille de cotation sur une vingtaine de bacs",
                )
            )
    if len(pairs) < FEW_PAIRS:
        sentences.append("Trop peu de doubles cotations pour conclure : en viser au moins 30.")
    return Section(
        key=key,
        title=title,
        sentences=tuple(sentences),
        tables=(
            Table(
                caption="Première cotation (lignes) et seconde (colonnes), en bacs",
                frame=frame,
                shows=shows,
            ),
        ),
        alerts=tuple(alerts),
    )


def correction_section(
    field: FieldData, *, accuracy: Accuracy | None = None, reference: str = "referent"
) -> Section:
    """Return the green share over all arms, corrected for errors of rating where these are known.

    Parameters
    ----------
    field
        Campaign and observations.
    accuracy
        Sensitivity and specificity that are given; estimated against the reference assessor
        otherwise.
    reference
        Assessor whose ratings are taken as true.
    """
    key, title = "correction", "Part de bacs verts corrigée des erreurs de cotation"
    known = accuracy or accuracy_against(double_ratings(field.checks), reference=reference)
    if known is None:
        sentence = (
            f"Aucune double cotation par « {reference} » qui permette de corriger ; donner "
            "--sensitivity et --specificity si elles sont connues."
        )
        return Section(key=key, title=title, sentences=(sentence,))
    rates = (
        f"Sensibilité {percent(known.sensitivity)}, spécificité {percent(known.specificity)} "
        f"{_source(known)}."
    )
    seen = _seen(field.checks)
    rows, remarks, alerts = [], [], []
    for wave, part in seen.groupby("vague", sort=False):
        level = clustered_mean(part["couleur"] == "vert", part["zone_id"])
        try:
            found = corrected_share(level.mean, std_error=level.std_error, accuracy=known)
        except CampaignError as error:
            alerts += list(error.problems)
            break
        remarks += [f"Vague « {wave} » : {warning}" for warning in found.warnings]
        rows.append((str(wave), found.observed, found.corrected, found.ci_low, found.ci_high))
    columns = ["Vague", "Part vue", "Part corrigée", "De", "À"]
    table = Table(
        caption="Bacs verts par vague, tous groupes confondus, vus et corrigés (intervalle à 95 %)",
        frame=pd.DataFrame(rows, columns=columns),
        shows=dict.fromkeys(columns[1:], "share"),
    )
    return Section(
        key=key,
        title=title,
        sentences=(rates, *remarks),
        tables=(table,) if rows else (),
        alerts=tuple(alerts),
    )


def assessors_section(field: FieldData) -> Section:
    """Return the level that each assessor noted; nothing is adjusted."""
    key, title = "controleurs", "Niveaux notés par chaque contrôleur"
    levels = assessor_levels(field.checks)
    whole = levels[levels["vague"] == ""]
    if len(whole) < 2:
        sentence = "Un seul contrôleur : son indulgence ne se distingue pas du niveau des zones."
        return Section(key=key, title=title, sentences=(sentence,))
    away = far_apart(levels)
    sentence = "Les intervalles de tous les contrôleurs couvrent le niveau des autres."
    if away:
        sentence = (
            f"À regarder : {and_list(away)}, dont l'intervalle ne couvre pas le niveau des autres. "
            "Les rues diffèrent aussi : comparer sur les mêmes bacs avant de conclure. Rien n'est "
            "corrigé."
        )
    frame = pd.DataFrame(
        {
            "Contrôleur": levels["controleur"],
            "Vague": levels["vague"].where(levels["vague"] != "", "toutes"),
            "Part de verts": levels["part_vert"],
            "De": levels["bas"],
            "À": levels["haut"],
            "Bacs": levels["bacs"],
            "Zones": levels["zones"],
        }
    )
    return Section(
        key=key,
        title=title,
        sentences=(sentence,),
        tables=(
            Table(
                caption="Part de bacs verts notée, avec son intervalle à 95 % entre zones",
                frame=frame,
                shows={
                    "Part de verts": "share",
                    "De": "share",
                    "À": "share",
                    "Bacs": "count",
                    "Zones": "count",
                },
            ),
        ),
    )


def _seen(checks: pd.DataFrame) -> pd.DataFrame:
    first = checks[(checks["rang"] == 1) & checks["presente"].astype(bool)]
    return first[first["couleur"].notna()].sort_values("date", kind="stable")


def _source(accuracy: Accuracy) -> str:
    if accuracy.n_green is None or accuracy.n_other is None:
        return "(valeurs données)"
    return f"(estimées sur {accuracy.n_green + accuracy.n_other} doubles cotations)"
