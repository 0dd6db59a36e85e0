"""Which cluster is treated in which period of a stepped wedge."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from experiments.errors import InputError

Floats = npt.NDArray[np.float64]
NOT_OBSERVED = "."


def stepped_wedge_sequences(
    *,
    steps: int,
    baseline_periods: int = 1,
    periods_per_step: int = 1,
    transition_periods: int = 0,
    extra_periods: int = 0,
) -> tuple[str, ...]:
    """Sequences of a stepped wedge in which one group of clusters changes over at each step.

    Parameters
    ----------
    steps
        Number of sequences.
    baseline_periods
        Periods before the first step, in which nobody is treated.
    periods_per_step
        Periods between two steps.
    transition_periods
        Periods after each change that are not observed, while the treatment settles in.
    extra_periods
        Periods added after the last step, in which everybody is treated.

    Returns
    -------
    tuple of str
        One word per sequence, one letter per period: ``0`` control, ``1`` treated, ``.`` not
        observed. Three steps give ``("0111", "0011", "0001")``.
    """
    if (
        min(steps, baseline_periods, periods_per_step) < 1
        or min(transition_periods, extra_periods) < 0
    ):
        message = "a stepped wedge has at least one step, one baseline period and one per step"
        raise InputError(message)
    periods = baseline_periods + steps * periods_per_step + transition_periods + extra_periods
    words = []
    for step in range(steps):
        before = baseline_periods + step * periods_per_step
        settling = NOT_OBSERVED * transition_periods
        words.append("0" * before + settling + "1" * (periods - before - transition_periods))
    return tuple(words)


def schedule_of(sequences: Sequence[str]) -> Floats:
    """Treatment of each sequence in each period, shape (S, J): 0, 1, or NaN where not observed.

    Raises
    ------
    InputError
        The words differ in length or hold other letters than ``0``, ``1`` and ``.``; or no
        period has both treated and untreated clusters, or no cluster changes.
    """
    lengths = {len(word) for word in sequences}
    letters = set("".join(sequences))
    if len(lengths) != 1 or not letters <= {"0", "1", NOT_OBSERVED}:
        message = (
            f"sequences: {', '.join(sequences) or 'none'}: words of one length made of 0 "
            "(control), 1 (treated) and . (not observed) are expected, such as 0011"
        )
        raise InputError(message)
    values = {"0": 0.0, "1": 1.0, NOT_OBSERVED: np.nan}
    return np.array([[values[letter] for letter in word] for word in sequences])


def with_extra_periods(sequences: Sequence[str], extra: int) -> tuple[str, ...]:
    """Add treated periods to the end of every sequence."""
    return tuple(word + "1" * extra for word in sequences)
