"""What a failure of the database was, in words fit for logs and for clients."""

import sqlite3

from sqlalchemy.exc import DBAPIError

# SQLite: the disk, the size set for the file, the index of the log; PostgreSQL: disk_full.
_FULL = frozenset({"SQLITE_FULL", "SQLITE_IOERR_SHMSIZE", "53100"})


def failure_code(error: BaseException) -> str:
    """Return the database's own code, such as ``SQLITE_FULL`` or ``57P01``; empty without one."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        return str(getattr(cause, "sqlite_errorname", ""))
    return str(getattr(cause, "sqlstate", None) or "")


def is_out_of_space(error: BaseException) -> bool:
    """Whether the database has no room left to write."""
    return failure_code(error) in _FULL
