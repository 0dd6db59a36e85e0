"""The allocations that the declared draw could have given, carried from the draw to the test."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationSet:
    """Admissible allocations of clusters to arms, each equally likely under the design.

    Attributes
    ----------
    clusters
        Cluster labels, length G, in the order of the columns of ``allocations``.
    arms
        Arm labels, the control first; codes in ``allocations`` index them.
    allocations
        One allocation a row, shape (A, G), int8.
    enumerated
        True when the rows are the whole set; False when they are a uniform sample of it.
    size
        Number of admissible allocations (an estimate when ``enumerated`` is False and the
        design is constrained).
    """

    clusters: tuple[str, ...]
    arms: tuple[str, ...]
    allocations: npt.NDArray[np.int8]
    enumerated: bool
    size: float
