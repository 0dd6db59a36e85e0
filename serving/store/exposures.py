"""Which conversation was assigned to which arm, logged once, control included."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from serving.store.database import insert_once, instant
from serving.store.tables import exposure


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """One conversation in one arm of one campaign.

    Attributes
    ----------
    campaign, arm
        Identifiers.
    control
        Whether the arm is the comparison group: logged like the others, nothing is shown.
    conversation
        Pseudonym.
    zone
        Zone whose drawn arm it is; None where the conversation itself was assigned.
    commune
        INSEE code where it is known.
    message
        Message after which it happened.
    intent
        Intent of that message.
    at
        Instant.
    """

    campaign: str
    arm: str
    control: bool
    conversation: str
    zone: str | None
    commune: str | None
    message: str
    intent: str | None
    at: datetime


def log_exposure(connection: Connection, one: Exposure) -> bool:
    """Log an exposure; return False where the conversation is in the campaign already."""
    return insert_once(connection, exposure, {**asdict(one), "at": instant(one.at)})


def exposures_since(connection: Connection, conversation: str, since: datetime) -> int:
    """Return how many exposures a conversation had since an instant, whatever the campaign."""
    query = (
        select(func.count())
        .select_from(exposure)
        .where(exposure.c.conversation == conversation)
        .where(exposure.c.at >= instant(since))
    )
    return int(connection.execute(query).scalar_one())
