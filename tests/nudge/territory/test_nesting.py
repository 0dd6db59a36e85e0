from dataclasses import replace

import numpy as np
import pytest

from nudge.errors import CampaignError
from nudge.territory.nesting import COLUMNS, clusters_of

UNITS = {
    "rue": 165, "sous_secteur": 35, "pav": 25, "cendrier": 15, "tournee": 17, "commune": 12,
}  # fmt: skip


@pytest.mark.parametrize(("unit", "number"), UNITS.items())
def test_one_row_a_unit_with_the_agreed_columns(territory, unit, number):
    clusters = clusters_of(territory, unit=unit)
    assert list(clusters.columns) == list(COLUMNS)
    assert len(clusters) == number
    assert clusters["zone_id"].is_unique
    assert clusters["zone_id"].is_monotonic_increasing
    assert clusters["commune"].notna().all()


@pytest.mark.parametrize("unit", ["tournee", "commune"])
def test_aggregates_add_up_their_streets(territory, unit):
    streets, units = clusters_of(territory, unit="rue"), clusters_of(territory, unit=unit)
    assert units["n_zones"].sum() == len(streets)
    assert units["n_logements"].sum() == streets["n_logements"].sum()
    column = {"tournee": "tournee_id", "commune": "code_insee"}[unit]
    one = units.iloc[3]
    inside = streets[streets[column] == one["zone_id"]]
    assert one["n_residences_secondaires"] == inside["n_residences_secondaires"].sum()
    assert one["latitude"] == pytest.approx(inside["latitude"].mean())
    most = inside.groupby("type_habitat")["n_logements"].sum().idxmax()
    assert one["type_habitat"] == most


def test_names_and_rounds_of_aggregates(territory):
    rounds = clusters_of(territory, unit="tournee").set_index("zone_id")
    assert rounds.loc["tournee-14220-1", "commune"] == "Deauville"
    assert rounds.loc["tournee-14220-1", "tournee_id"] == "tournee-14220-1"
    assert "synthétique" in rounds.loc["tournee-14220-1", "nom"]
    communes = clusters_of(territory, unit="commune").set_index("zone_id")
    assert communes.loc["14220", "nom"] == "Deauville"
    assert communes["tournee_id"].isna().all()


def test_round_over_two_communes_belongs_to_that_of_most_dwellings(territory):
    zones = territory.zones.copy()
    zones.loc[zones["tournee_id"] == "tournee-14731-1", "tournee_id"] = "tournee-14220-1"
    rounds = clusters_of(replace(territory, zones=zones), unit="tournee").set_index("zone_id")
    assert rounds.loc["tournee-14220-1", "code_insee"] == "14220"
    assert "tournee-14731-1" not in rounds.index


def test_share_of_second_homes(territory):
    streets = clusters_of(territory, unit="rue")
    np.testing.assert_allclose(
        streets["part_residences_secondaires"],
        streets["n_residences_secondaires"] / streets["n_logements"],
    )
    assert clusters_of(territory, unit="cendrier")["part_residences_secondaires"].isna().all()


def test_chosen_zones_only(territory):
    chosen = ["rue-14220-003", "rue-14059-001"]
    clusters = clusters_of(territory, unit="rue", zones=chosen)
    assert clusters["zone_id"].tolist() == sorted(chosen)


def test_unknown_zones_are_all_named(territory):
    with pytest.raises(CampaignError) as caught:
        clusters_of(territory, unit="rue", zones=["rue-1", "rue-14220-003", "pav-14220-01"])
    told = [one.what for one in caught.value.problems]
    assert len(told) == 2
    assert "rue-1" in told[0]
    assert "pav-14220-01" in told[1]


def test_unknown_unit_names_the_known_ones(territory):
    with pytest.raises(CampaignError, match="sous_secteur"):
        clusters_of(territory, unit="quartier")
