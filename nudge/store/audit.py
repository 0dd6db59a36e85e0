"""Audit of a store: whether everything still stands as it was written."""

from dataclasses import dataclass

from sqlalchemy import Connection, select, union

from nudge.store.audit_chain import chain_problems, logged_events
from nudge.store.audit_record import record_problems
from nudge.store.audit_rows import rows_problems
from nudge.store.database import Store
from nudge.store.event_log import FIRST_HASH
from nudge.store.tables import OBSERVATION_TABLES, event
from nudge.store.tables import campaign as campaign_table


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """What an audit found.

    Attributes
    ----------
    events, rows
        Events and observations checked.
    problems
        French sentences, each naming what is wrong and what to do; empty where all is intact.
    head
        Hash of the last event. Noted elsewhere, such as in a printed report, it proves later
        that no event was cut off the end of the log.
    """

    events: int
    rows: int
    problems: tuple[str, ...]
    head: str

    @property
    def intact(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def audit(store: Store, *, campaign: str | None = None, head: str | None = None) -> AuditReport:
    """Check the whole event chain, and the record and rows of one campaign or of all.

    Parameters
    ----------
    campaign
        Identifier; all campaigns by default.
    head
        Hash noted after an earlier audit: it must still be in the log.
    """
    with store.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            # One snapshot for all queries, as SQLite gives anyway.
            connection.execution_options(isolation_level="REPEATABLE READ")
        log = logged_events(connection)
        problems = chain_problems(log, head=head)
        n_rows = 0
        for identifier in _campaigns(connection) if campaign is None else [campaign]:
            own = [entry for entry in log if entry.campaign == identifier]
            problems += record_problems(connection, identifier, own)
            count, found = rows_problems(connection, identifier, own)
            n_rows += count
            problems += found
    last = log[-1].hash if log else FIRST_HASH
    return AuditReport(events=len(log), rows=n_rows, problems=tuple(map(str, problems)), head=last)


def _campaigns(connection: Connection) -> list[str]:
    """Return every identifier that a table names, so that none hides rows of its own."""
    columns = [table.c.campaign for table in OBSERVATION_TABLES.values()]
    columns += [campaign_table.c.identifier, event.c.campaign]
    return sorted(connection.execute(union(*map(select, columns))).scalars())
