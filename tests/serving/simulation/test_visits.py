from collections import Counter
from datetime import date
from itertools import pairwise

import pytest
from scipy import stats

from serving.simulation.visits import HOURS, MOST_REQUESTS, PARIS, Said, day_of_visits

POOL = [Said(text=f"texte {number}", intent="redevance_pro") for number in range(50)]
COMMUNES = {"14220": 3_500, "14715": 4_500, "14731": 200}
DAY = date(2027, 3, 2)


def visits(number, **changes):
    settings = {"day": DAY, "visits": number, "communes": COMMUNES, "seed": 1, **changes}
    return day_of_visits(POOL, **settings)


def test_a_day_is_in_order_and_the_same_for_the_same_seed():
    day = visits(300)
    assert len(day) == 300
    assert [one.number for one in day] == list(range(300))
    assert all(one.at <= other.at for one, other in pairwise(day))
    assert {one.at.astimezone(PARIS).date() for one in day} == {DAY}
    assert day == visits(300)
    assert day != visits(300, seed=2)
    assert all(1 <= len(one.requests) <= MOST_REQUESTS for one in day)


def test_hours_and_communes_follow_their_weights():
    day = visits(20_000)
    hours = Counter(one.at.hour for one in day)
    assert all(hours[hour] == 0 for hour, weight in enumerate(HOURS) if weight == 0)
    seen = [hours[hour] for hour, weight in enumerate(HOURS) if weight]
    expected = [20_000 * weight / sum(HOURS) for weight in HOURS if weight]
    assert stats.chisquare(seen, expected).pvalue > 1e-4
    homes = Counter(one.commune for one in day)
    shares = [20_000 * weight / 8_200 for weight in COMMUNES.values()]
    assert stats.chisquare([homes[code] for code in COMMUNES], shares).pvalue > 1e-4


def test_a_day_needs_something_to_say_and_somewhere_to_live():
    with pytest.raises(ValueError, match="texts and communes"):
        day_of_visits([], day=DAY, visits=1, communes=COMMUNES, seed=0)
    with pytest.raises(ValueError, match="texts and communes"):
        visits(1, communes={})
