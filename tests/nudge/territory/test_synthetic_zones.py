import math

import pytest

from nudge.errors import CampaignError
from nudge.territory.replacement import generate_territory
from nudge.territory.synthetic_layout import choice, chunks, normal, shared_out, uniform
from nudge.territory.synthetic_zones import synthetic_tables
from nudge.territory.table_schema import REPOSITORY_FOLDER
from nudge.territory.territory import load_territory

INVENTED = ("zones.csv", "tournees.csv", "voisinages.csv")


def test_repository_files_are_those_the_generator_writes(tmp_path):
    generate_territory(tmp_path / "new")
    for file in (*INVENTED, "communes.csv", "alias.csv"):
        assert (tmp_path / "new" / file).read_bytes() == (REPOSITORY_FOLDER / file).read_bytes()


def test_generating_in_place_keeps_the_folder_and_leaves_nothing_beside(folder):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    (folder / "zones.csv").unlink()
    generate_territory(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_another_seed_gives_other_zones_that_are_valid(folder):
    other = generate_territory(folder, seed=1)
    assert other.fingerprint != load_territory(REPOSITORY_FOLDER).fingerprint
    assert other.zones["source"].str.contains("graine 1").all()


def test_real_zones_are_never_overwritten(folder, edit):
    edit("zones.csv", "49.34066,0.03958,oui", "49.34066,0.03958,non")
    before = (folder / "zones.csv").read_bytes()
    with pytest.raises(CampaignError, match="réelles"):
        generate_territory(folder)
    assert (folder / "zones.csv").read_bytes() == before


def test_zones_are_not_invented_for_another_territory(territory):
    communes = territory.communes.replace({"code_insee": {"14220": "35238"}})
    with pytest.raises(CampaignError, match="35238"):
        synthetic_tables(communes)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_extreme_shares_of_second_homes_are_accepted(territory, share):
    communes = territory.communes.assign(part_residences_secondaires=share)
    zones = synthetic_tables(communes).zones
    drawn = zones["n_residences_secondaires"].sum() / zones["n_logements"].sum()
    assert abs(drawn - share) < 0.03


def test_streets_follow_population_with_a_floor(territory):
    streets = territory.zones[territory.zones["type_zone"] == "rue"]
    counts = streets.groupby("code_insee").size()
    population = territory.communes.set_index("code_insee")["population_municipale"]
    assert counts.min() == 3
    large = population.index[population > 500]
    expected = population[large] / population.sum() * len(streets)
    assert ((counts[large] - expected).abs() < 2.5).all()


def test_ashtrays_stand_in_seaside_communes_only(territory):
    sites = territory.zones[territory.zones["type_zone"] == "cendrier"]
    names = sites["code_insee"].map(territory.communes.set_index("code_insee")["nom"])
    assert names[~names.str.endswith("-sur-Mer")].unique().tolist() == ["Deauville"]
    assert sites["n_logements"].eq(0).all()


def test_sizes_are_skewed_and_second_homes_follow_verified_shares(territory):
    streets = territory.zones[territory.zones["type_zone"] == "rue"]
    sizes = streets["n_logements"]
    assert sizes.mean() > 1.2 * sizes.median()
    assert sizes.between(6, 260).all()
    totals = streets.groupby("code_insee")[["n_residences_secondaires", "n_logements"]].sum()
    share = totals["n_residences_secondaires"] / totals["n_logements"]
    for code, known in (("14715", 0.65), ("14220", 0.70), ("14059", 0.75)):
        assert abs(share[code] - known) < 0.1


def test_draws_depend_on_seed_and_key_alone():
    assert uniform(1, "a", "b") == uniform(1, "a", "b")
    assert len({uniform(1, "a"), uniform(2, "a"), uniform(1, "b"), uniform(1, "a", 1)}) == 4
    draws = [normal(1, number) for number in range(4000)]
    assert abs(math.fsum(draws) / 4000) < 0.06
    assert abs(math.fsum(draw**2 for draw in draws) / 4000 - 1) < 0.08


def test_choice_follows_weights():
    drawn = [choice(3, number, among={"a": 3.0, "b": 1.0}) for number in range(2000)]
    assert abs(drawn.count("a") / 2000 - 0.75) < 0.04


def test_sharing_out_is_exact_proportional_and_floored():
    shares = shared_out(100, {"a": 60.0, "b": 30.0, "c": 10.0, "d": 0.01}, floor=2)
    assert sum(shares.values()) == 100
    assert shares == {"a": 59, "b": 29, "c": 10, "d": 2}


def test_chunks_keep_order_and_nearly_equal_lengths():
    parts = chunks(range(11), 4)
    assert [item for part in parts for item in part] == list(range(11))
    assert {len(part) for part in parts} == {2, 3}
