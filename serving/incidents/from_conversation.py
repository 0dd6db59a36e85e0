"""Incident reports taken in conversation."""

from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

from nlu.entities.folding import fold_words
from nlu.redaction.redact import redact
from nudge.errors import CampaignError, Problem
from serving.incidents.kept_requests import keep_request
from serving.incidents.request import ServiceRequest, Submission
from serving.incidents.service import ServiceList
from serving.incidents.submission import LONGEST, plain, redact_place


class IncidentDraft(Protocol):
    """What a conversation gathers; ``serving.dialogue.conversation.ReportDraft`` is one."""

    @property
    def service_code(self) -> str:
        """Kind of incident."""
        ...

    @property
    def address_string(self) -> str:
        """Place in the citizen's words."""
        ...

    @property
    def commune(self) -> str:
        """INSEE code; empty when it is not known."""
        ...

    @property
    def description(self) -> str:
        """Citizen's words."""
        ...


def create_request_from_draft(
    connection: Connection,
    draft: IncidentDraft,
    *,
    services: ServiceList,
    conversation: str,
    channel: str,
    token: str,
    now: datetime,
    commune: str = "",
) -> ServiceRequest:
    """Keep the report that a citizen confirmed, and return it with its number.

    Parameters
    ----------
    connection
        Of the transaction that keeps the turn: both are there, or neither.
    draft
        Complete draft.
    services
        Kinds of incident.
    conversation
        Pseudonym of the conversation.
    channel
        Its channel.
    token
        Names the turn: the same turn sent again keeps one report.
    now
        Instant of the turn.
    commune
        Name of the commune, for whoever must find the place; empty when it is not known.

    Raises
    ------
    CampaignError
        The draft names no known kind or no place.
    """
    service = services.find(draft.service_code)
    place = draft.address_string
    if place and commune and fold_words(commune) not in fold_words(place):
        place = f"{place}, {commune}"
    address = redact_place(plain(place))[: LONGEST["address_string"]]
    if service is None or not (address or draft.commune):
        raise CampaignError(
            Problem(
                place="signalement",
                what="il manque la nature de l'incident ou son lieu",
                mend="les demander avant de l'enregistrer",
            )
        )
    submission = Submission(
        service_code=service.code,
        channel=channel,
        address=address,
        commune=draft.commune,
        description=redact(plain(draft.description)[: LONGEST["description"]]).text,
        conversation=conversation,
    )
    client = f"conversation:{conversation}"
    return keep_request(connection, submission, service, now=now, client=client, token=token)
