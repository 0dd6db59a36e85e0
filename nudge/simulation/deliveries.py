"""What was delivered, to whom consent was asked, and who complained."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from nudge.campaign.campaign import Campaign
from nudge.simulation.dwellings import Dwellings
from nudge.simulation.exposure import Exposure
from nudge.simulation.labels import labels, repeated
from nudge.simulation.random_streams import stream
from nudge.simulation.truth import ArmTruth, Truth

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MISSED = ("absent", "acces_impossible", "refus", "adresse_erronee", "autre")
MISSED_CHANCES = (0.5, 0.2, 0.1, 0.15, 0.05)
MOTIVES = ("message", "intrusion", "donnees", "stigmatisation", "collecte", "autre")
MOTIVE_CHANCES = (0.35, 0.15, 0.1, 0.1, 0.2, 0.1)
WAYS = ("telephone", "mail", "formulaire", "accueil", "chat", "courrier")
DAYS_OF_DELIVERY = 7
DAYS_BEFORE_CONSENT = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """Deliveries of a campaign.

    Attributes
    ----------
    received : array, shape (H,)
        1 where a message arrived, or where the zone's arm sends none.
    distribution
        Rows of the instrument ``distribution``.
    """

    received: Floats
    distribution: pd.DataFrame


def draw_consents(dwellings: Dwellings, truth: Truth, *, seed: int) -> Bools:
    """Draw who accepts to be contacted, shape (H,)."""
    return stream(seed, "consents").random(len(dwellings.zone)) < truth.consent


def draw_deliveries(
    campaign: Campaign,
    dwellings: Dwellings,
    exposure: Exposure,
    truth: Truth,
    zone_ids: npt.NDArray[np.object_],
    *,
    consents: Bools,
    seed: int,
) -> Delivered:
    """Draw the deliveries of every nudged arm; an addressed message goes to who consented.

    Parameters
    ----------
    campaign
        Arms, their channels, doses and dates.
    dwellings
        All dwellings.
    exposure
        Arm of each zone.
    truth
        Share delivered.
    zone_ids : array of str, shape (Z,)
        Identifiers of the zones.
    consents : array of bool, shape (H,)
        Who consented.
    seed
        Seed of the simulation.
    """
    received = np.ones(len(dwellings.zone))
    frames = []
    for place, arm in enumerate(campaign.arms):
        if arm.control:
            continue
        told = truth.arms.get(arm.identifier, ArmTruth())
        rng = stream(seed, "deliveries", arm.identifier)
        mine = exposure.arm[dwellings.zone] == place
        astray = _astray(campaign, dwellings, exposure, truth, rng)
        target = mine & consents if arm.addressed else mine | astray
        arrived = rng.random((arm.doses, len(dwellings.zone))) < told.delivered
        received[mine] = (arrived.any(axis=0) & target)[mine]
        rows = np.flatnonzero(target)
        frames += [
            _delivery_rows(
                dwellings,
                rows,
                arrived[dose][rows],
                zone_ids,
                arm=arm.identifier,
                channel=str(arm.channel),
                first=_first_day(campaign, dose, arm.doses),
                dose=dose,
                rng=rng,
            )
            for dose in range(arm.doses)
        ]
    table = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
    return Delivered(received=received, distribution=table)


def draw_complaints(
    campaign: Campaign,
    zones: pd.DataFrame,
    exposure: Exposure,
    truth: Truth,
    *,
    seed: int,
) -> pd.DataFrame:
    """Return the rows of ``reclamation``: a Poisson number in each zone, from its dwellings."""
    rng = stream(seed, "complaints")
    default = ArmTruth().complaints_per_100
    rates = np.array(
        [truth.arms[a].complaints_per_100 if a in truth.arms else default for a in exposure.arms]
    )
    size = zones["n_logements"].fillna(0).to_numpy(dtype=np.float64)
    rate = np.where(exposure.drawn, rates[exposure.arm], 0.0)
    number = rng.poisson(size * rate / 100)
    zone = np.repeat(np.arange(len(zones)), number)
    days = (campaign.end - campaign.start).days + 1
    dates = np.datetime64(campaign.start, "D") + rng.integers(0, days, size=len(zone)).astype(
        "timedelta64[D]"
    )
    order = np.argsort(dates, kind="stable")
    return pd.DataFrame(
        {
            "reclamation_id": [f"rec-{k + 1:05d}" for k in range(len(zone))],
            "zone_id": labels(zones["zone_id"].tolist(), zone[order]),
            "date": dates[order].astype("datetime64[s]"),
            "motif": labels(MOTIVES, rng.choice(len(MOTIVES), size=len(zone), p=MOTIVE_CHANCES)),
            "canal": labels(WAYS, rng.integers(0, len(WAYS), size=len(zone))),
        }
    )


def consents_frame(
    campaign: Campaign,
    dwellings: Dwellings,
    zone_ids: npt.NDArray[np.object_],
    *,
    consents: Bools,
    seed: int,
) -> pd.DataFrame:
    """Return the rows of ``consentement``: who accepted, in the weeks before the nudge."""
    rows = np.flatnonzero(consents)
    rng = stream(seed, "dates of consents")
    ago = rng.integers(1, DAYS_BEFORE_CONSENT + 1, size=len(rows)).astype("timedelta64[D]")
    who = pd.Series(dwellings.identifier[rows], dtype="str")
    return pd.DataFrame(
        {
            "consentement_id": "ok-" + who,
            "zone_id": labels(zone_ids, dwellings.zone[rows]),
            "foyer_id": who,
            "finalite": repeated(campaign.legal.purpose or "simulation", len(rows)),
            "version_texte": repeated("simulation-1", len(rows)),
            "canal": repeated("formulaire", len(rows)),
            "donne_le": (np.datetime64(campaign.start, "D") - ago).astype("datetime64[s]"),
            "retire_le": pd.Series(pd.NaT, index=who.index, dtype="datetime64[s]"),
        }
    )


def _astray(
    campaign: Campaign,
    dwellings: Dwellings,
    exposure: Exposure,
    truth: Truth,
    rng: np.random.Generator,
) -> Bools:
    """Return the control dwellings that this arm's message reaches by mistake."""
    draw = rng.random(len(dwellings.zone))
    controls = np.array([arm.control for arm in campaign.arms])[exposure.arm] & exposure.drawn
    found: Bools = controls[dwellings.zone] & (draw < truth.misdelivered / len(campaign.nudged))
    return found


def _first_day(campaign: Campaign, dose: int, doses: int) -> date:
    days = (campaign.end - campaign.start).days
    return date.fromordinal(campaign.start.toordinal() + days * dose // doses)


def _delivery_rows(
    dwellings: Dwellings,
    rows: Ints,
    arrived: Bools,
    zone_ids: npt.NDArray[np.object_],
    *,
    arm: str,
    channel: str,
    first: date,
    dose: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    n = len(rows)
    who = pd.Series(dwellings.identifier[rows], dtype="str")
    later = rng.integers(0, DAYS_OF_DELIVERY, size=n).astype("timedelta64[D]")
    why = rng.choice(len(MISSED), size=n, p=MISSED_CHANCES)
    return pd.DataFrame(
        {
            "remise_id": f"{arm[:40]}-{dose + 1}-" + who,
            "zone_id": labels(zone_ids, dwellings.zone[rows]),
            "foyer_id": who,
            "date": (np.datetime64(first, "D") + later).astype("datetime64[s]"),
            "bras": repeated(arm, n),
            "canal": repeated(channel, n),
            "remis": arrived,
            "motif_non_remis": labels(MISSED, np.where(arrived, -1, why)),
        }
    )
