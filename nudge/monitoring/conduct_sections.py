"""Sections on what was done to whom: deliveries, contamination, stop rules."""

import pandas as pd

from nudge.errors import Problem
from nudge.french.numbers import NO_BREAK, and_list, count, decimal_comma
from nudge.gates.effect_text import size_text
from nudge.monitoring.boomerang import BoomerangCheck, check_boomerang
from nudge.monitoring.complaints import ComplaintRate, complaint_rates
from nudge.monitoring.deliveries import delivery_fidelity, exposed_controls, strayed
from nudge.monitoring.field_data import FieldData
from nudge.monitoring.monitoring_report import Section, Table

NOTHING_ENTERED = "Aucune remise n'est saisie : ce qui a vraiment été fait n'est pas connu."
DECISION = "une personne décide de poursuivre ou d'arrêter, et l'écrit au journal"


def fidelity_section(field: FieldData) -> Section:
    """Return what was delivered, by arm."""
    key, title = "remises", "Fidélité des remises"
    if not len(field.deliveries) or not field.arms:
        return Section(key=key, title=title, sentences=(NOTHING_ENTERED,))
    table = delivery_fidelity(
        field.deliveries,
        arms=field.arms,
        nudged=[arm.identifier for arm in field.campaign.nudged],
    )
    frame = pd.DataFrame(
        {
            "Groupe": table["groupe"].map(_titles(field)),
            "Remises saisies": table["remises"],
            "Arrivées": table["arrivees"],
            "Part arrivée": table["part"],
            "Zones servies": table["zones"],
            "Zones prévues": table["zones_prevues"],
            "Premier motif d'échec": table["motif"],
        }
    )
    unserved = table[table["zones"] < table["zones_prevues"]]
    sentences = tuple(
        f"« {row.groupe} » : {count(row.zones_prevues - row.zones, 'zone')} sans aucune remise "
        "saisie."
        for row in unserved.itertuples()
    )
    return Section(
        key=key,
        title=title,
        sentences=sentences or ("Toutes les zones prévues ont des remises saisies.",),
        tables=(
            Table(
                caption="Messages remis, par groupe",
                frame=frame,
                shows={
                    "Remises saisies": "count",
                    "Arrivées": "count",
                    "Part arrivée": "share",
                    "Zones servies": "count",
                    "Zones prévues": "count",
                },
            ),
        ),
    )


def contamination_section(field: FieldData) -> Section:
    """Return messages in zones of another arm, and control zones next to nudged ones."""
    key, title = "contamination", "Contamination entre groupes"
    if not field.arms:
        return Section(key=key, title=title, sentences=("Le tirage n'a pas encore eu lieu.",))
    sentences, tables, alerts = [], [], []
    astray = strayed(field.deliveries, arms=field.arms)
    if len(astray):
        arrived = int(astray["remises"].sum())
        tables.append(
            Table(
                caption="Messages arrivés dans une zone d'un autre groupe",
                frame=astray.rename(
                    columns={
                        "zone_id": "Zone",
                        "groupe": "Groupe de la zone",
                        "message": "Message arrivé",
                        "remises": "Remises",
                    }
                ),
                shows={"Remises": "count"},
            )
        )
        alerts.append(
            Problem(
                place="distribution",
                what=f"{count(arrived, 'message')} dans des zones d'un autre groupe",
                mend="vérifier les tournées de remise ; l'analyse garde chaque zone dans son "
                "groupe du tirage",
            )
        )
    else:
        sentences.append("Aucun message n'est arrivé dans une zone d'un autre groupe.")
    control = field.campaign.control
    if control is not None:
        exposed = exposed_controls(field.neighbours, arms=field.arms, control=control.identifier)
        n_controls = sum(arm == control.identifier for arm in field.arms.values())
        sentences.append(
            f"{count(len(exposed), 'zone')} sur {n_controls} du groupe témoin "
            f"{'touche' if len(exposed) < 2 else 'touchent'} une zone qui reçoit un message."
        )
    return Section(
        key=key,
        title=title,
        sentences=tuple(sentences),
        tables=tuple(tables),
        alerts=tuple(alerts),
    )


def stop_section(field: FieldData) -> Section:
    """Return the stop rules: passed, or an alert that asks for a human decision."""
    key, title = "arret", "Règles d'arrêt"
    if not field.arms:
        return Section(key=key, title=title, sentences=("Le tirage n'a pas encore eu lieu.",))
    rules = field.campaign.stop_rules
    rates = complaint_rates(
        field.complaints, arms=field.arms, zones=field.zones, threshold=rules.complaints_per_100
    )
    titles = _titles(field)
    frame = pd.DataFrame(
        {
            "Groupe": [titles[one.arm] for one in rates],
            "Réclamations": [one.complaints for one in rates],
            "Logements": [one.dwellings for one in rates],
            "Pour 100 logements": [one.rate for one in rates],
            "De": [one.ci_low for one in rates],
            "À": [one.ci_high for one in rates],
        }
    )
    alerts = [_too_many(one, titles, rules.complaints_per_100) for one in rates if one.over]
    sentences = [
        f"Seuil de réclamations{NO_BREAK}: {decimal_comma(rules.complaints_per_100, 1)} pour 100 "
        "logements dans un groupe. Une alerte demande une décision humaine ; elle n'arrête rien "
        "d'elle-même."
    ]
    threshold = field.campaign.stopping_degradation
    if field.context is not None and threshold is not None:
        found = check_boomerang(
            field.context, field.primary, today=field.today, threshold=threshold
        )
        size = size_text(threshold, field.outcome)
        sentences.append(_boomerang_sentence(found, size))
        alerts += _boomerang_alert(found, size)
    return Section(
        key=key,
        title=title,
        sentences=tuple(sentences),
        tables=(
            Table(
                caption="Réclamations pour 100 logements, avec leur intervalle exact à 95 %",
                frame=frame,
                shows={
                    "Réclamations": "count",
                    "Logements": "count",
                    "Pour 100 logements": "number",
                    "De": "number",
                    "À": "number",
                },
            ),
        ),
        alerts=tuple(alerts),
    )


def _too_many(rate: ComplaintRate, titles: dict[str, str], threshold: float) -> Problem:
    return Problem(
        place="règle d'arrêt",
        column=f"reclamations, {rate.arm}",
        what=(
            f"{count(rate.complaints, 'réclamation')} dans « {titles[rate.arm]} », soit "
            f"{decimal_comma(rate.rate, 2)} pour 100 logements ; le seuil est "
            f"{decimal_comma(threshold, 2)}"
        ),
        mend=DECISION,
    )


def _boomerang_sentence(check: BoomerangCheck, size: str) -> str:
    if check.verdict == "impossible":
        return f"Dégradation de {size} ou plus : pas encore de vague de suivi close à lire."
    waves = and_list([f"« {wave} »" for wave in check.waves])
    if check.verdict == "alerte":
        return f"Dégradation de {size} ou plus : alerte (vagues closes : {waves})."
    state = "est exclue" if check.verdict == "exclue" else "n'est pas encore exclue"
    return (
        f"Dégradation de {size} ou plus : pas d'alerte ; elle {state} au vu des vagues closes "
        f"({waves}). L'effet lui-même reste caché."
    )


def _boomerang_alert(check: BoomerangCheck, size: str) -> list[Problem]:
    if check.verdict != "alerte":
        return []
    return [
        Problem(
            place="règle d'arrêt",
            column="boomerang",
            what=f"l'estimateur verrouillé montre une dégradation d'au moins {size}",
            mend=DECISION,
        )
    ]


def _titles(field: FieldData) -> dict[str, str]:
    return {arm.identifier: arm.title for arm in field.campaign.arms}
