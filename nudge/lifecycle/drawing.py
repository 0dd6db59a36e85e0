"""Drawing a locked campaign's zones into its arms, once."""

import secrets
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pandas as pd

from experiments.design.draw import Draw, draw
from experiments.design.draw_folder import write_draw
from experiments.errors import InputError
from nudge.campaign.campaign import Campaign
from nudge.errors import CampaignError, Problem
from nudge.gates.context import gate_context
from nudge.gates.gate import GateContext
from nudge.gates.gates import run_launch_gates
from nudge.gates.planned_draw import draw_table, planned_design
from nudge.lifecycle.draw_differences import in_french
from nudge.lifecycle.plan_in_force import plan_in_force
from nudge.lifecycle.status import require_action
from nudge.lifecycle.validation import refuse_shut
from nudge.store.campaigns import campaign_zones, save_allocation, set_status, stored_campaign
from nudge.store.database import Store, writing
from nudge.store.locks import stored_lock
from nudge.territory.territory import Territory

FOLDER = "tirage"
SEED_BITS = 63


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnCampaign:
    """A draw as it was made.

    Attributes
    ----------
    seed
        Published seed.
    folder
        ``tirage``, as :func:`experiments.design.draw_folder.write_draw` writes it.
    arms
        Number of zones in each arm.
    excluded
        Zones left out as buffers.
    fingerprint
        SHA-256 of design and zones.
    admissible
        Number of allocations that could have come out.
    """

    seed: int
    folder: Path
    arms: dict[str, int]
    excluded: tuple[str, ...]
    fingerprint: str
    admissible: float


def draw_campaign(
    store: Store, identifier: str, *, territory: Territory, today: date, seed: int | None = None
) -> DrawnCampaign:
    """Draw the arms of a locked campaign and start it.

    The seed comes from the operating system after the lock and is published in the event log
    and in ``tirage/``. One may be given for simulated campaigns only.

    Raises
    ------
    CampaignError
        The campaign is not locked, has been drawn, has no draw, or a launch gate is shut.
    """
    plan = plan_in_force(store, identifier)
    _refuse_undrawable(plan.campaign, seed=seed)
    require_action("draw", status=plan.stored.status, campaign=identifier)
    context = launch_context(plan.campaign, store=store, territory=territory, today=today)
    refuse_shut(run_launch_gates(context))
    table = draw_table(
        plan.campaign,
        zones=context.zones,
        neighbours=context.neighbours,
        reference_level=context.reference_level,
    )
    folder = Path(plan.stored.folder) / FOLDER
    with writing(store) as connection:
        # Another process may have drawn while this one waited for its turn.
        status = stored_campaign(store, identifier).status
        require_action("draw", status=status, campaign=identifier)
        used = secrets.randbits(SEED_BITS) if seed is None else seed
        drawn = _draw(plan.campaign, table, seed=used)
        record = {"graine": used, "empreinte": drawn.fingerprint, "dossier": FOLDER}
        save_allocation(connection, identifier, drawn.allocation, record=record)
        set_status(connection, identifier, "en_cours", seed=used)
        _write(drawn, folder)
    return DrawnCampaign(
        seed=used,
        folder=folder,
        arms=dict(Counter(drawn.allocation.values())),
        excluded=drawn.declared.excluded,
        fingerprint=drawn.fingerprint,
        admissible=drawn.allocation_set.size,
    )


def launch_context(
    campaign: Campaign, *, store: Store, territory: Territory, today: date
) -> GateContext:
    """Return what the launch gates look at: frozen zones and neighbours, imports made since.

    Zones that an amendment took out (``zones_exclues``) are left out.
    """
    zones = campaign_zones(store, campaign.identifier)
    zones = zones[~zones["zone_id"].isin(campaign.randomisation.eligibility.excluded)]
    frozen = zones.reset_index(drop=True)
    context = gate_context(campaign, territory=territory, store=store, today=today, frozen=frozen)
    lock = stored_lock(store, campaign.identifier)
    pairs = [] if lock is None else lock.record["voisinages"]
    neighbours = pd.DataFrame(pairs, columns=["zone_id", "voisin_id"], dtype="str")
    kept = neighbours.isin(set(frozen["zone_id"])).all(axis="columns")
    return replace(context, neighbours=neighbours[kept].reset_index(drop=True))


def _draw(campaign: Campaign, table: pd.DataFrame, *, seed: int) -> Draw:
    try:
        return draw(planned_design(campaign, table), table, seed=seed)
    except InputError as error:
        raise CampaignError(
            Problem(
                place=campaign.identifier,
                what=f"le tirage ne peut pas se faire ({in_french(str(error))})",
                mend="amender strates, équilibre ou débordement par « pouce campaign amend »",
            )
        ) from error


def _write(drawn: Draw, folder: Path) -> None:
    try:
        write_draw(drawn, folder)
    except InputError as error:
        raise CampaignError(
            Problem(
                place=str(folder),
                what=f"le tirage ne peut pas s'écrire ({in_french(str(error))})",
                mend="déplacer ce dossier et vérifier les droits : rien n'a été tiré",
            )
        ) from error


def _refuse_undrawable(campaign: Campaign, *, seed: int | None) -> None:
    if campaign.conception != "randomisee":
        raise CampaignError(
            Problem(
                place=campaign.identifier,
                what="cette campagne n'a pas de tirage : ses groupes sont déclarés",
                mend="le verrouillage suffit ; imprimer les fiches par « pouce campaign sheets »",
            )
        )
    if seed is not None and not campaign.simulation:
        raise CampaignError(
            Problem(
                place=campaign.identifier,
                what="la graine d'une vraie campagne ne se choisit pas",
                mend="retirer --seed ; le système la tire et le journal la publie",
            )
        )
