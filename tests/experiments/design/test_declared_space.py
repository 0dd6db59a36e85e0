import numpy as np
import pandas as pd
import pytest

from experiments.design.allocation_space import list_allocations
from experiments.design.cluster_frame import cluster_frame
from experiments.design.declared_space import declared_space
from experiments.design.trial_design import TrialDesign
from experiments.errors import InputError


def declared(frame, **fields):
    design = TrialDesign(**{"name": "x", "cluster": "zone", "arms": ("c", "t"), **fields})
    return declared_space(design, cluster_frame(frame, cluster_column="zone"), seed=1)


def every(found):
    return list_allocations(found.space, rng=np.random.default_rng(1)).allocations


@pytest.fixture
def street():
    """Eight zones along a street; the first three touch, so do the last two."""
    return pd.DataFrame(
        {
            "zone": list("abcdefgh"),
            "x": [0, 100, 200, 900, 1500, 2100, 2700, 2800],
            "y": 0,
            "beside": ["b", "a|c", "", "", "", "", "h", ""],
            "side": ["n", "n", "n", "s", "s", "s", "n", "n"],
            "pair": [1, 2, 1, 2, 3, 4, 3, 4],
            "age": [30, 31, 50, 51, 70, 72, 90, 99],
        }
    )


NEAR = {"coordinates": {"x": "x", "y": "y"}, "distance": 150.0}


def test_neighbours_are_merged_into_one_unit(street):
    found = declared(street, buffers={"rule": "no_adjacent_arms", **NEAR})
    assert found.units == ("a+b+c",) * 3 + ("d", "e", "f") + ("g+h",) * 2
    listed = every(found)
    assert np.all(listed[:, 0] == listed[:, 1])
    assert np.all(listed[:, 6] == listed[:, 7])
    # Five units: two or three to each arm.
    assert len(listed) == 20


def test_coordinates_a_column_and_a_list_say_the_same(street):
    by_column = declared(street, buffers={"rule": "no_adjacent_arms", "column": "beside"})
    by_list = declared(
        street,
        buffers={
            "rule": "no_adjacent_arms",
            "neighbours": (("b", "a"), ("b", "c"), ("g", "h")),
        },
    )
    by_place = declared(street, buffers={"rule": "no_adjacent_arms", **NEAR})
    assert by_column.edges.tolist() == by_list.edges.tolist() == by_place.edges.tolist()


def test_contacts_between_arms_are_bounded(street):
    found = declared(street, buffers={"rule": "forbid", "max_contacts": 1, **NEAR})
    listed = every(found)
    edges = found.edges
    crossing = (listed[:, edges[:, 0]] != listed[:, edges[:, 1]]).sum(axis=1)
    assert crossing.max() == 1
    assert len(listed) < 70


def test_buffers_leave_clusters_out(street):
    found = declared(street, buffers={"rule": "exclude", **NEAR})
    assert found.excluded == ("b", "h")
    assert found.space.clusters == tuple("acdefg")


def test_degrees_are_measured_on_the_sphere(zones):
    found = declared(
        zones,
        buffers={
            "rule": "no_adjacent_arms",
            "coordinates": {"latitude": "lat", "longitude": "lon"},
            "distance": 400.0,
        },
    )
    first, second = found.edges[0]
    gap = zones[["lat", "lon"]].to_numpy()[[first, second]]
    north = (gap[0, 0] - gap[1, 0]) * 111_195
    east = (gap[0, 1] - gap[1, 1]) * 111_195 * np.cos(np.radians(44.56))
    assert np.hypot(north, east) <= 401
    with pytest.raises(InputError, match="beyond 90 degrees: use x and y"):
        declared(
            zones,
            buffers={
                "rule": "exclude",
                "coordinates": {"latitude": "income", "longitude": "lon"},
                "distance": 400.0,
            },
        )


def test_matched_pairs_part_each_pair(street):
    named = every(declared(street, pairs={"column": "pair"}))
    assert len(named) == 16
    assert np.all(named[:, 0] + named[:, 2] == 1)
    built = declared(street, pairs={"match_on": ("age",)})
    assert built.strata[::2] == ("a & b", "c & d", "e & f", "g & h")
    assert built.strata[1::2] == built.strata[::2]


def test_pairs_are_built_within_strata(street):
    frame = street.assign(side=["n", "s", "n", "s", "s", "n", "s", "n"])
    found = declared(frame, pairs={"match_on": ("age",)}, strata=("side",))
    assert set(found.strata) == {"n / a & c", "n / f & h", "s / b & d", "s / e & g"}


def test_merged_neighbours_are_matched_on_their_average(street):
    frame = pd.concat([street, street.tail(1).assign(zone="i", x=9_000, beside="")])
    found = declared(
        frame,
        pairs={"match_on": ("age",)},
        buffers={"rule": "no_adjacent_arms", "column": "beside"},
    )
    # Units: abc (37), d (51), e (70), f (72), gh (94.5), i (99).
    assert found.strata == ("a & d",) * 4 + ("e & f",) * 2 + ("g & i",) * 3


def test_remainders_are_explained_and_evened_out_over_strata(street):
    found = declared(street.head(6), strata=("side",))
    assert "stratum n: 3 units do not divide 1:1" in found.notes[0]
    assert "within one unit of each other" in found.notes[0]
    assert set(every(found).sum(axis=1).tolist()) == {3}
    uneven = declared(street.head(7), ratios=(2, 1))
    assert uneven.notes == ("7 units do not divide 2:1; the nearest counts are 5 + 2",)
    assert declared(street).notes == ()


@pytest.mark.parametrize(
    ("rows", "fields", "message"),
    [
        (7, {"strata": ("side", "pair")}, "stratum n / 1 has 2 units .* for 3 arms: merge it"),
        (2, {}, "the trial has 2 units of randomisation for 3 arms"),
        (8, {"ratios": (50, 1, 1)}, "the arm t may get none of the 8 units"),
        (8, {"strata": ("street",)}, "no column street"),
        (8, {"pairs": {"column": "pair"}}, "matched set 1 has 2 clusters for 3 arms"),
        (
            8,
            {"buffers": {"rule": "exclude", "column": "sides"}},
            r"no column sides \(neighbours\)",
        ),
        (
            8,
            {"buffers": {"rule": "exclude", "neighbours": (("a", "z"),)}},
            "buffers.neighbours: neighbour z is no cluster",
        ),
        (
            6,
            {"buffers": {"rule": "exclude", "column": "side"}},
            "line 2, column side: neighbour n is no cluster",
        ),
    ],
)
def test_tables_that_do_not_fit_are_refused(street, rows, fields, message):
    with pytest.raises(InputError, match=message):
        declared(street.head(rows), **{"arms": ("c", "t", "u"), **fields})


def test_odd_numbers_and_split_units_are_refused(street):
    with pytest.raises(InputError, match="stratum n has 5 units, which cannot be paired"):
        declared(street, pairs={"match_on": ("age",)}, strata=("side",))
    frame = street.assign(side=list("nsnsnsns"))
    with pytest.raises(InputError, match=r"line 3 \(cluster b\): the neighbours a\+b\+c"):
        declared(frame, strata=("side",), buffers={"rule": "no_adjacent_arms", **NEAR})
