import pandas as pd
import pytest

from nudge.instruments.catalogue import INSTRUMENTS
from nudge.outcomes.catalogue import OUTCOMES
from nudge.outcomes.outcome import FAMILY_TITLES


def checks() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "zone_id": ["a", "a", "a", "a", "b"],
            "foyer_id": ["f1", "f1", "f2", "f3", "f4"],
            "vague": "v",
            "presente": [True, True, True, False, True],
            "couleur": ["vert", "rouge", "orange", None, "rouge"],
            "rang": [1, 2, 1, 1, 1],
        }
    )


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        ("bac_bien_trie", {"f1": 1, "f2": 0, "f4": 0}),
        ("bac_sans_rouge", {"f1": 1, "f2": 1, "f4": 0}),
        ("bac_presente", {"f1": 1, "f2": 1, "f3": 0, "f4": 1}),
        ("logement_bac_bien_trie", {"f1": 1, "f2": 0, "f3": 0, "f4": 0}),
    ],
)
def test_second_ratings_and_absent_bins(outcome: str, expected: dict[str, int]) -> None:
    """A second rating measures the assessors, not the bin; an absent bin is no badly sorted one."""
    found = OUTCOMES[outcome].values(checks())
    assert dict(zip(found["foyer_id"], found["y"], strict=True)) == expected


def test_tallies_give_one_row_a_bin() -> None:
    tallies = pd.DataFrame(
        {
            "zone_id": ["a", "b", "c"],
            "vague": "v",
            "n_controles": [10, 4, 3],
            "n_non_presentes": [3, 1, 3],
            "n_vert": [4, 0, 0],
            "n_orange": [2, 2, 0],
            "n_rouge": [1, 1, 0],
        }
    )
    sorted_well = OUTCOMES["bac_bien_trie_agrege"].values(tallies)
    assert sorted_well.groupby("zone_id")["y"].agg(["sum", "size"]).to_dict("index") == {
        "a": {"sum": 4, "size": 7},
        "b": {"sum": 0, "size": 3},
    }
    out = OUTCOMES["bac_presente_agrege"].values(tallies)
    assert out.groupby("zone_id")["y"].mean().round(9).to_dict() == {"a": 0.7, "b": 0.75, "c": 0}


def test_undesired_share_of_each_sample() -> None:
    samples = pd.DataFrame(
        {
            "echantillon_id": ["e1", "e1", "e2", "e3"],
            "zone_id": ["a", "a", "a", "b"],
            "vague": "v",
            "masse_kg": [30.0, 10.0, 5.0, 0.0],
            "indesirable": [False, True, False, True],
        }
    )
    found = OUTCOMES["part_indesirables"].values(samples)
    assert found[["zone_id", "y"]].to_dict("records") == [
        {"zone_id": "a", "y": 0.25},
        {"zone_id": "a", "y": 0.0},
    ]


def test_loads_sites_dumps_and_water() -> None:
    loads = pd.DataFrame(
        {"zone_id": ["a"], "vague": "v", "masse_recue_kg": [400.0], "masse_refusee_kg": [100.0]}
    )
    assert OUTCOMES["taux_refus"].values(loads)["y"].tolist() == [0.25]
    assert OUTCOMES["masse_collectee"].values(loads)["y"].tolist() == [400]
    sites = pd.DataFrame(
        {
            "zone_id": ["a", "a"], "vague": "v", "megots_sol": [12, 5], "carre_m2": [4.0, 5.0],
            "bulletins": [7, None],
        }
    )  # fmt: skip
    assert OUTCOMES["megots_au_sol"].values(sites)["y"].tolist() == [3, 1]
    assert OUTCOMES["votes_cendrier"].values(sites)["y"].tolist() == [7]
    dumps = pd.DataFrame({"zone_id": ["a"], "vague": "v", "nombre": [4], "duree_jours": [14.0]})
    assert OUTCOMES["depots_sauvages"].values(dumps)["y"].tolist() == [2]


def test_every_outcome_reads_an_instrument_that_exists() -> None:
    for one in OUTCOMES.values():
        assert one.instrument in INSTRUMENTS, one.name
        assert one.family in FAMILY_TITLES
        assert (one.kind == "binary") == bool(one.happens)


def test_no_rows_give_no_values() -> None:
    """A campaign without data yet must not break on its outcomes."""
    for one in OUTCOMES.values():
        columns = INSTRUMENTS[one.instrument].column_names
        empty = pd.DataFrame({name: pd.Series(dtype=object) for name in columns})
        assert len(one.values(empty)) == 0, one.name


def test_interest_of_a_conversation_is_zero_or_one() -> None:
    rows = pd.DataFrame(
        {
            "foyer_id": ["p_1", "p_2"],
            "zone_id": ["conversation-001", "conversation-200"],
            "vague": "mois-1",
            "interet": [True, False],
        }
    )
    found = OUTCOMES["interet_eco_geste"].values(rows)
    assert found["y"].tolist() == [1.0, 0.0]
    assert found["zone_id"].tolist() == ["conversation-001", "conversation-200"]
