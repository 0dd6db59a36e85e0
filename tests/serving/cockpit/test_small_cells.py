"""Nobody can work a hidden count out from what is shown."""

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linprog

from serving.cockpit.breakdown import Filter, breakdown
from serving.cockpit.small_cells import hidden_in_list, hidden_in_table

COUNT = st.one_of(st.integers(0, 7), st.integers(0, 60))


def width(equations, sums, place, *, least):
    """Largest less smallest value of an unknown count, given sums and the least of each."""
    goal = np.zeros(equations.shape[1])
    goal[place] = 1
    ends = [
        sign * linprog(sign * goal, A_eq=equations, b_eq=sums, bounds=(least, None)).fun
        for sign in (1, -1)
    ]
    return ends[1] - ends[0]


@given(arrays(np.int64, st.integers(1, 9), elements=COUNT))
@settings(deadline=None, max_examples=150)
def test_a_list_gives_no_hidden_count_back(counts):
    hidden, total_hidden = hidden_in_list(counts)
    assert hidden[(counts > 0) & (counts < 5)].all()
    assert total_hidden or not 0 < counts.sum() < 5
    if total_hidden or not hidden.any():
        return
    unknown = int(hidden.sum())
    left = counts[hidden].sum()
    # Known to a reader: zeros are shown, hence each hidden count is 1 or more.
    assert unknown >= 2
    assert left - (unknown - 1) >= 5, "each may be 5 or more"


@given(
    arrays(np.int64, st.tuples(st.integers(2, 4), st.integers(2, 4)), elements=COUNT).filter(
        lambda one: (one.sum(axis=0) > 0).sum() > 1 and (one.sum(axis=1) > 0).sum() > 1
    )
)
@settings(deadline=None, max_examples=30)
def test_a_table_and_all_its_sums_give_no_hidden_count_back(counts):
    hidden = hidden_in_table(counts)
    small = (counts > 0) & (counts < 5)
    assert hidden[small].all()
    if not hidden.any():
        return
    places = np.argwhere(hidden)
    equations, sums = [], []
    left = np.where(hidden, counts, 0)
    for axis in (0, 1):
        for line in range(counts.shape[axis]):
            equations.append((places[:, axis] == line).astype(float))
            sums.append(left.sum(axis=1 - axis)[line])
    # A reader knows that a zero is shown, unless the whole table is hidden.
    least = 0 if hidden.all() else 1
    known = np.array(equations), np.array(sums, dtype=float)
    for place, (row, column) in enumerate(places):
        if counts[row, column]:
            assert width(*known, place, least=least) > 0.5, "the sums leave one value only"


def test_large_counts_are_all_shown():
    assert not hidden_in_list(np.array([5, 0, 100]))[0].any()
    assert not hidden_in_table(np.array([[5, 0], [9, 100]])).any()


def test_a_small_count_hides_the_least_other_one():
    hidden, total_hidden = hidden_in_list(np.array([3, 50, 9, 0]))
    assert hidden.tolist() == [True, False, True, False]
    assert not total_hidden


def test_a_total_that_would_tell_is_hidden_too():
    hidden, total_hidden = hidden_in_list(np.array([3, 0]))
    assert hidden.tolist() == [True, False]
    assert total_hidden


def frame(counts):
    rows = [(f"r{i}", f"c{j}", int(n)) for (i, j), n in np.ndenumerate(counts) if n]
    return pl.DataFrame(rows, schema=["row", "column", "n"], orient="row")


@given(arrays(np.int64, (4, 5), elements=st.integers(0, 30)).filter(lambda one: one.sum() > 200))
@settings(deadline=None, max_examples=60)
def test_answers_of_all_filters_together_give_no_hidden_count_back(counts):
    told = frame(counts)
    for across, along in (("row", "column"), ("column", "row")):
        sums = breakdown(told, along)
        answers = [
            breakdown(told, along, only=Filter(dimension=across, value=value))
            for value in sorted(told[across].unique())
        ]
        for cell in sums.cells:
            unknown = [one.n(cell.value) for one in answers].count(None)
            assert cell.n is None or unknown != 1, "the sum over all filters would give it back"
        for one in answers:
            assert one.total is None or one.hidden != 1


def test_both_ways_of_asking_hide_the_same_cells():
    counts = np.array([[3, 40, 12, 7], [25, 18, 9, 30], [11, 2, 31, 6]])
    told = frame(counts)

    def hidden(across, along):
        return {
            frozenset((value, cell.value))
            for value in told[across].unique()
            for cell in breakdown(told, along, only=Filter(dimension=across, value=value)).cells
            if cell.n is None
        }

    assert hidden("row", "column") == hidden("column", "row") != set()
