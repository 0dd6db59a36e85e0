"""An incident report: as it comes, and as it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Status = Literal["open", "closed"]
Answer = str | tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A report that was checked and whose words were redacted, not yet kept.

    Attributes
    ----------
    service_code
        Kind of incident.
    channel
        ``open311`` or a channel of conversations.
    latitude, longitude
        WGS 84, in degrees; None where the place is told in words.
    address, address_id
        Place in words, and identifier of an address.
    commune
        INSEE code, where it is known.
    description, media_url
        What was seen, redacted, and address of a picture.
    attributes
        Answers to the questions of the kind, by code.
    contact
        What the reporter left to be reached: ``email``, ``first_name``, ``last_name``,
        ``phone``. Kept apart, for less long.
    conversation
        Pseudonym of the conversation that it comes from.
    """

    service_code: str
    channel: str
    latitude: float | None = None
    longitude: float | None = None
    address: str = ""
    address_id: str = ""
    commune: str = ""
    description: str = ""
    media_url: str = ""
    attributes: Mapping[str, Answer] = field(default_factory=dict)
    contact: Mapping[str, str] = field(default_factory=dict)
    conversation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRequest:
    """A report as it is kept; nothing in it says who reported.

    Attributes
    ----------
    identifier
        ``SIG-482109-K7M2Q9``.
    status, status_notes
        Where it stands, and what was done, in French.
    requested_at, updated_at, expected_at
        Instants: received, last changed, to be treated by.
    agency, notice
        Who is responsible, and the advice given.
    others
        As in :class:`Submission`.
    """

    identifier: str
    service_code: str
    status: Status
    status_notes: str
    channel: str
    agency: str
    notice: str
    requested_at: datetime
    updated_at: datetime
    expected_at: datetime | None
    latitude: float | None
    longitude: float | None
    address: str
    address_id: str
    commune: str
    description: str
    media_url: str
    attributes: Mapping[str, Answer]
