"""Locking a campaign: plan and zones are frozen, hashed and written down."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from nudge.campaign.campaign import Campaign
from nudge.errors import CampaignError, Problem
from nudge.gates.eligible_zones import placed_zones, sample_key
from nudge.gates.gate import GateContext, GateResult
from nudge.lifecycle.canonical_plan import canonical_plan
from nudge.lifecycle.new_folder import write_folder
from nudge.lifecycle.status import require_action
from nudge.lifecycle.validation import Examination, examine, find_campaign, refuse_shut
from nudge.lifecycle.zone_file import zones_csv
from nudge.store.campaigns import (
    StoredCampaign,
    save_allocation,
    save_campaign,
    save_zones,
    set_status,
)
from nudge.store.database import Store, writing
from nudge.store.locks import save_lock, text_sha256
from nudge.territory.territory import Territory

FOLDER = "verrou"
PLAN_FILE, ZONES_FILE, LOCK_FILE = "plan.yaml", "zones.csv", "verrou.json"
SAMPLE_RULE = (
    "zones dont le SHA-256 de « clé:zone_id » vient en tête ; la clé est le SHA-256 de "
    "l'identifiant et de la section « tirage » du plan"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """A lock as it was set.

    Attributes
    ----------
    plan_sha256, zones_sha256
        SHA-256 of ``plan.yaml`` and of ``zones.csv``.
    n_zones, n_eligible
        Zones frozen, and zones that met the rules.
    folder
        ``verrou``, with the three files.
    gates
        Answers of the gates at the lock.
    placed
        Whether groups named their zones, so that there is nothing to draw.
    """

    plan_sha256: str
    zones_sha256: str
    n_zones: int
    n_eligible: int
    folder: Path
    gates: tuple[GateResult, ...]
    placed: bool


def lock_campaign(
    campaign: Campaign, *, folder: Path, store: Store, territory: Territory, today: date
) -> Lock:
    """Pass all gates again, then freeze plan and zones in the store and in ``verrou/``.

    A campaign without a draw starts at once, its declared groups being stored as its arms.

    Raises
    ------
    CampaignError
        The campaign was not checked, is locked already, or a gate is shut; nothing is written.
    """
    known = _known(store, campaign)
    require_action("lock", status=known.status, campaign=campaign.identifier)
    examination = examine(campaign, store=store, territory=territory, today=today)
    refuse_shut(examination.gates)
    plan = canonical_plan(campaign)
    zones = zones_csv(examination.context.zones, examination.context.neighbours)
    hashes = {"plan_sha256": text_sha256(plan), "zones_sha256": text_sha256(zones)}
    record = _record(examination)
    lock_text = json.dumps({**hashes, **record}, ensure_ascii=False, indent=2) + "\n"
    place = folder.resolve() / FOLDER
    with writing(store) as connection:
        save_campaign(
            connection,
            identifier=campaign.identifier,
            title=campaign.shown_title,
            yaml=plan,
            status="validee",
            simulation=campaign.simulation,
            folder=str(folder.resolve()),
        )
        save_zones(connection, campaign.identifier, examination.context.zones)
        save_lock(connection, campaign.identifier, record=record, **hashes)
        if campaign.conception != "randomisee":
            arms = declared_arms(campaign, examination.context.zones)
            save_allocation(
                connection, campaign.identifier, arms, record={"methode": "groupes déclarés"}
            )
            set_status(connection, campaign.identifier, "en_cours")
        # Last, so that nothing is left on disk where the store refuses.
        write_folder(place, {PLAN_FILE: plan, ZONES_FILE: zones, LOCK_FILE: lock_text})
    return Lock(
        **hashes,
        n_zones=len(examination.context.zones),
        n_eligible=len(examination.context.eligible),
        folder=place,
        gates=examination.gates,
        placed=campaign.conception != "randomisee",
    )


def declared_arms(campaign: Campaign, zones: pd.DataFrame) -> dict[str, str]:
    """Return the arm of each zone of a campaign without a draw: as named, or its only one."""
    placed = placed_zones(campaign)
    return placed or dict.fromkeys(zones["zone_id"], campaign.arms[0].identifier)


def _record(examination: Examination) -> dict[str, Any]:
    context = examination.context
    return {
        "campagne": context.campaign.identifier,
        "titre": context.campaign.shown_title,
        "niveau_de_preuve": examination.grade,
        "territoire_sha256": context.territory.fingerprint,
        "territoire_synthetique": context.territory.synthetic,
        "zones_eligibles": len(context.eligible),
        "zones_retenues": len(context.zones),
        "echantillon": _sample(context),
        "voisinages": context.neighbours[["zone_id", "voisin_id"]].to_numpy().tolist(),
        "portes": {gate.name: [*gate.facts, *gate.warnings] for gate in examination.gates},
    }


def _sample(context: GateContext) -> dict[str, str] | None:
    if len(context.zones) == len(context.eligible) or placed_zones(context.campaign):
        return None
    return {"regle": SAMPLE_RULE, "cle": sample_key(context.campaign)}


def _known(store: Store, campaign: Campaign) -> StoredCampaign:
    known = find_campaign(store, campaign.identifier)
    if known is None:
        raise CampaignError(
            Problem(
                place=campaign.identifier,
                what="la campagne n'a pas encore été examinée",
                mend="lancer d'abord « pouce campaign check », jusqu'à ce que tout passe",
            )
        )
    return known
