"""Invented test zones, until the real lists replace them; every row says so."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pandas as pd

from nudge.errors import CampaignError, Problem
from nudge.territory.neighbours import neighbours_from_coordinates
from nudge.territory.synthetic_layout import (
    SCHEMATIC_CENTRES,
    Place,
    choice,
    chunks,
    middle,
    moved,
    normal,
    shared_out,
    sunflower,
    uniform,
)
from nudge.territory.table_schema import table_schema
from nudge.territory.unit import ZONE_TYPES

SEED = 2027
RECIPE_DATE = "2026-11-23"

STREETS, HOUSEHOLD_ROUNDS, SUBSECTORS, DROP_OFF_POINTS, ASHTRAYS = 165, 17, 35, 25, 15
STREETS_AT_LEAST = 3
STREET_SPACING_M, ASHTRAY_SPACING_M = 190.0, 150.0
# Communes with « -sur-Mer » in their name, and Deauville for its documented beach.
SEAFRONT = ("14059", "14079", "14220", "14715", "14754")

SMALLEST_STREET, LARGEST_STREET = 6, 260
TOWN, VILLAGE = 2000, 500
HOUSING_OF_TOWN = {"pavillonnaire": 0.40, "mixte": 0.30, "collectif": 0.30}
HOUSING_OF_BOROUGH = {"pavillonnaire": 0.65, "mixte": 0.25, "collectif": 0.10}
HOUSING_OF_VILLAGE = {"pavillonnaire": 0.90, "mixte": 0.10}
# Median dwellings of a street and spread of their logarithm, invented.
STREET_SIZES = MappingProxyType(
    {"pavillonnaire": (28.0, 0.50), "mixte": (45.0, 0.55), "collectif": (85.0, 0.60)}
)
INVENTED_SHARE = (0.20, 0.60)
SPREAD_OF_SHARES = 0.5
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi")
CLEANING_ROUND = "tournee-cendriers"
WEEKS = {"toutes": 0.6, "paire": 0.2, "impaire": 0.2}

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticTables:
    """Typed tables ``zones``, ``tournees`` and ``voisinages``, wholly invented."""

    zones: pd.DataFrame
    rounds: pd.DataFrame
    neighbours: pd.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class _Commune:
    code: str
    name: str
    population: int
    share: float
    centre: Place


def synthetic_tables(communes: pd.DataFrame, *, seed: int = SEED) -> SyntheticTables:
    """Invent streets, sub-sectors, drop-off points, ashtrays, rounds and neighbours.

    Streets nest in sub-sectors, sub-sectors in rounds, rounds in communes. Communes have zones
    in proportion to their population, the smallest a few at least. The same seed gives the
    same tables, value for value.

    Parameters
    ----------
    communes
        Typed table ``communes``. Its share of second homes, where a source gives it, is the
        centre about which those of the commune's streets are drawn; it is invented elsewhere.
    seed
        Seed of every draw.

    Raises
    ------
    CampaignError
        A commune has no schematic centre: invented zones exist for this territory only.
    """
    places = _communes(communes, seed)
    populations = {place.code: float(place.population) for place in places}
    streets = shared_out(STREETS, populations, floor=STREETS_AT_LEAST)
    rounds = shared_out(HOUSEHOLD_ROUNDS, populations, floor=1)
    subsectors = shared_out(SUBSECTORS, populations, floor=1)
    points = shared_out(DROP_OFF_POINTS, populations, floor=1)
    seaside = {code: populations[code] for code in SEAFRONT if code in populations}
    ashtrays = shared_out(ASHTRAYS, seaside, floor=2)
    glass_rounds = _glass_rounds(places)
    zones: list[Row] = []
    for place in places:
        inhabited = _streets_and_subsectors(
            place,
            n_streets=streets[place.code],
            n_rounds=rounds[place.code],
            n_subsectors=subsectors[place.code],
            seed=seed,
        )
        zones += inhabited
        zones += _drop_off_points(
            place, inhabited, number=points[place.code], round_id=glass_rounds[place.code]
        )
        zones += _ashtrays(place, number=ashtrays.get(place.code, 0))
    table = _zone_table(zones, seed)
    return SyntheticTables(
        zones=table,
        rounds=_round_table(places, rounds, seed),
        neighbours=neighbours_from_coordinates(table),
    )


def _communes(communes: pd.DataFrame, seed: int) -> list[_Commune]:
    unplaced = [code for code in communes["code_insee"] if code not in SCHEMATIC_CENTRES]
    if unplaced:
        raise CampaignError(
            Problem(
                what=f"pas de zones synthétiques pour les communes {', '.join(unplaced)}",
                mend="fournir les zones réelles : pouce campaign territory replace DOSSIER",
                place="communes.csv",
            )
        )
    low, high = INVENTED_SHARE
    return [
        _Commune(
            code=row.code_insee,
            name=row.nom,
            population=row.population_municipale,
            share=(
                low + (high - low) * uniform(seed, row.code_insee, "share")
                if math.isnan(row.part_residences_secondaires)
                else row.part_residences_secondaires
            ),
            centre=SCHEMATIC_CENTRES[row.code_insee],
        )
        for row in communes.sort_values("code_insee").itertuples(index=False)
    ]


def _glass_rounds(places: Sequence[_Commune]) -> dict[str, str]:
    """Return the round that empties each commune's drop-off points: one west, one east."""
    westward = sorted(places, key=lambda place: (place.centre[1], place.code))
    return {
        place.code: f"tournee-verre-{number}"
        for number, part in enumerate(chunks(westward, 2), start=1)
        for place in part
    }


def _streets_and_subsectors(
    place: _Commune, *, n_streets: int, n_rounds: int, n_subsectors: int, seed: int
) -> list[Row]:
    spots = sunflower(
        place.centre, n_streets, spacing_m=STREET_SPACING_M, seed=seed, key=place.code
    )
    streets = [
        _street(place, number=number, spot=spot, seed=seed)
        for number, spot in enumerate(spots, start=1)
    ]
    subsectors: list[Row] = []
    sectors = chunks(chunks(streets, n_subsectors), n_rounds)
    for round_number, within in enumerate(sectors, start=1):
        round_id = f"tournee-{place.code}-{round_number}"
        for contained in within:
            subsector = _subsector(place, contained, number=len(subsectors) + 1, round_id=round_id)
            subsectors.append(subsector)
            for street in contained:
                street["tournee_id"] = round_id
                street["sous_secteur_id"] = subsector["zone_id"]
    return [*streets, *subsectors]


def _street(place: _Commune, *, number: int, spot: Place, seed: int) -> Row:
    zone_id = f"rue-{place.code}-{number:03d}"
    habitat = choice(seed, zone_id, "habitat", among=_housing(place.population))
    median, spread = STREET_SIZES[habitat]
    size = round(median * math.exp(spread * normal(seed, zone_id, "size")))
    dwellings = min(max(size, SMALLEST_STREET), LARGEST_STREET)
    centre = min(max(place.share, 0.01), 0.99)
    odds = math.log(centre / (1 - centre))
    share = 1 / (1 + math.exp(-odds - SPREAD_OF_SHARES * normal(seed, zone_id, "share")))
    return _row(
        place,
        zone_id=zone_id,
        nom=f"Rue synthétique n° {number:03d}",
        type_zone="rue",
        n_logements=dwellings,
        n_residences_secondaires=round(dwellings * share),
        type_habitat=habitat,
        spot=spot,
    )


def _subsector(place: _Commune, streets: Sequence[Row], *, number: int, round_id: str) -> Row:
    return _row(
        place,
        zone_id=f"secteur-{place.code}-{number:02d}",
        nom=f"Sous-secteur synthétique n° {number:02d}",
        type_zone="sous_secteur",
        tournee_id=round_id,
        **_totals(streets),
    )


def _drop_off_points(
    place: _Commune, inhabited: Sequence[Row], *, number: int, round_id: str
) -> list[Row]:
    """Return drop-off points, each in the middle of the streets that it serves."""
    streets = [row for row in inhabited if row["type_zone"] == "rue"]
    return [
        _row(
            place,
            zone_id=f"pav-{place.code}-{index:02d}",
            nom=f"Point d'apport synthétique n° {index:02d}",
            type_zone="pav",
            tournee_id=round_id,
            **_totals(served),
        )
        for index, served in enumerate(chunks(streets, number), start=1)
    ]


def _ashtrays(place: _Commune, *, number: int) -> list[Row]:
    """Return ashtray sites in a row north-west of the centre, as on a seafront."""
    return [
        _row(
            place,
            zone_id=f"cendrier-{place.code}-{index:02d}",
            nom=f"Cendrier synthétique n° {index:02d}",
            type_zone="cendrier",
            tournee_id=CLEANING_ROUND,
            n_logements=0,
            n_residences_secondaires=0,
            type_habitat="non_residentiel",
            spot=moved(
                place.centre,
                north_m=700 + ASHTRAY_SPACING_M * index / 2,
                east_m=-500 + ASHTRAY_SPACING_M * index * math.sqrt(3) / 2,
            ),
        )
        for index in range(1, number + 1)
    ]


def _housing(population: int) -> Mapping[str, float]:
    if population >= TOWN:
        return HOUSING_OF_TOWN
    return HOUSING_OF_BOROUGH if population >= VILLAGE else HOUSING_OF_VILLAGE


def _totals(streets: Sequence[Row]) -> Row:
    """Return the dwellings, the commonest housing and the middle of a group of streets."""
    sizes: Counter[str] = Counter()
    for street in streets:
        sizes[street["type_habitat"]] += street["n_logements"]
    return {
        "n_logements": sizes.total(),
        "n_residences_secondaires": sum(street["n_residences_secondaires"] for street in streets),
        "type_habitat": max(sorted(sizes), key=lambda habitat: sizes[habitat]),
        "spot": middle([(street["latitude"], street["longitude"]) for street in streets]),
    }


def _row(place: _Commune, *, nom: str, spot: Place, **cells: Any) -> Row:
    return {
        "nom": f"{nom} ({place.name})",
        "code_insee": place.code,
        "sous_secteur_id": None,
        "latitude": spot[0],
        "longitude": spot[1],
        **cells,
    }


def _zone_table(rows: Sequence[Row], seed: int) -> pd.DataFrame:
    table = pd.DataFrame(rows).assign(
        synthetique=True, source=_source(seed), date_maj=pd.Timestamp(RECIPE_DATE)
    )
    kinds = pd.Categorical(table["type_zone"], categories=ZONE_TYPES)
    ordered = table.assign(kind=kinds).sort_values(["kind", "zone_id"], ignore_index=True)
    return ordered[list(table_schema("zones").columns)]


def _round_table(places: Sequence[_Commune], numbers: Mapping[str, int], seed: int) -> pd.DataFrame:
    household = [
        (f"tournee-{place.code}-{number}", f"n° {number} ({place.name})", "emballages")
        for place in places
        for number in range(1, numbers[place.code] + 1)
    ]
    others = [
        ("tournee-verre-1", "du verre, ouest", "verre"),
        ("tournee-verre-2", "du verre, est", "verre"),
        (CLEANING_ROUND, "des cendriers", "proprete"),
    ]
    rows = [
        {
            "tournee_id": round_id,
            "nom": f"Tournée synthétique {name}",
            "flux": stream,
            "jour": choice(seed, round_id, "day", among=dict.fromkeys(DAYS, 1.0)),
            "semaine": choice(seed, round_id, "week", among=WEEKS),
            "synthetique": True,
            "source": _source(seed),
        }
        for round_id, name, stream in household + others
    ]
    return pd.DataFrame(rows)


def _source(seed: int) -> str:
    return f"générateur de zones de test (graine {seed}), position schématique"
