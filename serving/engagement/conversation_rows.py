"""Conversations of a campaign as rows for analysis, one a conversation, all arms included."""

import pandas as pd
from sqlalchemy import Select, select

from nudge.store.database import Store
from serving.store.tables import exposure, feedback, message, opt_out

# Intents by which a person shows interest in eco-gestures after having been offered one.
INTEREST = ("ecogeste_conseil", "defi_participer", "comparaison_tri", "nudge_info")
# What comes later is left out: all conversations are followed for as long.
FOLLOWED = pd.Timedelta(days=1)


def conversation_rows(store: Store, campaign: str) -> pd.DataFrame:
    """Return one row for each conversation assigned in a campaign: intention to treat.

    Returns
    -------
    DataFrame
        ``conversation`` (pseudonym), ``unite`` (unit of randomisation: the conversation, or the
        zone whose drawn arm it has), ``groupe`` (arm), ``temoin`` (bool), ``commune``, ``date``
        (of the exposure), ``exposition`` (its instant, UTC), then the outcomes, all within a day
        after the exposure: ``interet`` (1 when the person asked about eco-gestures), ``tours``
        (further messages), ``desinscription`` (1 when she opted out) and ``satisfaction`` (1 to
        5; missing for those who gave none).
    """
    exposed = _read(
        store,
        select(
            exposure.c.conversation,
            exposure.c.zone,
            exposure.c.arm.label("groupe"),
            exposure.c.control.label("temoin"),
            exposure.c.commune,
            exposure.c.at,
        )
        .where(exposure.c.campaign == campaign)
        .order_by(exposure.c.conversation),
    )
    of_campaign = select(exposure.c.conversation).where(exposure.c.campaign == campaign)
    after = _read(
        store,
        select(message.c.conversation, message.c.at.label("later"), message.c.intent).where(
            message.c.conversation.in_(of_campaign)
        ),
    )
    stopped = _read(
        store,
        select(opt_out.c.pseudonym.label("conversation"), opt_out.c.at.label("later")).where(
            opt_out.c.pseudonym.in_(of_campaign)
        ),
    )
    rated = _read(
        store,
        select(feedback.c.conversation, feedback.c.at.label("later"), feedback.c.rating).where(
            feedback.c.conversation.in_(of_campaign), feedback.c.rating.is_not(None)
        ),
    )
    followed = _after(exposed, after)
    rows = exposed.set_index("conversation")
    by = "conversation"
    rows["interet"] = followed["intent"].isin(INTEREST).groupby(followed[by]).max().astype("int64")
    rows["tours"] = followed.groupby(by).size()
    rows["desinscription"] = _after(exposed, stopped).groupby(by).size().clip(upper=1)
    rows["satisfaction"] = _after(exposed, rated).groupby(by)["rating"].mean()
    counted = ["interet", "tours", "desinscription"]
    rows[counted] = rows[counted].fillna(0).astype("int64")
    rows = rows.reset_index()
    rows["unite"] = rows["zone"].fillna(rows["conversation"])
    rows["exposition"] = pd.to_datetime(rows["at"], utc=True)
    rows["date"] = rows["exposition"].dt.tz_convert("Europe/Paris").dt.date
    rows["temoin"] = rows["temoin"].astype(bool)
    known = ["conversation", "unite", "groupe", "temoin", "commune", "date", "exposition"]
    return rows[[*known, *counted, "satisfaction"]]


def _read(store: Store, query: Select[tuple[object, ...]]) -> pd.DataFrame:
    with store.engine.connect() as connection:
        result = connection.execute(query)
        return pd.DataFrame(result.all(), columns=list(result.keys()))


def _after(exposed: pd.DataFrame, happened: pd.DataFrame) -> pd.DataFrame:
    """Keep what happened within a day after the exposure of its conversation."""
    joined = happened.merge(exposed[["conversation", "at"]], on="conversation")
    since = pd.to_datetime(joined["later"], utc=True) - pd.to_datetime(joined["at"], utc=True)
    return joined[(since > pd.Timedelta(0)) & (since <= FOLLOWED)]
