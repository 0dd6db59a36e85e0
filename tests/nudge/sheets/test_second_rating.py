from collections import Counter

from nudge.sheets.second_rating import second_ratings

CHECKS = {"a": 25, "b": 10, "c": 1}


def test_a_tenth_rounded_up_is_drawn_among_existing_checks():
    drawn = second_ratings(CHECKS, seed="x")
    assert sum(map(len, drawn.values())) == 4
    for zone, numbers in drawn.items():
        assert list(numbers) == sorted(set(numbers))
        assert set(numbers) <= set(range(1, CHECKS[zone] + 1))


def test_the_seed_decides():
    assert second_ratings(CHECKS, seed="x") == second_ratings(CHECKS, seed="x")
    assert len({str(second_ratings(CHECKS, seed=str(one))) for one in range(20)}) > 15


def test_every_check_is_as_likely_as_the_others():
    draws = 4_000
    hits: Counter[tuple[str, int]] = Counter()
    for one in range(draws):
        drawn = second_ratings({"a": 12, "b": 8}, seed=str(one))
        hits.update((zone, number) for zone, numbers in drawn.items() for number in numbers)
    assert len(hits) == 20
    assert all(abs(count / draws - 0.1) < 0.025 for count in hits.values())
