"""One stream of random numbers for each part of a simulation, none disturbing another."""

import zlib

import numpy as np


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """Return the generator of one part of a simulation.

    The same seed and names always give the same numbers, whatever else is simulated: rows of the
    reference waves stay the same whether they are simulated before the draw or after it.

    Parameters
    ----------
    seed
        Seed of the simulation, not negative.
    names
        Part, such as ``"colours", 3``.
    """
    key = tuple(
        name if isinstance(name, int) else zlib.crc32(name.encode("utf-8")) for name in names
    )
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))
