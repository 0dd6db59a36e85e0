from collections import Counter

from scipy import stats

from nudge.territory.conversation_parts import PARTS, part_of
from nudge.territory.neighbours import neighbours_of
from nudge.territory.nesting import COLUMNS, clusters_of


def test_parts_are_units_without_place_or_dwelling(territory):
    parts = clusters_of(territory, unit="conversation")
    streets = clusters_of(territory, unit="rue")
    assert list(parts.columns) == list(COLUMNS)
    assert parts.dtypes.to_dict() == streets.dtypes.to_dict()
    assert len(parts) == PARTS
    assert parts["zone_id"].is_unique
    assert parts["zone_id"].is_monotonic_increasing
    assert (parts["n_logements"] == 0).all()
    assert parts[["code_insee", "commune", "latitude"]].isna().all().all()
    assert neighbours_of(territory, unit="conversation").empty


def test_a_conversation_keeps_its_part_whatever_the_machine():
    # Worked out by hand from the SHA-256 of « sel:p_1 »: anyone can check an assignment.
    assert part_of("p_1", salt="sel") == "conversation-179"
    assert part_of("p_1", salt="sel") != part_of("p_1", salt="autre sel")


def test_parts_are_of_equal_size_and_those_of_two_campaigns_unrelated(territory):
    names = set(clusters_of(territory, unit="conversation")["zone_id"])
    one = [part_of(f"p_{number}", salt="a") for number in range(20_000)]
    other = [part_of(f"p_{number}", salt="b") for number in range(20_000)]
    assert set(one) == names
    assert stats.chisquare(list(Counter(one).values())).pvalue > 1e-4
    same = sum(first == second for first, second in zip(one, other, strict=True))
    assert 60 < same < 145
