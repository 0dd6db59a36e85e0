"""Incident reports in the store: kept once, read, changed by an operator, purged."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from nudge.errors import CampaignError, Problem
from nudge.french.typography import typeset
from nudge.store.database import Store
from serving.incidents.identifier import request_identifier
from serving.incidents.open311_error import Open311Error
from serving.incidents.request import ServiceRequest, Status, Submission
from serving.incidents.service import Service
from serving.store.database import insert_once, instant, recording
from serving.store.extension_tables import report_contact
from serving.store.tables import service_request

MOST_ROWS = 1_000
MOST_DAYS = 90
FORGOTTEN = typeset(
    "Clos sans suite connue, faute de nouvelles. Si l'incident dure, signalez-le de nouveau."
)
_SAME = ("service_code", "description", "attributes", "address", "address_id", "commune",
         "latitude", "longitude", "media_url")  # fmt: skip


def keep_request(
    connection: Connection,
    submission: Submission,
    service: Service,
    *,
    now: datetime,
    client: str = "",
    token: str = "",
) -> ServiceRequest:
    """Keep a report, once for a client's token, and return it.

    Parameters
    ----------
    connection
        Of :func:`serving.store.database.recording`: report, contact data and what else the
        transaction holds are written together or not at all.

    Raises
    ------
    Open311Error
        409: the token was used for another report.
    """
    row = _row(submission, service, request_identifier(client=client, token=token), now)
    if insert_once(connection, service_request, row):
        _keep_contact(connection, row["identifier"], submission.contact, now)
        return _request(row)
    known = _find(connection, row["identifier"])
    if known is None or any(known[name] != row[name] for name in _SAME):
        text = "Ce jeton a déjà servi pour un autre signalement."
        raise Open311Error(status=409, descriptions=(text,))
    return _request(known)


def find_request(store: Store, identifier: str) -> ServiceRequest | None:
    """Return a report; None where there is none."""
    with store.engine.connect() as connection:
        row = _find(connection, identifier)
    return None if row is None else _request(row)


def list_requests(
    store: Store,
    *,
    start: datetime,
    end: datetime,
    identifiers: Sequence[str] = (),
    service_codes: Sequence[str] = (),
    statuses: Sequence[str] = (),
) -> list[ServiceRequest]:
    """Return reports received from ``start`` to ``end``, the newest first, at most 1,000.

    Empty filters keep everything. With identifiers the dates do not matter, as in GeoReport v2.
    """
    query = select(service_request)
    if identifiers:
        query = query.where(service_request.c.identifier.in_(identifiers))
    else:
        query = query.where(service_request.c.requested_at >= instant(start))
        query = query.where(service_request.c.requested_at <= instant(end))
    if service_codes:
        query = query.where(service_request.c.service_code.in_(service_codes))
    if statuses:
        query = query.where(service_request.c.status.in_(statuses))
    order = (service_request.c.requested_at.desc(), service_request.c.identifier)
    with store.engine.connect() as connection:
        rows = connection.execute(query.order_by(*order).limit(MOST_ROWS)).mappings().all()
    return [_request(dict(row)) for row in rows]


def change_status(
    store: Store, identifier: str, *, status: Status, notes: str, now: datetime
) -> ServiceRequest:
    """Open or close a report, and say what was done.

    Parameters
    ----------
    notes
        What was done, in French, read by the reporter; already redacted.

    Raises
    ------
    CampaignError
        There is no such report.
    """
    change = (
        update(service_request)
        .where(service_request.c.identifier == identifier)
        .values(status=status, status_notes=notes or None, updated_at=instant(now))
    )
    with recording(store) as connection:
        if not connection.execute(change).rowcount:
            raise CampaignError(
                Problem(place=identifier, what="signalement inconnu", mend="vérifier son numéro")
            )
        row = _find(connection, identifier)
    assert row is not None  # noqa: S101
    return _request(row)


def contact_of(store: Store, identifier: str) -> dict[str, str]:
    """Return what the reporter left to be reached, for the operator; empty where nothing is."""
    query = select(report_contact.c.contact).where(report_contact.c.request == identifier)
    with store.engine.connect() as connection:
        text = connection.execute(query).scalar()
    contact: dict[str, str] = json.loads(text) if text else {}
    return contact


def purge_contacts(connection: Connection, *, before: datetime) -> int:
    """Erase the contact data of reports received before an instant; return how many."""
    done = connection.execute(
        delete(report_contact).where(report_contact.c.recorded_at < instant(before))
    )
    return int(done.rowcount)


def close_forgotten(connection: Connection, *, before: datetime, now: datetime) -> int:
    """Close open reports that nobody has touched since an instant; return how many.

    Nobody follows them any more, and an open report would keep its place for ever.
    """
    change = (
        update(service_request)
        .where(service_request.c.status == "open")
        .where(service_request.c.updated_at < instant(before))
        .values(status="closed", status_notes=FORGOTTEN, updated_at=instant(now))
    )
    return int(connection.execute(change).rowcount)


def purge_requests(connection: Connection, *, before: datetime) -> int:
    """Erase closed reports last changed before an instant, with their contact data."""
    old = (
        select(service_request.c.identifier)
        .where(service_request.c.status == "closed")
        .where(service_request.c.updated_at < instant(before))
    )
    connection.execute(delete(report_contact).where(report_contact.c.request.in_(old)))
    done = connection.execute(
        delete(service_request)
        .where(service_request.c.status == "closed")
        .where(service_request.c.updated_at < instant(before))
    )
    return int(done.rowcount)


def _find(connection: Connection, identifier: str) -> dict[str, Any] | None:
    query = select(service_request).where(service_request.c.identifier == identifier)
    row = connection.execute(query).mappings().first()
    return None if row is None else dict(row)


def _keep_contact(
    connection: Connection, identifier: str, contact: Mapping[str, str], now: datetime
) -> None:
    if contact:
        row = {"request": identifier, "contact": json.dumps(contact, ensure_ascii=False),
               "recorded_at": instant(now)}  # fmt: skip
        connection.execute(insert(report_contact).values(row))


def _row(
    submission: Submission, service: Service, identifier: str, now: datetime
) -> dict[str, Any]:
    return {
        "identifier": identifier,
        "service_code": submission.service_code,
        "status": "open",
        "status_notes": None,
        "description": submission.description or None,
        "attributes": json.dumps(submission.attributes, ensure_ascii=False, sort_keys=True),
        "address": submission.address or None,
        "address_id": submission.address_id or None,
        "commune": submission.commune or None,
        "latitude": submission.latitude,
        "longitude": submission.longitude,
        "media_url": submission.media_url or None,
        "channel": submission.channel,
        "conversation": submission.conversation or None,
        "agency_responsible": service.agency,
        "service_notice": service.notice or None,
        "requested_at": instant(now),
        "updated_at": instant(now),
        "expected_at": instant(now + timedelta(days=service.expected_days)),
    }


def _request(row: Mapping[str, Any]) -> ServiceRequest:
    answers = json.loads(row["attributes"])
    return ServiceRequest(
        identifier=row["identifier"],
        service_code=row["service_code"],
        status=row["status"],
        status_notes=row["status_notes"] or "",
        channel=row["channel"],
        agency=row["agency_responsible"] or "",
        notice=row["service_notice"] or "",
        requested_at=datetime.fromisoformat(row["requested_at"]),
        updated_at=datetime.fromisoformat(row["updated_at"]),
        expected_at=datetime.fromisoformat(row["expected_at"]) if row["expected_at"] else None,
        latitude=row["latitude"],
        longitude=row["longitude"],
        address=row["address"] or "",
        address_id=row["address_id"] or "",
        commune=row["commune"] or "",
        description=row["description"] or "",
        media_url=row["media_url"] or "",
        attributes={
            code: tuple(answer) if isinstance(answer, list) else answer
            for code, answer in answers.items()
        },
    )
