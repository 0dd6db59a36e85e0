"""The queue of messages to label, and the rows that their labels give to the corpus."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import Connection, exists, insert, select, update

from nlu.corpus.utterance import REGISTERS, Register, Utterance
from nlu.redaction.redact import redact
from nudge.errors import CampaignError, Problem
from nudge.store.database import Store
from serving.learning.selection import Candidate, select_for_labelling, usefulness
from serving.store.database import instant, recording
from serving.store.tables import feedback, message, opt_out, queue_item

AUTHOR = "citoyens"
Subtype = Literal["", "proche", "lointain"]
SUBTYPES: tuple[Subtype, ...] = ("", "proche", "lointain")
# A click says what it means, and the text of an old message is gone.
_READABLE = (message.c.text != "", message.c.model_version != "clic")


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedMessage:
    """A message that waits for its label.

    Attributes
    ----------
    message, text
        Identifier and redacted text.
    cluster
        Messages like it.
    usefulness
        How much its label would teach.
    intent, confidence
        What the model said.
    """

    message: str
    text: str
    cluster: str
    usefulness: float
    intent: str | None
    confidence: float


def fill_queue(store: Store, *, count: int, now: datetime) -> int:
    """Bring the queue to ``count`` waiting messages; return how many were added.

    Messages of persons who object are left out.
    """
    with recording(store) as connection:
        waiting = len(_waiting(connection))
        chosen = select_for_labelling(
            _candidates(connection), count=max(0, count - waiting), known=_known(connection)
        )
        rows = [
            {
                "message": one.candidate.message,
                "cluster": one.cluster,
                "usefulness": one.candidate.usefulness,
                "queued_at": instant(now),
            }
            for one in chosen
        ]
        if rows:
            connection.execute(insert(queue_item), rows)
    return len(rows)


def waiting_messages(store: Store) -> list[QueuedMessage]:
    """Return the messages that wait for a label, the most useful first."""
    with store.engine.connect() as connection:
        return [QueuedMessage(**row) for row in _waiting(connection)]


def label_message(
    store: Store,
    identifier: str,
    intent: str,
    *,
    intents: Collection[str],
    out_of_scope: str,
    register: str | None = None,
    subtype: str = "",
    now: datetime,
) -> None:
    """Give a queued message its intent; a second label replaces the first.

    Parameters
    ----------
    intents, out_of_scope
        Of the taxonomy.
    register
        ``std``, ``oral``, ``sms`` or ``indirect``; by default that of the channel.
    subtype
        ``proche`` or ``lointain`` for a message out of scope, empty otherwise.

    Raises
    ------
    CampaignError
        Message not in the queue, or a label that does not exist.
    """
    problems = _label_problems(
        intent, intents=intents, out_of_scope=out_of_scope, register=register, subtype=subtype
    )
    if problems:
        raise CampaignError(problems)
    with recording(store) as connection:
        query = select(message.c.channel).join(queue_item).where(queue_item.c.message == identifier)
        channel = connection.execute(query).scalar_one_or_none()
        if channel is None:
            raise CampaignError(
                Problem(
                    place=identifier,
                    what="ce message n'est pas dans la file",
                    mend="la file est donnée par « pouce serve queue list »",
                )
            )
        labelled = {
            "intent": intent,
            "register": register or ("oral" if channel == "voice" else "std"),
            "subtype": subtype,
            "labelled_at": instant(now),
        }
        connection.execute(
            update(queue_item).where(queue_item.c.message == identifier).values(labelled)
        )


def labelled_utterances(store: Store) -> list[Utterance]:
    """Return labelled messages as corpus rows, one text once, redacted again."""
    query = (
        select(
            message.c.text,
            queue_item.c.intent,
            queue_item.c.cluster,
            queue_item.c.register,
            queue_item.c.subtype,
        )
        .join(message)
        .where(queue_item.c.intent.is_not(None), message.c.text != "")
        .order_by(queue_item.c.intent, queue_item.c.cluster, queue_item.c.message)
    )
    with store.engine.connect() as connection:
        rows = connection.execute(query).all()
    found: dict[str, Utterance] = {}
    for row in rows:
        text = redact(row.text).text
        found.setdefault(
            text.casefold().strip(),
            Utterance(
                text=text,
                intent=row.intent,
                family=f"{AUTHOR}/{row.cluster}",
                register=cast("Register", row.register),
                author=AUTHOR,
                subtype=row.subtype or "",
            ),
        )
    return list(found.values())


def _label_problems(
    intent: str, *, intents: Collection[str], out_of_scope: str, register: str | None, subtype: str
) -> list[Problem]:
    problems = []
    if intent not in intents:
        mend = "choisir une intention de datasets/sophie/intents.yaml"
        problems.append(Problem(what=f"l'intention « {intent} » est inconnue", mend=mend))
    if register is not None and register not in REGISTERS:
        mend = f"choisir parmi {', '.join(REGISTERS)}"
        problems.append(Problem(what=f"le registre « {register} » est inconnu", mend=mend))
    if (intent == out_of_scope) != (subtype in SUBTYPES[1:]):
        what = "« proche » ou « lointain » va avec un message hors périmètre, et avec lui seul"
        problems.append(Problem(what=what, mend="corriger --subtype"))
    return problems


def _candidates(connection: Connection) -> list[Candidate]:
    disputed = exists().where(
        feedback.c.message == message.c.identifier,
        (feedback.c.thumb == "down") | feedback.c.corrected_intent.is_not(None),
    )
    queued = exists().where(queue_item.c.message == message.c.identifier)
    objected = exists().where(opt_out.c.pseudonym == message.c.conversation)
    query = select(
        message.c.identifier,
        message.c.text,
        message.c.margin,
        message.c.entropy,
        disputed.label("disputed"),
    ).where(*_READABLE, ~queued, ~objected)
    return [
        Candidate(
            message=row.identifier,
            text=row.text,
            usefulness=usefulness(
                margin=row.margin, entropy=row.entropy, disputed=bool(row.disputed)
            ),
        )
        for row in connection.execute(query)
    ]


def _known(connection: Connection) -> list[tuple[str, str]]:
    query = (
        select(queue_item.c.cluster, message.c.text)
        .join(message)
        .where(message.c.text != "")
        .order_by(queue_item.c.queued_at, queue_item.c.message)
    )
    return [(row.cluster, row.text) for row in connection.execute(query)]


def _waiting(connection: Connection) -> list[dict[str, Any]]:
    query = (
        select(
            queue_item.c.message,
            message.c.text,
            queue_item.c.cluster,
            queue_item.c.usefulness,
            message.c.intent,
            message.c.confidence,
        )
        .join(message)
        .where(queue_item.c.intent.is_(None))
        .order_by(queue_item.c.usefulness.desc(), queue_item.c.message)
    )
    return [dict(row) for row in connection.execute(query).mappings()]
