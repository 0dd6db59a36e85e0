"""A year of weekly checks of many dwellings, to try the store and the analyses at full size."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from nudge.campaign.wave import Wave
from nudge.simulation.bin_visits import bin_checks_at
from nudge.simulation.dwellings import draw_dwellings
from nudge.simulation.exposure import Exposure
from nudge.simulation.occasions import occasions
from nudge.simulation.random_streams import stream
from nudge.simulation.truth import ArmTruth, Truth

CONTROL, NUDGED = "temoin", "nudge"


def simulate_year(
    *,
    n_households: int = 20_000,
    weeks: int = 52,
    households_per_zone: int = 80,
    baseline_weeks: int = 12,
    start: date = date(2027, 1, 4),
    truth: Truth | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Return ``controle_bac`` rows of every dwelling every week, half of the zones nudged.

    Parameters
    ----------
    n_households
        Dwellings in all; the last zone may hold fewer.
    weeks
        Weeks, each a wave named ``S01``, ``S02``…
    households_per_zone
        Dwellings of a zone.
    baseline_weeks
        Weeks before the nudge.
    start
        First day of the first week.
    truth
        What rows are drawn from; its arms are ``temoin`` and ``nudge``. By default 3 points.
    seed
        Seed, not negative.
    """
    told = truth or Truth(arms={NUDGED: ArmTruth(effect=0.03)})
    zones = _zones(n_households, households_per_zone, seed)
    dwellings = draw_dwellings(zones, told, seed=seed, units_per_zone=households_per_zone)
    arm = stream(seed, "draw").permutation(np.arange(len(zones)) % 2)
    exposure = Exposure(arms=(CONTROL, NUDGED), arm=arm, received=np.eye(2)[arm])
    waves = [_week(start, number, baseline_weeks) for number in range(weeks)]
    visits = occasions(
        waves,
        start=start + timedelta(weeks=baseline_weeks),
        n_zones=len(zones),
        season=told.season,
        seed=seed,
    )
    ids = zones["zone_id"].to_numpy(dtype=object)
    share = told.arms.get(NUDGED, ArmTruth()).delivered
    drawn = stream(seed, "deliveries").random(len(dwellings.zone)) < share
    received = np.where(arm[dwellings.zone] == 1, drawn, True).astype(np.float64)
    everywhere = np.ones(len(zones), dtype=np.bool_)
    return pd.concat(
        [
            bin_checks_at(
                dwellings,
                visit,
                exposure if visit.follow_up else None,
                told,
                ids,
                measured=everywhere,
                received=received,
                seed=seed,
            )
            for visit in visits
        ],
        ignore_index=True,
    )


def _zones(n_households: int, per_zone: int, seed: int) -> pd.DataFrame:
    n_zones = -(-n_households // per_zone)
    size = np.full(n_zones, per_zone)
    size[-1] = n_households - per_zone * (n_zones - 1)
    return pd.DataFrame(
        {
            "zone_id": [f"zone-{k + 1:04d}" for k in range(n_zones)],
            "tournee_id": [f"tournee-{k % max(1, n_zones // 10) + 1:03d}" for k in range(n_zones)],
            "n_logements": size,
            "part_residences_secondaires": stream(seed, "zones").uniform(0.1, 0.7, n_zones),
        }
    )


def _week(start: date, number: int, baseline_weeks: int) -> Wave:
    first = start + timedelta(weeks=number)
    return Wave(
        name=f"S{number + 1:02d}",
        kind="reference" if number < baseline_weeks else "suivi",
        start=first,
        end=first + timedelta(days=6),
    )
