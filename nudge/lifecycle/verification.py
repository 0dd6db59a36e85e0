"""Verification: the lock and the draw are what the store says they were."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from experiments.design.draw_folder import ALLOCATION_FILE, CLUSTERS_FILE, DESIGN_FILE
from experiments.design.trial_design import load_design
from experiments.design.verification import verify
from experiments.errors import InputError
from nudge.campaign.campaign import Campaign
from nudge.campaign.load import campaign_from_yaml
from nudge.errors import CampaignError, Problem
from nudge.gates.planned_draw import planned_design
from nudge.lifecycle import drawing, locking
from nudge.lifecycle.draw_differences import in_french
from nudge.store.campaigns import StoredCampaign, allocation, campaign_zones, stored_campaign
from nudge.store.database import Store
from nudge.store.event_log import events
from nudge.store.locks import StoredLock, amendments, stored_lock, text_sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was compared.

    Attributes
    ----------
    differences
        French sentences; empty when everything agrees.
    remarks
        What changed without changing the result.
    facts
        What was found identical.
    """

    differences: tuple[str, ...]
    remarks: tuple[str, ...]
    facts: tuple[str, ...]

    @property
    def identical(self) -> bool:
        """Whether nothing differs."""
        return not self.differences


def verify_folder(folder: Path) -> Verification:
    """Run the draw of a folder again, knowing nothing but its files.

    Raises
    ------
    CampaignError
        A file is missing or cannot be read.
    """
    try:
        found = verify(folder)
    except InputError as error:
        raise CampaignError(
            Problem(
                place=str(folder),
                what=f"le tirage ne se relit pas ({in_french(str(error))})",
                mend="remettre les fichiers du tirage tels qu'ils ont été écrits",
            )
        ) from error
    return Verification(
        differences=tuple(f"tirage : {in_french(difference)}" for difference in found.differences),
        remarks=tuple(f"tirage : {in_french(remark)}" for remark in found.remarks),
        facts=(
            f"Tirage refait : {found.n_clusters} zones, graine {found.seed}, empreinte "
            f"{found.fingerprint}.",
        ),
    )


def verify_campaign(store: Store, identifier: str) -> Verification:
    """Compare the files of a campaign with the store, and run its draw again.

    The lock's files are hashed; the zones on disk are compared with the frozen ones; the draw is
    run again from its folder; its design, seed and arms are compared with the locked plan, the
    event log and the stored allocation.

    Raises
    ------
    CampaignError
        The campaign is unknown or not locked, or a file cannot be read.
    """
    stored = stored_campaign(store, identifier)
    lock = stored_lock(store, identifier)
    if lock is None:
        raise CampaignError(
            Problem(
                place=identifier,
                what="la campagne n'est pas verrouillée : il n'y a rien à vérifier",
                mend="la verrouiller par « pouce campaign lock »",
            )
        )
    folder = Path(stored.folder)
    differences = [*_lock_differences(store, lock, folder / locking.FOLDER, identifier)]
    facts = [
        f"Plan verrouillé, SHA-256 {lock.plan_sha256}.",
        f"Zones, SHA-256 {lock.zones_sha256}.",
    ]
    differences += _plan_differences(store, stored, lock)
    arms = allocation(store, identifier)
    if not arms:
        return Verification(
            differences=tuple(differences), remarks=(),
            facts=(*facts, "Le tirage n'a pas encore eu lieu."),
        )  # fmt: skip
    campaign = campaign_from_yaml(_text_at_draw(store, lock, identifier))
    if campaign.conception != "randomisee":
        facts.append("Groupes déclarés, sans tirage.")
        return Verification(differences=tuple(differences), remarks=(), facts=tuple(facts))
    again = verify_folder(folder / drawing.FOLDER)
    differences += again.differences
    differences += _arm_differences(folder / drawing.FOLDER, arms)
    differences += _seed_differences(store, stored, folder / drawing.FOLDER)
    differences += _design_differences(store, campaign, folder / drawing.FOLDER)
    return Verification(
        differences=tuple(differences), remarks=again.remarks, facts=(*facts, *again.facts)
    )


def _lock_differences(
    store: Store, lock: StoredLock, folder: Path, identifier: str
) -> Iterator[str]:
    for name, expected in (
        (locking.PLAN_FILE, lock.plan_sha256),
        (locking.ZONES_FILE, lock.zones_sha256),
    ):
        text = _text(folder / name)
        if text is None:
            yield f"verrou : {name} manque"
        elif text_sha256(text) != expected:
            yield f"verrou : {name} a changé depuis le verrouillage"
    if text_sha256(lock.yaml) != lock.plan_sha256:
        yield "entrepôt : le plan verrouillé n'a pas l'empreinte annoncée"
    path = folder / locking.ZONES_FILE
    if path.is_file():
        written = set(pd.read_csv(path, dtype="str")["zone_id"])
        frozen = set(campaign_zones(store, identifier)["zone_id"])
        for zone in sorted(written ^ frozen):
            where = "l'entrepôt" if zone in written else "le fichier"
            yield f"zones : {zone} manque dans {where}"


def _plan_differences(store: Store, stored: StoredCampaign, lock: StoredLock) -> Iterator[str]:
    """The plan in force is the locked one, or that of the last amendment."""
    changes = amendments(store, stored.identifier)
    expected = changes[-1].plan_sha256 if changes else lock.plan_sha256
    if text_sha256(stored.yaml) != expected:
        yield "entrepôt : le plan en vigueur n'est ni celui du verrou, ni celui d'un avenant"


def _text_at_draw(store: Store, lock: StoredLock, identifier: str) -> str:
    """Plan in force on the day of the draw: amendments made since do not change the draw."""
    drawn = [event.at for event in events(store, campaign=identifier, kind="tirage")]
    before = [one.yaml for one in amendments(store, identifier) if drawn and one.at < drawn[0]]
    return before[-1] if before else lock.yaml


def _arm_differences(folder: Path, arms: dict[str, str]) -> Iterator[str]:
    with (folder / ALLOCATION_FILE).open(encoding="utf-8", newline="") as file:
        written = {row["cluster"]: row["arm"] for row in csv.DictReader(file) if row["arm"]}
    for zone in sorted(written.keys() | arms.keys()):
        if written.get(zone) != arms.get(zone):
            yield (
                f"attribution : {zone} est « {written.get(zone, 'absente')} » dans le tirage, "
                f"« {arms.get(zone, 'absente')} » dans l'entrepôt"
            )


def _seed_differences(store: Store, stored: StoredCampaign, folder: Path) -> Iterator[str]:
    found = load_design(folder / DESIGN_FILE).seed
    logged = [
        event.payload.get("graine")
        for event in events(store, campaign=stored.identifier, kind="tirage")
    ]
    if found != stored.seed or logged != [stored.seed]:
        yield (
            f"graine : {found} dans le tirage, {stored.seed} dans l'entrepôt, "
            f"{', '.join(map(str, logged))} dans le journal"
        )


def _design_differences(store: Store, campaign: Campaign, folder: Path) -> Iterator[str]:
    """The drawn design is the one that the locked plan asks for, over the frozen zones."""
    found = load_design(folder / DESIGN_FILE)
    table = pd.read_csv(folder / CLUSTERS_FILE, dtype={"zone_id": "str", "code_insee": "str"})
    expected = planned_design(campaign, table).model_dump(mode="json", exclude={"seed"})
    for field, value in found.model_dump(mode="json", exclude={"seed"}).items():
        if value != expected[field]:
            yield f"plan de tirage, {field} : {value} dans le tirage, {expected[field]} au plan"
    frozen = campaign_zones(store, campaign.identifier)["zone_id"]
    kept = set(frozen) - set(campaign.randomisation.eligibility.excluded)
    for zone in sorted(kept ^ set(table["zone_id"])):
        yield f"zones tirées : {zone} n'est pas à la fois dans le tirage et dans la liste figée"


def _text(path: Path) -> str | None:
    try:
        return path.read_bytes().decode()
    except OSError:
        return None
