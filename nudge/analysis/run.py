"""Analysing a stored campaign: when it may be done, what it leaves behind."""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from nudge.analysis.analyse_campaign import analyse_campaign
from nudge.analysis.campaign_data import CampaignData
from nudge.analysis.outcome_rows import WAVE
from nudge.analysis.result import CampaignResult
from nudge.analysis.result_file import save_result
from nudge.analysis.stored_data import stored_data
from nudge.analysis.tracking import track
from nudge.campaign.campaign import Campaign
from nudge.errors import CampaignError, Problem
from nudge.french.numbers import and_list, date_fr
from nudge.lifecycle.closing import close_campaign
from nudge.store.database import Store, writing
from nudge.store.event_log import append_event

FOLDER, RESULT_FILE = "analyse", "resultat.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysed:
    """An analysis and where it was written.

    Attributes
    ----------
    result
        What was found.
    file
        ``analyse/resultat.json`` in the campaign's folder.
    closed
        Whether this analysis closed the campaign.
    """

    result: CampaignResult
    file: Path
    closed: bool


def analyse_stored(
    store: Store,
    identifier: str,
    *,
    folder: Path,
    today: date,
    early: bool = False,
    tracked: bool = True,
) -> Analysed:
    """Analyse a campaign, log the look in the store, and close the campaign.

    Looking at the effect ends a campaign: data that come in afterwards could be chosen by it.
    An analysis before the last wave is refused unless asked for; it is then logged as a serious
    deviation and leaves the campaign open.

    Parameters
    ----------
    folder
        Folder of the campaign.
    early
        Whether an analysis before its time is wanted.
    tracked
        Whether to log the run in MLflow.

    Raises
    ------
    CampaignError
        The campaign is not locked, has no data, or its waves are not over.
    """
    data = stored_data(store, identifier)
    campaign = data.context.campaign
    waiting = _still_to_come(campaign, data, today)
    if waiting and not early:
        raise CampaignError(
            Problem(
                place=identifier,
                what=waiting,
                mend=(
                    "attendre ; ou --early, qui inscrit une analyse anticipée au rapport comme un "
                    "écart sérieux"
                ),
            )
        )
    closes = data.status == "en_cours" and not waiting
    result = analyse_campaign(data, today=today, early=bool(waiting))
    if closes:
        result = replace(result, status="close")
    if tracked:
        result = replace(result, run_id=track(result))
    file = folder / FOLDER / RESULT_FILE
    save_result(result, file)
    with writing(store) as connection:
        append_event(
            connection,
            campaign=identifier,
            kind="analyse",
            payload={
                "anticipee": bool(waiting),
                "plan_sha256": result.plan_sha256,
                "donnees_sha256": result.data_sha256,
                "niveau_de_preuve": result.grade,
                "mlflow": result.run_id,
            },
        )
    if closes:
        close_campaign(store, identifier, today=today)
    return Analysed(result=result, file=file, closed=closes)


def _still_to_come(campaign: Campaign, data: CampaignData, today: date) -> str:
    """Why the analysis would come too early, in French; empty when it may be done."""
    if data.status in {"close", "publiee"}:
        return ""
    last = campaign.follow_up_waves[-1]
    if not campaign.simulation and today <= last.end:
        return f"la vague « {last.name} » n'est pas finie : dernier jour le {date_fr(last.end)}"
    primary = data.observations.get(campaign.outcomes[0].instrument)
    measured = set() if primary is None else set(primary[WAVE])
    absent = [f"« {wave.name} »" for wave in campaign.follow_up_waves if wave.name not in measured]
    if absent:
        return f"vague de suivi sans aucune donnée : {and_list(absent)}"
    return ""
