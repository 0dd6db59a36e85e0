"""What every outcome of a campaign shares in the analysis: zones, arms, strata and the draw."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd

from experiments.design.draw_folder import ALLOCATION_FILE
from nudge.campaign.campaign import Campaign
from nudge.errors import CampaignError, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialContext:
    """Who was compared with whom.

    Attributes
    ----------
    campaign
        The locked campaign.
    zones
        Frozen zone list.
    arms
        Zone to arm identifier.
    strata
        Zone to stratum or pair of the draw; None where there is none.
    block
        Whether strata are strata or matched pairs.
    draw
        Folder of the draw; None in a campaign without one.
    """

    campaign: Campaign
    zones: pd.DataFrame
    arms: Mapping[str, str]
    strata: Mapping[str, str] | None = None
    block: Literal["strata", "pairs"] | None = None
    draw: Path | None = None


def trial_context(
    campaign: Campaign, *, zones: pd.DataFrame, allocation: Mapping[str, str], folder: Path
) -> TrialContext:
    """Gather what the outcomes share.

    Parameters
    ----------
    zones
        Frozen zone list, column ``zone_id``.
    allocation
        Zone to arm, as stored by the draw; empty in a campaign without one.
    folder
        Folder of the campaign, in which the draw is ``tirage``.

    Raises
    ------
    CampaignError
        A randomised campaign has no draw, or its folder has gone.
    """
    if campaign.conception != "randomisee":
        return TrialContext(campaign=campaign, zones=zones, arms=_placed(campaign, zones))
    draw = folder / "tirage"
    if not allocation or not (draw / ALLOCATION_FILE).is_file():
        raise CampaignError(
            Problem(
                place=str(draw),
                what="le tirage au sort de cette campagne est introuvable",
                mend="remettre le dossier de la campagne à cette place, ou dire où il est : "
                "« pouce campaign move DOSSIER »"
                if allocation
                else "le faire par « pouce campaign draw »",
            )
        )
    with (draw / ALLOCATION_FILE).open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["arm"]]
    strata = {row["cluster"]: row["stratum"] for row in rows}
    block: Literal["strata", "pairs"] | None = None
    if campaign.randomisation.pairs:
        block = "pairs"
    elif len(set(strata.values())) > 1:
        block = "strata"
    return TrialContext(
        campaign=campaign,
        zones=zones,
        arms=dict(allocation),
        strata=strata if block else None,
        block=block,
        draw=draw,
    )


def _placed(campaign: Campaign, zones: pd.DataFrame) -> dict[str, str]:
    named = {zone: arm.identifier for arm in campaign.arms for zone in arm.zones}
    if named:
        return named
    only = campaign.arms[0].identifier
    return dict.fromkeys(zones["zone_id"].astype(str), only)
