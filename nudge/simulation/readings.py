"""Readings that are not bin checks, as frames of their instruments."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from nudge.simulation.dwellings import Dwellings
from nudge.simulation.labels import labels, repeated
from nudge.simulation.levels import LOWEST
from nudge.simulation.measure_levels import draw_around, draw_counts
from nudge.simulation.occasions import Occasion
from nudge.simulation.random_streams import stream
from nudge.simulation.truth import Truth

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

QUADRAT_M2 = 20.0
COUNTING_HOURS = 24.0
DAYS_COVERED = 7.0
SAMPLE_KG = 40.0
CONTAINER_L = 4_000.0
OVERFLOW_PCT = 95.0
BEST_SCORE = 10
# Part of the variance within zones that stays with a dwelling from one reading to the next.
OF_DWELLING = 0.8
UNDESIRED = ("combustibles_divers", "dechets_putrescibles", "textiles", "elements_fins")
DESIRED = ("emballages_plastique", "emballages_metal", "emballages_carton", "papiers")
FLOW = "emballages"

MEASURES_OF: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {
        "refus_camion": ("taux_refus", "masse_collectee"),
        "remplissage_pav": ("remplissage_pav",),
        "comptage_site": ("megots_au_sol", "votes_cendrier"),
        "depot_sauvage": ("depots_sauvages",),
        "caracterisation": ("part_indesirables",),
        "autocontrole": ("score_autocontrole",),
        "consommation_eau": ("consommation_eau",),
        "conversation": ("interet_eco_geste",),
    }
)
# Read on several days of a wave; of the others several are read on one day.
ONE_A_DAY = frozenset({"refus_camion", "remplissage_pav", "comptage_site", "depot_sauvage"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What readings of one instrument at one visit are drawn from.

    Attributes
    ----------
    zone, rank : array of int, shape (N,)
        Row of the zone and number of the reading within it.
    level
        Level of each measure at each reading, shape (N,).
    shared
        Columns ``zone_id``, ``vague`` and ``date``.
    identifier
        Identifier of each reading.
    truth
        Spread of the measures.
    dwellings
        Panel, for readings of dwellings.
    own : array, shape (H,)
        What stays with each dwelling, around 1.
    rng
        Source of randomness.
    """

    zone: Ints
    rank: Ints
    level: Mapping[str, Floats]
    shared: dict[str, pd.Series]
    identifier: pd.Series
    truth: Truth
    dwellings: Dwellings
    own: Floats
    rng: np.random.Generator

    def draw(self, name: str) -> Floats:
        """Draw one value of a measure for each reading."""
        return draw_around(self.level[name], name, self.truth.measure(name), self.rng)


def readings_frame(
    instrument: str,
    visit: Occasion,
    levels: Mapping[str, Floats],
    truth: Truth,
    zone_ids: npt.NDArray[np.object_],
    *,
    measured: Bools,
    each: int,
    dwellings: Dwellings,
    seed: int,
) -> pd.DataFrame:
    """Return the rows of an instrument at one visit, with the columns of its template.

    Parameters
    ----------
    instrument
        Name in :data:`MEASURES_OF`.
    visit
        Visit.
    levels
        Level of each measure of the instrument in each zone, arrays of shape (Z,).
    truth
        Spread and losses.
    zone_ids : array of str, shape (Z,)
        Identifiers of the zones.
    measured : array of bool, shape (Z,)
        Zones that are visited.
    each
        Readings of each zone.
    dwellings
        Panel, for readings of dwellings.
    seed
        Seed of the simulation.
    """
    rng = stream(seed, "readings of", instrument, visit.index)
    zone, rank = np.divmod(np.arange(len(zone_ids) * each), each)
    kept = measured[zone] & (rng.random(len(zone)) >= truth.attrition.unseen)
    zone, rank = zone[kept], rank[kept]
    number = pd.DataFrame({"zone": zone + 1, "rank": rank + 1}).astype("str")
    told = truth.measure("consommation_eau")
    alike = OF_DWELLING * (1 - told.icc) * told.sd**2 / told.level**2
    return _FRAMES[instrument](
        Visit(
            zone=zone,
            rank=rank,
            level={name: level[zone] for name, level in levels.items()},
            shared={
                "zone_id": labels(zone_ids, zone),
                "vague": repeated(visit.wave, len(zone)),
                "date": pd.Series(visit.dates[zone].astype("datetime64[s]")),
            },
            identifier=f"{instrument}-{visit.index + 1}-" + number["zone"] + "-" + number["rank"],
            truth=truth,
            dwellings=dwellings,
            own=stream(seed, "water of dwellings").gamma(
                1 / alike, alike, size=len(dwellings.zone)
            ),
            rng=rng,
        )
    )


def _loads(v: Visit) -> pd.DataFrame:
    mass = np.clip(np.round(v.draw("masse_collectee"), 1), 1, 30_000)
    refused = np.round(mass * v.draw("taux_refus"), 2)
    flow = repeated(FLOW, len(mass))
    columns = {"masse_recue_kg": mass, "masse_refusee_kg": np.minimum(refused, mass)}
    return pd.DataFrame({"pesee_id": v.identifier, **v.shared, "flux": flow, **columns})


def _fill(v: Visit) -> pd.DataFrame:
    fill = np.round(v.draw("remplissage_pav"), 1)
    return pd.DataFrame(
        {
            "releve_id": v.identifier,
            **v.shared,
            "flux": repeated(FLOW, len(fill)),
            "taux_remplissage_pct": fill,
            "volume_l": np.full(len(fill), CONTAINER_L),
            "deborde": fill >= OVERFLOW_PCT,
        }
    )


def _sites(v: Visit) -> pd.DataFrame:
    ground, votes = v.truth.measure("megots_au_sol"), v.truth.measure("votes_cendrier")
    variance = (1 - ground.icc) * ground.sd**2
    on_ground = draw_counts(v.level["megots_au_sol"], variance, QUADRAT_M2, v.rng)
    cast = draw_counts(v.level["votes_cendrier"], (1 - votes.icc) * votes.sd**2, 1.0, v.rng)
    return pd.DataFrame(
        {
            "comptage_id": v.identifier,
            **v.shared,
            "megots_sol": on_ground,
            "megots_cendrier": cast,
            "bulletins": cast,
            "carre_m2": np.full(len(cast), QUADRAT_M2),
            "duree_h": np.full(len(cast), COUNTING_HOURS),
            "frequentation": pd.Series(pd.NA, index=pd.RangeIndex(len(cast)), dtype="Int64"),
        }
    )


def _dumps(v: Visit) -> pd.DataFrame:
    told = v.truth.measure("depots_sauvages")
    variance = (1 - told.icc) * told.sd**2
    number = draw_counts(v.level["depots_sauvages"], variance, 1.0, v.rng)
    columns = {"nombre": number, "duree_jours": np.full(len(number), DAYS_COVERED)}
    return pd.DataFrame({"releve_id": v.identifier, **v.shared, **columns})


def _samples(v: Visit) -> pd.DataFrame:
    share = v.draw("part_indesirables")
    mass = SAMPLE_KG * v.rng.uniform(0.8, 1.2, size=len(share))
    good = v.rng.dirichlet(np.ones(len(DESIRED)), size=len(share)) * ((1 - share) * mass)[:, None]
    bad = v.rng.dirichlet(np.ones(len(UNDESIRED)), size=len(share)) * (share * mass)[:, None]
    names = (*DESIRED, *UNDESIRED)
    sample = np.repeat(np.arange(len(share)), len(names))
    category = np.tile(np.arange(len(names)), len(share))
    whole = pd.DataFrame({"echantillon_id": v.identifier, **v.shared}).take(sample)
    return whole.reset_index(drop=True).assign(
        flux=repeated(FLOW, len(sample)),
        categorie=labels(names, category),
        masse_kg=np.round(np.hstack([good, bad]).ravel(), 3),
        indesirable=category >= len(DESIRED),
    )


def _answers(v: Visit) -> pd.DataFrame:
    name = "score_autocontrole"
    told = v.truth.measure(name)
    share = np.clip(v.level[name] / BEST_SCORE, LOWEST, 1 - LOWEST)
    # A score is a binomial number of right answers whose chance varies between persons.
    chance = BEST_SCORE * share * (1 - share)
    alike = ((1 - told.icc) * told.sd**2 / chance - 1) / (BEST_SCORE - 1)
    size = 1 / np.clip(alike, 1e-6, 0.95) - 1
    score = v.rng.binomial(BEST_SCORE, v.rng.beta(share * size, (1 - share) * size))
    nobody = pd.Series(None, index=pd.RangeIndex(len(score)), dtype="str")
    zone, wave, day = v.shared.values()
    return pd.DataFrame(
        {
            "reponse_id": v.identifier,
            "zone_id": zone,
            "foyer_id": nobody,
            "vague": wave,
            "date": day,
            "score": score,
        }
    )


def _conversations(v: Visit) -> pd.DataFrame:
    """Return one row a conversation; a share of them leads to interest."""
    interested = v.rng.random(len(v.zone)) < v.level["interet_eco_geste"]
    return pd.DataFrame({"foyer_id": v.identifier, **v.shared, "interet": interested})


def _meters(v: Visit) -> pd.DataFrame:
    """Return one row a dwelling of the panel; readings beyond a zone's dwellings are left out."""
    told = v.truth.measure("consommation_eau")
    size = np.bincount(v.dwellings.zone, minlength=len(v.dwellings.green_of_zone))
    held = v.rank < size[v.zone]
    dwelling = ((np.cumsum(size) - size)[v.zone] + v.rank)[held]
    again = (1 - OF_DWELLING) * (1 - told.icc) * told.sd**2 / told.level**2
    volume = v.level["consommation_eau"][held] * v.own[dwelling]
    volume *= v.rng.gamma(1 / again, again, size=len(dwelling))
    zone, wave, day = (column[held].reset_index(drop=True) for column in v.shared.values())
    return pd.DataFrame(
        {
            "releve_id": v.identifier[held].reset_index(drop=True),
            "zone_id": zone,
            "foyer_id": pd.Series(v.dwellings.identifier[dwelling], dtype="str"),
            "vague": wave,
            "date": day,
            "volume_m3": np.clip(np.round(volume, 2), 0, 5_000),
        }
    )


_FRAMES: MappingProxyType[str, Callable[[Visit], pd.DataFrame]] = MappingProxyType(
    {
        "refus_camion": _loads,
        "remplissage_pav": _fill,
        "comptage_site": _sites,
        "depot_sauvage": _dumps,
        "caracterisation": _samples,
        "autocontrole": _answers,
        "consommation_eau": _meters,
        "conversation": _conversations,
    }
)
