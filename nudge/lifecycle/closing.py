"""Closing and publishing a campaign."""

import json
from datetime import date
from pathlib import Path

from nudge.errors import CampaignError, Problem
from nudge.french.numbers import date_fr
from nudge.lifecycle.plan_in_force import plan_in_force
from nudge.lifecycle.status import require_action
from nudge.store.campaigns import set_status
from nudge.store.database import Store, writing
from nudge.store.event_log import append_event
from nudge.store.locks import text_sha256

CHECKLIST = Path("rapport") / "consort.json"


def close_campaign(store: Store, identifier: str, *, today: date, reason: str = "") -> None:
    """End a campaign: nothing is imported any more.

    Parameters
    ----------
    reason
        Why it ends before its last wave; needed in that case only. Simulated campaigns end
        when they like.

    Raises
    ------
    CampaignError
        The campaign is not running, or ends early without a reason.
    """
    plan = plan_in_force(store, identifier)
    require_action("close", status=plan.stored.status, campaign=identifier)
    last = max(wave.end for wave in plan.campaign.waves)
    early = today < last and not plan.campaign.simulation
    if early and not reason.strip():
        raise CampaignError(
            Problem(
                place=identifier,
                what=f"la dernière vague finit le {date_fr(last)}",
                mend="attendre, ou dire pourquoi la campagne s'arrête : --reason « … »",
            )
        )
    with writing(store) as connection:
        set_status(connection, identifier, "close")
        payload = {"anticipee": early, "raison": reason.strip()}
        append_event(connection, campaign=identifier, kind="cloture", payload=payload)


def publish_campaign(store: Store, identifier: str) -> None:
    """Mark a closed campaign as published, its report being final.

    Raises
    ------
    CampaignError
        The campaign is not closed, its report is missing, or something is left to complete.
    """
    plan = plan_in_force(store, identifier)
    require_action("publish", status=plan.stored.status, campaign=identifier)
    text = _checklist(Path(plan.stored.folder))
    left = json.loads(text)["obstacles"]
    if left:
        raise CampaignError(
            [
                Problem(
                    place=str(CHECKLIST),
                    what=sentence,
                    mend="compléter (« pouce campaign report » dit où), puis le relancer",
                )
                for sentence in left
            ]
        )
    with writing(store) as connection:
        set_status(connection, identifier, "publiee")
        payload = {"consort_sha256": text_sha256(text)}
        append_event(connection, campaign=identifier, kind="publication", payload=payload)


def _checklist(folder: Path) -> str:
    try:
        return (folder / CHECKLIST).read_text(encoding="utf-8")
    except OSError:
        raise CampaignError(
            Problem(
                place=str(folder / CHECKLIST),
                what="le rapport n'a pas encore été écrit",
                mend="l'écrire par « pouce campaign report »",
            )
        ) from None
