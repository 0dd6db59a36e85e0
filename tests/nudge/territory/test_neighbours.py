from dataclasses import replace

import pandas as pd
import pytest

from nudge.errors import CampaignError
from nudge.territory.neighbours import NEAR_M, neighbours_from_coordinates, neighbours_of

PAIR = ["zone_id", "voisin_id"]


@pytest.mark.parametrize("unit", ["rue", "sous_secteur", "pav", "cendrier", "tournee", "commune"])
def test_pairs_are_symmetric_distinct_and_of_the_unit(territory, unit):
    pairs = set(neighbours_of(territory, unit=unit).itertuples(index=False, name=None))
    assert all((other, one) in pairs for one, other in pairs)
    assert all(one != other for one, other in pairs)


def test_streets_of_a_unit_only(territory):
    pairs = neighbours_of(territory, unit="rue")
    assert pairs["zone_id"].str.startswith("rue-").all()
    assert len(pairs) == 580


def test_rounds_are_neighbours_through_their_streets(territory):
    links = pd.DataFrame({"zone_id": ["rue-14220-001"], "voisin_id": ["rue-14715-001"]})
    both = pd.concat([links, links.rename(columns=dict(zip(PAIR, PAIR[::-1], strict=True)))])
    joined = replace(territory, neighbours=both)
    streets = territory.zones.set_index("zone_id")["tournee_id"]
    rounds = sorted([streets["rue-14220-001"], streets["rue-14715-001"]])
    assert neighbours_of(joined, unit="tournee").to_numpy().tolist() == [rounds, rounds[::-1]]
    assert neighbours_of(joined, unit="commune").to_numpy().tolist() == [
        ["14220", "14715"],
        ["14715", "14220"],
    ]


def test_unknown_unit(territory):
    with pytest.raises(CampaignError, match="quartier"):
        neighbours_of(territory, unit="quartier")


def zones_at(*places: tuple[float, float], kind: str = "rue") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "zone_id": [f"z{number}" for number in range(len(places))],
            "type_zone": kind,
            "latitude": [latitude for latitude, _ in places],
            "longitude": [longitude for _, longitude in places],
            "synthetique": False,
        }
    )


def test_distance_is_that_of_the_great_circle():
    # A thousandth of a degree of latitude is 111.2 m; of longitude at 60 degrees north, half.
    zones = zones_at((60.0, 0.0), (60.001, 0.0), (60.0, 0.002))
    pairs = neighbours_from_coordinates(zones).set_index(PAIR)["distance_m"]
    assert pairs["z0", "z1"] == 111
    assert pairs["z0", "z2"] == 111
    assert pairs["z1", "z2"] == 157
    assert len(pairs) == 6


def test_zones_far_apart_of_other_types_or_unplaced_are_not_neighbours():
    far = zones_at((49.3, 0.0), (49.3, 0.01), (float("nan"), float("nan")))
    assert neighbours_from_coordinates(far).empty
    mixed = zones_at((49.3, 0.0), (49.3, 0.0001)).assign(type_zone=["rue", "pav"])
    assert neighbours_from_coordinates(mixed).empty


def test_synthetic_neighbours_respect_the_stated_distances(territory):
    kinds = territory.zones.set_index("zone_id")["type_zone"]
    limits = territory.neighbours["zone_id"].map(kinds).map(NEAR_M)
    assert (territory.neighbours["distance_m"] <= limits).all()
