"""Audit of a campaign's record: lock, amendments, title, draw and objections against the log."""

from collections.abc import Sequence
from typing import Any

import yaml
from sqlalchemy import Connection, Row, Table, select

from nudge.errors import Problem
from nudge.store.audit_chain import LoggedEvent
from nudge.store.campaigns import BEFORE_LOCK, allocation_digest, zones_digest
from nudge.store.locks import text_sha256
from nudge.store.persons import objection_hash
from nudge.store.tables import allocation, amendment, campaign, lock, objection

_RESTORE = "Restaurer une sauvegarde de l'entrepôt."
# Event that ends a campaign, and the statuses that only come after it.
_ENDS = {
    "cloture": frozenset({"close", "publiee"}),
    "publication": frozenset({"publiee"}),
}


def record_problems(
    connection: Connection, identifier: str, log: Sequence[LoggedEvent]
) -> list[Problem]:
    """Return what differs between the record of a campaign and its events, in French.

    Parameters
    ----------
    log
        Events of the campaign.
    """
    found = [
        *_lock_problems(connection, identifier, log),
        *_amendment_problems(connection, identifier, log),
        *_text_problems(connection, identifier, log),
        *_label_problems(connection, identifier),
        *_status_problems(connection, identifier, log),
        *_draw_problems(connection, identifier, log),
        *_objection_problems(connection, identifier, log),
    ]
    return [Problem(place=f"campagne {identifier}", what=what, mend=mend) for what, mend in found]


Finding = tuple[str, str]


def _lock_problems(
    connection: Connection, identifier: str, log: Sequence[LoggedEvent]
) -> list[Finding]:
    rows = _rows(connection, lock, identifier)
    locked = _payloads(log, kind="verrouillage", key="yaml_sha256")
    if not rows and not locked:
        return []
    if not rows:
        return [("le plan verrouillé a disparu de l'entrepôt", _RESTORE)]
    if not locked:
        return [("le plan est verrouillé sans événement de verrouillage", _RESTORE)]
    row, event = rows[0], locked[-1]
    checks = {
        "l'empreinte du plan verrouillé a été modifiée": (row.plan_sha256, event["plan_sha256"]),
        "l'empreinte des zones verrouillées a été modifiée": (
            row.zones_sha256,
            event["zones_sha256"],
        ),
        "le texte du plan verrouillé a été modifié": (text_sha256(row.yaml), event["yaml_sha256"]),
        "la fiche du verrou a été modifiée": (text_sha256(row.record), event["record_sha256"]),
        "les zones de la campagne ont été modifiées après le verrouillage": (
            zones_digest(connection, identifier),
            event["stored_zones_sha256"],
        ),
    }
    mend = "Comparer avec le dossier verrou/ de la campagne et restaurer une sauvegarde."
    return [(what, mend) for what, (stored, logged) in checks.items() if stored != logged]


def _amendment_problems(
    connection: Connection, identifier: str, log: Sequence[LoggedEvent]
) -> list[Finding]:
    rows = {row.number: row for row in _rows(connection, amendment, identifier)}
    logged = {
        event["number"]: event for event in _payloads(log, kind="avenant", key="changes_sha256")
    }
    findings = []
    for number in sorted(rows.keys() | logged.keys()):
        if number not in rows:
            findings.append((f"l'avenant n° {number} a disparu", _RESTORE))
        elif number not in logged:
            findings.append((f"l'avenant n° {number} n'est pas dans le journal", _RESTORE))
        elif _amendment_hashes(rows[number]) != {
            key: logged[number].get(key) for key in _amendment_hashes(rows[number])
        }:
            findings.append((f"l'avenant n° {number} a été modifié", _RESTORE))
    return findings


def _amendment_hashes(row: Row[Any]) -> dict[str, str]:
    return {
        "reason": row.reason,
        "changes_sha256": text_sha256(row.changes),
        "yaml_sha256": text_sha256(row.yaml),
        "plan_sha256": row.plan_sha256,
    }


def _text_problems(
    connection: Connection, identifier: str, log: Sequence[LoggedEvent]
) -> list[Finding]:
    """Compare the text in force with what was locked or last amended."""
    query = select(campaign).where(campaign.c.identifier == identifier)
    row = connection.execute(query).first()
    if row is None:
        return [("la campagne a disparu de l'entrepôt", _RESTORE)]
    locked = _payloads(log, kind="verrouillage", key="yaml_sha256")
    if not locked:
        if row.status in BEFORE_LOCK:
            return []
        what = f"le statut « {row.status} » n'a pas de verrouillage dans le journal"
        return [(what, "Verrouiller par pouce campaign lock.")]
    amended = _payloads(log, kind="avenant", key="changes_sha256")
    in_force = (amended or locked)[-1]
    findings = []
    if row.status in BEFORE_LOCK:
        what = f"le statut est revenu à « {row.status} » après le verrouillage"
        findings.append((what, _RESTORE))
    if (
        text_sha256(row.yaml) != in_force["yaml_sha256"]
        or row.plan_sha256 != in_force["plan_sha256"]
        or row.zones_sha256 != locked[-1]["zones_sha256"]
    ):
        what = "le plan en vigueur n'est ni celui du verrou ni celui du dernier avenant"
        findings.append((what, _RESTORE))
    return findings


def _label_problems(connection: Connection, identifier: str) -> list[Finding]:
    """Compare the stored title and mark of simulation with those of the plans.

    The plans themselves are compared with the log by hash. Any title that a plan ever had is
    admitted: stores of before kept the locked one when an amendment changed it.
    """
    query = select(campaign).where(campaign.c.identifier == identifier)
    row = connection.execute(query).first()
    if row is None:
        return []
    earlier = [one.yaml for one in _rows(connection, lock, identifier)]
    earlier += [one.yaml for one in _rows(connection, amendment, identifier)]
    plans = [plan for plan in map(_plan_fields, (row.yaml, *earlier)) if "titre" in plan]
    if not plans:
        return []
    simulated = _simulated(plans[0])
    mend = "Restaurer une sauvegarde de l'entrepôt ; ne rien publier sous le titre modifié."
    findings = []
    if bool(row.simulation) != simulated:
        but, said = ("réelle", "simulée") if simulated else ("simulée", "réelle")
        findings.append((f"la campagne est notée {but}, son plan la dit {said}", mend))
    if row.title not in {_shown_title(plan) for plan in plans}:
        what = f"le titre est « {row.title} », celui du plan est « {_shown_title(plans[0])} »"
        findings.append((what, mend))
    return findings


def _plan_fields(text: str) -> dict[str, Any]:
    try:
        fields = yaml.safe_load(text)
    except yaml.YAMLError:
        # A text that is no longer the one that was locked is named by its hash.
        return {}
    return fields if isinstance(fields, dict) else {}


def _shown_title(plan: dict[str, Any]) -> str:
    return f"SIMULATION – {plan['titre']}" if _simulated(plan) else str(plan["titre"])


def _simulated(plan: dict[str, Any]) -> bool:
    # Plain YAML takes the word for text.
    return plan.get("simulation") in (True, "oui")


def _status_problems(
    connection: Connection, identifier: str, log: Sequence[LoggedEvent]
) -> list[Finding]:
    """A campaign is closed or published exactly when the log says so, with the logged seed."""
    query = select(campaign).where(campaign.c.identifier == identifier)
    row = connection.execute(query).first()
    if row is None:
        return []
    kinds = {entry.kind for entry in log}
    findings = []
    for kind, statuses in _ENDS.items():
        if (row.status in statuses) != (kind in kinds):
            but = "sans" if row.status in statuses else "malgré"
            what = f"le statut est « {row.status} » {but} événement de {kind} dans le journal"
            findings.append((what, _RESTORE))
    logged = [entry.payload["graine"] for entry in log if "graine" in entry.payload]
    if logged and row.seed != logged[-1]:
        what = f"la graine est {row.seed}, celle du tirage est {logged[-1]}"
        findings.append((what, _RESTORE))
    return findings


def _draw_problems(
    connection: Connection, identifier: str, log: Sequence[LoggedEvent]
) -> list[Finding]:
    arms = {row.zone_id: row.arm for row in _rows(connection, allocation, identifier)}
    drawn = _payloads(log, kind="tirage", key="allocation_sha256")
    mend = "Comparer avec le dossier tirage/ de la campagne et restaurer une sauvegarde."
    if not drawn:
        return [("des zones ont un groupe sans événement de tirage", mend)] if arms else []
    if allocation_digest(arms) == drawn[-1]["allocation_sha256"]:
        return []
    what = (
        "l'attribution des zones aux groupes n'est plus celle du tirage "
        f"({len(arms)} zones dans l'entrepôt, {drawn[-1]['n_zones']} au tirage)"
    )
    return [(what, mend)]


def _objection_problems(
    connection: Connection, identifier: str, log: Sequence[LoggedEvent]
) -> list[Finding]:
    stored = {
        objection_hash(row.pseudonym, row.salt) for row in _rows(connection, objection, identifier)
    }
    logged = {
        event["objection_sha256"]
        for event in _payloads(log, kind="opposition", key="objection_sha256")
    }
    gone, added = len(logged - stored), len(stored - logged)
    findings = []
    if gone:
        mend = "Restaurer une sauvegarde avant tout nouvel envoi : des personnes ont dit non."
        findings.append((f"oppositions effacées ou modifiées : {gone}", mend))
    if added:
        findings.append((f"oppositions absentes du journal : {added}", _RESTORE))
    return findings


def _payloads(log: Sequence[LoggedEvent], *, kind: str, key: str) -> list[dict[str, Any]]:
    payloads = [entry.payload for entry in log if entry.kind == kind]
    return [payload for payload in payloads if key in payload]


def _rows(connection: Connection, table: Table, identifier: str) -> Sequence[Row[Any]]:
    return connection.execute(select(table).where(table.c.campaign == identifier)).all()
