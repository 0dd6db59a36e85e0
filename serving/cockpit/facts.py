"""Facts of a year, counted: requests, hand-overs, messages and conversations.

Each table has one row a combination and its number ``n``. Contacts of the other channels are
counted by the database; what Sophie did is read message by message and counted here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pyarrow as pa
from sqlalchemy import Column, Connection, Select, case, func, select

from nlu.corpus.taxonomy import Taxonomy
from nudge.store.bulk import bulk_read
from nudge.store.database import Store
from serving.store.database import instant
from serving.store.extension_tables import crm_contact
from serving.store.tables import conversation, feedback, message, ticket

PARIS = ZoneInfo("Europe/Paris")
UNTYPED, NOWHERE, SMALL_COMMUNES = "non_type", "non_precisee", "petites_communes"
WITHIN, LATE, UNKNOWN = "dans_le_delai", "hors_delai", "delai_inconnu"
SOPHIE, OTHERS = "sophie", "autres_canaux"
ALONE, HANDED = "sans_conseiller", "avec_conseiller"
ANSWERED, SILENT = "avis_donne", "sans_avis"
SHARED = ("month", "channel", "theme", "nature", "commune")
CHANNELS = {"web": "chatbot", "voice": "voicebot", "form": "formulaire", "mail": "courriel"}
# What ends a request; a question asked in return does not.
SETTLING = {"answer": ALONE, "link": ALONE, "hand_over": HANDED, "safety": HANDED,
            "rights": HANDED}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Counts of a year; every table has the columns ``SHARED`` and ``n``.

    Attributes
    ----------
    requests
        Requests of all channels, with ``source``: ``sophie`` or ``autres_canaux``.
    handed
        Requests that a person answers, with ``delay``.
    settled
        Requests of Sophie on first-release intents, with ``outcome``.
    conversations
        Conversations with Sophie, with ``outcome``, ``survey`` (whether an opinion came) and sums
        over opinions: ``ratings``, ``rating_sum``, ``rating_squares``, ``told`` and ``resolved``
        (first-contact resolution), ``told_alone`` and ``resolved_alone`` without a person.
    """

    requests: pl.DataFrame
    handed: pl.DataFrame
    settled: pl.DataFrame
    conversations: pl.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """How facts are sorted.

    Attributes
    ----------
    taxonomy
        Intents.
    target_hours
        Hours to the first answer, by channel.
    communes
        Group in which each INSEE code is shown.
    """

    taxonomy: Taxonomy
    target_hours: Mapping[str, float]
    communes: Mapping[str, str]


def facts_of_year(store: Store, year: int, counting: Counting) -> Facts:
    """Count the facts of a calendar year, in the time of Paris.

    Parameters
    ----------
    store
        Where they are.
    year
        Calendar year.
    counting
        How they are sorted.
    """
    with store.engine.connect() as connection:
        contacts = _sorted(_contacts(connection, year, counting), counting)
        messages = _messages(connection, year, counting)
        tickets = _tickets(connection, year, counting)
        talks = _talks(connection, year)
    asked = _asked(messages)
    requests = pl.concat(
        [
            _counted(contacts.with_columns(source=pl.lit(OTHERS)), "source"),
            _counted(asked.with_columns(source=pl.lit(SOPHIE), n=pl.lit(1)), "source"),
        ]
    )
    return Facts(
        requests=requests,
        handed=_counted(pl.concat([contacts, tickets], how="diagonal"), "delay"),
        settled=_settled(messages, counting),
        conversations=_conversations(talks, asked, tickets, counting),
    )


def _contacts(connection: Connection, year: int, counting: Counting) -> pl.DataFrame:
    table = crm_contact.c
    target = case(dict(counting.target_hours), value=table.channel)
    delay = case(
        (table.delay_hours.is_(None) | target.is_(None), UNKNOWN),
        (table.delay_hours <= target, WITHIN),
        else_=LATE,
    )
    keys = (func.substr(table.day, 1, 7), table.channel, table.theme, table.nature,
            table.commune, delay)  # fmt: skip
    query = (
        select(*keys, func.count())
        .where(table.day >= date(year, 1, 1).isoformat())
        .where(table.day <= date(year, 12, 31).isoformat())
        .group_by(*keys)
    )
    columns = [*SHARED, "delay", "n"]
    return _rows(connection, query, {name: pl.Int64 if name == "n" else pl.String
                                     for name in columns})  # fmt: skip


def _messages(connection: Connection, year: int, counting: Counting) -> pl.DataFrame:
    table = message.c
    query = _within_year(
        select(table.at, table.channel, table.intent, table.commune, table.next_action,
               func.coalesce(table.conversation, table.identifier)),
        table.at, year,
    ).order_by(table.at)  # fmt: skip
    names = ("at", "channel", "intent", "commune", "next_action", "talk")
    read = _rows(connection, query, dict.fromkeys(names, pl.String))
    return _typed(read, counting)


def _tickets(connection: Connection, year: int, counting: Counting) -> pl.DataFrame:
    table = ticket.c
    query = _within_year(
        select(table.opened_at, table.channel, table.intent, table.commune, table.first_answer_at,
               table.conversation),
        table.opened_at, year,
    )  # fmt: skip
    names = ("at", "channel", "intent", "commune", "first_answer_at", "talk")
    read = _typed(_rows(connection, query, dict.fromkeys(names, pl.String)), counting)
    hours = (_moment("first_answer_at") - _moment("at")).dt.total_seconds() / 3_600
    target = pl.col("channel").replace_strict(
        dict(counting.target_hours), default=None, return_dtype=pl.Float64
    )
    late = pl.when(hours <= target).then(pl.lit(WITHIN)).otherwise(pl.lit(LATE))
    known = hours.is_not_null() & target.is_not_null()
    delay = pl.when(known).then(late).otherwise(pl.lit(UNKNOWN))
    return read.with_columns(delay=delay, n=pl.lit(1, dtype=pl.Int64))


def _talks(connection: Connection, year: int) -> pl.DataFrame:
    latest = (
        select(
            func.coalesce(feedback.c.conversation, message.c.conversation).label("talk"),
            func.max(feedback.c.rating).label("rating"),
            func.max(case((feedback.c.resolved, 1), (feedback.c.resolved.is_(None), None),
                          else_=0)).label("resolved"),
        )
        .select_from(feedback.outerjoin(message, feedback.c.message == message.c.identifier))
        .where(feedback.c.rating.is_not(None) | feedback.c.resolved.is_not(None))
        .group_by(func.coalesce(feedback.c.conversation, message.c.conversation))
        .subquery()
    )  # fmt: skip
    table = conversation.c
    query = _within_year(
        select(table.started_at, table.channel, table.commune, table.pseudonym, latest.c.rating,
               latest.c.resolved)
        .select_from(conversation.outerjoin(latest, latest.c.talk == table.pseudonym)),
        table.started_at, year,
    )  # fmt: skip
    text = dict.fromkeys(("at", "channel", "commune", "talk"), pl.String)
    return _rows(connection, query, text | {"rating": pl.Int64, "resolved": pl.Int64})


def _asked(messages: pl.DataFrame) -> pl.DataFrame:
    """One row for each subject of each conversation; greetings and the like are no subject."""
    subjects = messages.filter(pl.col("nature").is_not_null() & (pl.col("nature") != "dialogue"))
    return subjects.unique(["talk", "intent"], keep="first", maintain_order=True)


def _settled(messages: pl.DataFrame, counting: Counting) -> pl.DataFrame:
    first_release = [one.name for one in counting.taxonomy.intents if one.scope == "v1"]
    outcome = pl.col("next_action").replace_strict(SETTLING, default=None, return_dtype=pl.String)
    read = messages.with_columns(outcome=outcome, n=pl.lit(1)).filter(
        pl.col("intent").is_in(first_release)
        & (pl.col("nature") != "dialogue")
        & pl.col("outcome").is_not_null()
    )
    return _counted(read, "outcome")


def _conversations(
    talks: pl.DataFrame, asked: pl.DataFrame, tickets: pl.DataFrame, counting: Counting
) -> pl.DataFrame:
    # A conversation is sorted under its first subject.
    subject = asked.unique("talk", keep="first", maintain_order=True).select("talk", "intent")
    handed = pl.col("talk").is_in(tickets["talk"].drop_nulls().to_list())
    given = pl.col("rating").is_not_null() | pl.col("resolved").is_not_null()
    read = _typed(talks.join(subject, on="talk", how="left"), counting).with_columns(
        outcome=pl.when(handed).then(pl.lit(HANDED)).otherwise(pl.lit(ALONE)),
        survey=pl.when(given).then(pl.lit(ANSWERED)).otherwise(pl.lit(SILENT)),
    )
    alone = pl.col("outcome") == ALONE
    rating, resolved = pl.col("rating"), pl.col("resolved")
    return (
        _shown(read)
        .group_by(*SHARED, "outcome", "survey")
        .agg(
            n=pl.len().cast(pl.Int64),
            ratings=rating.count(),
            rating_sum=rating.sum(),
            rating_squares=(rating**2).sum(),
            told=resolved.count(),
            resolved=resolved.sum(),
            told_alone=resolved.filter(alone).count(),
            resolved_alone=resolved.filter(alone).sum(),
        )
    )


def _typed(read: pl.DataFrame, counting: Counting) -> pl.DataFrame:
    """Month in Paris, channel of the cockpit, theme and nature of what Sophie recorded."""
    intents = counting.taxonomy.intents
    nature = {one.name: one.nature for one in intents}
    intent = pl.col("intent")
    typed = read.with_columns(
        month=_moment("at").dt.convert_time_zone(PARIS.key).dt.strftime("%Y-%m"),
        channel=pl.col("channel").replace(CHANNELS),
        theme=intent.replace_strict(
            counting.taxonomy.theme_of, default=None, return_dtype=pl.String
        ),
        nature=intent.replace_strict(nature, default=None, return_dtype=pl.String),
    )
    return _sorted(typed, counting)


def _sorted(read: pl.DataFrame, counting: Counting) -> pl.DataFrame:
    group = pl.col("commune").replace(dict(counting.communes))
    return read.with_columns(commune=group)


def _counted(read: pl.DataFrame, *extra: str) -> pl.DataFrame:
    return _shown(read).group_by(*SHARED, *extra).agg(pl.col("n").sum().cast(pl.Int64))


def _shown(read: pl.DataFrame) -> pl.DataFrame:
    return read.with_columns(
        pl.col("theme", "nature").fill_null(UNTYPED), pl.col("commune").fill_null(NOWHERE)
    )


def _moment(column: str) -> pl.Expr:
    return pl.col(column).str.to_datetime(time_zone="UTC", time_unit="us")


def _within_year(query: Select[Any], column: Column[Any], year: int) -> Select[Any]:
    first = instant(datetime(year, 1, 1, tzinfo=PARIS))
    after = instant(datetime(year + 1, 1, 1, tzinfo=PARIS))
    return query.where(column >= first).where(column < after)


def _rows(
    connection: Connection, query: Select[Any], schema: Mapping[str, type[pl.DataType]]
) -> pl.DataFrame:
    kinds = {pl.String: pa.string(), pl.Int64: pa.int64()}
    arrow = pa.schema([(name, kinds[kind]) for name, kind in schema.items()])
    blocks = [pl.DataFrame(pl.from_arrow(one)) for one in bulk_read(connection, query, arrow)]
    return pl.concat([pl.DataFrame(schema=dict(schema)), *blocks])
