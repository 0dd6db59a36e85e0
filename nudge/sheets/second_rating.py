"""Which checks are rated a second time: a random tenth, the same whoever prints the sheets."""

import hashlib
import math

import numpy as np

SHARE = 0.10


def second_ratings(
    checks: dict[str, int], *, seed: str, share: float = SHARE
) -> dict[str, tuple[int, ...]]:
    """Draw checks for a second, independent rating.

    Parameters
    ----------
    checks
        Zone to its number of checks.
    seed
        Text from which the draw follows, such as campaign, wave and round; never the draw of
        arms, so that sheets say nothing of it.
    share
        Share of checks in (0, 1], rounded up.

    Returns
    -------
    dict
        Zone to the numbers, from 1, of its checks to rate again; zones without any are left out.
    """
    every = [(zone, number) for zone, n in checks.items() for number in range(1, n + 1)]
    rng = np.random.default_rng(int.from_bytes(hashlib.sha256(seed.encode()).digest()))
    chosen = rng.choice(len(every), size=math.ceil(share * len(every)), replace=False)
    drawn: dict[str, list[int]] = {}
    for place in sorted(chosen):
        zone, number = every[place]
        drawn.setdefault(zone, []).append(number)
    return {zone: tuple(numbers) for zone, numbers in drawn.items()}
