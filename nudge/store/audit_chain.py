"""Audit of the event log: numbering, hashes and the links between them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from nudge.errors import Problem
from nudge.store.event_log import FIRST_HASH, event_hash
from nudge.store.tables import event as event_table

_RESTORE = "Restaurer une sauvegarde de l'entrepôt et chercher qui a modifié le fichier."


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEvent:
    """An event as it stands in the table, whether it still holds or not.

    Attributes
    ----------
    number, campaign, at, kind, text, previous_hash, hash
        Columns of the table; ``text`` is the payload's.
    """

    number: int
    campaign: str
    at: str
    kind: str
    text: str
    previous_hash: str
    hash: str

    @property
    def payload(self) -> dict[str, Any]:
        """The payload; empty where it is no longer a JSON object."""
        try:
            content = json.loads(self.text)
        except ValueError:
            return {}
        return content if isinstance(content, dict) else {}


def logged_events(connection: Connection) -> list[LoggedEvent]:
    """Return all events as they stand, by number."""
    columns = event_table.c
    query = select(
        columns.number,
        columns.campaign,
        columns.at,
        columns.kind,
        columns.payload.label("text"),
        columns.previous_hash,
        columns.hash,
    ).order_by(columns.number)
    return [LoggedEvent(**row._mapping) for row in connection.execute(query)]


def chain_problems(log: Sequence[LoggedEvent], *, head: str | None = None) -> list[Problem]:
    """Return what is wrong with the chain.

    Parameters
    ----------
    log
        Of :func:`logged_events`.
    head
        Hash that an earlier audit gave; None where there is none to check.
    """
    problems = []
    number, previous = 0, FIRST_HASH
    for entry in log:
        missing = entry.number - number - 1
        if missing == 1:
            problems.append(_problem(f"l'événement n° {number + 1} manque"))
        elif missing:
            what = f"les événements n° {number + 1} à {entry.number - 1} manquent"
            problems.append(_problem(what))
        if entry.hash != _hash(entry):
            problems.append(_problem(f"l'événement {_name(entry)} a été modifié"))
        if not missing and entry.previous_hash != previous:
            problems.append(_problem(f"l'événement {_name(entry)} ne suit plus le précédent"))
        number, previous = entry.number, entry.hash
    if head is not None and head not in {entry.hash for entry in log}:
        what = f"l'empreinte notée ({head[:12]}…) n'est plus dans le journal"
        problems.append(_problem(what))
    return problems


def _hash(entry: LoggedEvent) -> str:
    return event_hash(
        number=entry.number,
        campaign=entry.campaign,
        at=entry.at,
        kind=entry.kind,
        payload=entry.text,
        previous_hash=entry.previous_hash,
    )


def _name(entry: LoggedEvent) -> str:
    return f"n° {entry.number} ({entry.kind}, campagne {entry.campaign})"


def _problem(what: str) -> Problem:
    return Problem(place="journal", what=what, mend=_RESTORE)
