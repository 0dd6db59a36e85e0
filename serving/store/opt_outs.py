"""Who wants no eco-gesture any more."""

from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, select

from serving.store.database import insert_once, instant
from serving.store.tables import opt_out

Source = Literal["conversation", "operator"]


def record_opt_out(connection: Connection, pseudonym: str, *, source: Source, at: datetime) -> bool:
    """Record that nothing is to be offered any more; return whether it was new."""
    row = {"pseudonym": pseudonym, "source": source, "at": instant(at)}
    return insert_once(connection, opt_out, row)


def has_opted_out(connection: Connection, pseudonym: str) -> bool:
    """Whether a conversation wants no eco-gesture."""
    query = select(opt_out.c.at).where(opt_out.c.pseudonym == pseudonym)
    return connection.execute(query).first() is not None
