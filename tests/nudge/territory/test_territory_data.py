import json

import pytest

from nudge.territory.table_schema import NAMES, REPOSITORY_FOLDER

# INSEE code: postcode, municipal population, population of the other vintage.
VERIFIED = {
    "14715": ("14360", 4624, 4619), "14699": ("14800", 3857, 3913),
    "14220": ("14800", 3563, 3539), "14754": ("14640", 2437, 2440),
    "14079": ("14910", 1585, 1621), "14578": ("14130", 1313, 1295),
    "14557": ("14800", 1103, 1092), "14701": ("14800", 846, 846),
    "14755": ("14113", 606, 620), "14059": ("14910", 389, 367),
    "14731": ("14800", 199, 201), "14645": ("14950", 165, 163),
}  # fmt: skip


def test_communes_are_those_of_the_source(territory):
    communes = territory.communes.set_index("code_insee")
    columns = ["code_postal", "population_municipale", "population"]
    assert {code: tuple(row) for code, row in communes[columns].T.items()} == VERIFIED
    assert communes["population_municipale"].sum() == 20_687
    assert communes["population"].sum() == 20_716
    assert communes["licence"].eq("Licence Ouverte 2.0").all()


def test_shares_of_second_homes_stand_only_where_a_source_was_found(territory):
    known = territory.communes.dropna(subset=["part_residences_secondaires"])
    shares = known.set_index("code_insee")["part_residences_secondaires"].to_dict()
    assert shares == {"14715": 0.65, "14220": 0.70, "14059": 0.75}
    assert known["source_residences_secondaires"].notna().all()


def test_every_zone_and_round_says_that_it_is_invented(territory):
    for table in (territory.zones, territory.rounds, territory.neighbours):
        assert table["synthetique"].all()
    assert territory.zones["nom"].str.contains("synthétique").all()
    assert territory.rounds["nom"].str.contains("synthétique").all()


def test_counts_of_zones(territory):
    counts = territory.zones["type_zone"].value_counts().to_dict()
    assert counts == {"rue": 165, "sous_secteur": 35, "pav": 25, "cendrier": 15}
    assert len(territory.rounds) == 20


def test_streets_nest_in_subsectors_in_rounds_in_communes(territory):
    streets = territory.zones[territory.zones["type_zone"] == "rue"]
    assert streets.groupby("sous_secteur_id")["tournee_id"].nunique().eq(1).all()
    assert streets.groupby("tournee_id")["code_insee"].nunique().eq(1).all()
    subsectors = territory.zones[territory.zones["type_zone"] == "sous_secteur"]
    sums = streets.groupby("sous_secteur_id")["n_logements"].sum()
    assert subsectors.set_index("zone_id")["n_logements"].equals(
        sums.rename_axis("zone_id").reindex(subsectors["zone_id"])
    )


@pytest.mark.parametrize("name", NAMES)
def test_schemas_describe_the_files_column_by_column(name):
    schema = json.loads((REPOSITORY_FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))
    header = (REPOSITORY_FOLDER / f"{name}.csv").read_text(encoding="utf-8").split("\n", 1)[0]
    assert [field["name"] for field in schema["fields"]] == header.split(",")
    assert all(field["title"] and field["description"] for field in schema["fields"])
    assert schema["name"] == name


def test_no_cell_is_a_formula_for_a_spreadsheet(territory):
    for table in (territory.communes, territory.aliases, territory.zones, territory.rounds):
        for column in table.select_dtypes("str"):
            assert not table[column].dropna().str.match(r"[=+@\-]").any(), column
