import sqlite3

import pytest
from sqlalchemy.exc import OperationalError

from serving.store.failures import failure_code, is_out_of_space


class ServerError(Exception):
    """An error of a server, which has the code of SQL."""

    def __init__(self, sqlstate):
        super().__init__("refused")
        self.sqlstate = sqlstate


def wrapped(cause):
    return OperationalError("INSERT", {}, cause)


def file_error(name):
    error = sqlite3.OperationalError("refused")
    error.sqlite_errorname = name
    return error


@pytest.mark.parametrize(
    ("cause", "code", "out_of_space"),
    [
        (file_error("SQLITE_FULL"), "SQLITE_FULL", True),
        # A full disk has no room for the index of the log of the first connection either.
        (file_error("SQLITE_IOERR_SHMSIZE"), "SQLITE_IOERR_SHMSIZE", True),
        (file_error("SQLITE_BUSY"), "SQLITE_BUSY", False),
        (ServerError("53100"), "53100", True),
        (ServerError("57P01"), "57P01", False),
        (ServerError(None), "", False),
    ],
)
def test_failures_are_told_by_the_code_of_the_database(cause, code, out_of_space):
    assert failure_code(wrapped(cause)) == code
    assert is_out_of_space(wrapped(cause)) == out_of_space


def test_another_error_has_no_code():
    assert failure_code(TimeoutError("no connection")) == ""
