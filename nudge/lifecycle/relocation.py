"""Telling the store that a campaign's folder has moved."""

from pathlib import Path

from nudge.errors import CampaignError, Problem
from nudge.lifecycle.locking import FOLDER, PLAN_FILE
from nudge.store.campaigns import set_status, stored_campaign
from nudge.store.database import Store, writing
from nudge.store.locks import stored_lock, text_sha256


def relocate_campaign(store: Store, identifier: str, *, folder: Path) -> Path:
    """Record where a campaign's folder now is and return its full path.

    Parameters
    ----------
    folder
        Folder that holds the campaign's ``campagne.yaml`` and, once locked, its ``verrou``.

    Raises
    ------
    CampaignError
        The store does not know the campaign, or the folder holds the lock of another plan.
    """
    stored = stored_campaign(store, identifier)
    lock = stored_lock(store, identifier)
    place = folder.resolve()
    if lock is not None:
        plan = place / FOLDER / PLAN_FILE
        if not plan.is_file() or text_sha256(plan.read_text(encoding="utf-8")) != lock.plan_sha256:
            raise CampaignError(
                Problem(
                    place=str(plan),
                    what="ce n'est pas le plan verrouillé de cette campagne",
                    mend="donner le dossier entier de la campagne, avec verrou/ et tirage/",
                )
            )
    with writing(store) as connection:
        set_status(connection, identifier, stored.status, folder=str(place))
    return place
