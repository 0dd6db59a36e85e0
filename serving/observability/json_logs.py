"""Structured logs: one JSON object a line, never a citizen's words.

Only named fields are written. The message of an exception is not: drivers and parsers quote what
they choke on.
"""

import json
import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TextIO

LOGGER = "pouce.serving"
FIELDS = "pouce_fields"
# Follows a request onto its threads.
_TRACE: ContextVar[str] = ContextVar("pouce_trace", default="")


class JsonFormatter(logging.Formatter):
    """Format a record as JSON: instant, level, logger, event, and the fields it was given."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.msg if not record.args else record.getMessage(),
            **getattr(record, FIELDS, {}),
        }
        if _TRACE.get():
            line["trace_id"] = _TRACE.get()
        if record.exc_info is not None and record.exc_info[0] is not None:
            line["exception"] = record.exc_info[0].__name__
            line["stack"] = [
                f"{frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])
            ]
        return json.dumps(line, ensure_ascii=False)


def log_as_json(stream: TextIO | None = None) -> None:
    """Send the logs of the service, and those of its libraries that matter, as JSON."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter())
    for name in (LOGGER, "uvicorn.error", "opentelemetry"):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.propagate = False
        logger.setLevel(logging.INFO)


@contextmanager
def logs_of_trace(identifier: str) -> Iterator[None]:
    """Write a trace's identifier on the lines logged meanwhile, as ``trace_id``."""
    token = _TRACE.set(identifier)
    try:
        yield
    finally:
        _TRACE.reset(token)


def log_event(event: str, *, failure: BaseException | None = None, **fields: Any) -> None:
    """Log an event with its fields.

    Parameters
    ----------
    event
        Short name, such as ``request``.
    failure
        Exception whose type and stack are logged, as an error.
    fields
        Numbers, identifiers and names; never a text that someone wrote.
    """
    logging.getLogger(LOGGER).log(
        logging.ERROR if failure else logging.INFO,
        event,
        extra={FIELDS: fields},
        exc_info=failure,
    )
