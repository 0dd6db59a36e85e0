"""The draw: one admissible allocation picked by the seed, with its set and its fingerprint."""

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from experiments.design.admissible_allocations import SAMPLE_STREAM, seed_of
from experiments.design.allocation_set import AllocationSet, set_of_space
from experiments.design.balance import BalanceTable, balance_table
from experiments.design.cluster_frame import ClusterFrame, cluster_frame
from experiments.design.declared_space import DeclaredSpace, declared_space
from experiments.design.diagnostics import diagnose
from experiments.design.randomisation import Codes
from experiments.design.trial_design import TrialDesign

# Stream of a seed, after those of candidates and of the sampled set.
PICK_STREAM = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """A drawn allocation and all that it came from.

    Attributes
    ----------
    design
        The design, its seed being the one used.
    clusters
        Every cluster of the table, those left out as buffers included.
    declared
        Units, strata and rules of the draw.
    allocation_set
        The admissible allocations.
    index
        Row of the set that was drawn.
    balance
        Balance table of the drawn allocation.
    fingerprint
        SHA-256 of the design and the cluster table.
    warnings
        What the design cannot support.
    """

    design: TrialDesign
    clusters: ClusterFrame
    declared: DeclaredSpace
    allocation_set: AllocationSet
    index: int
    balance: BalanceTable
    fingerprint: str
    warnings: tuple[str, ...]

    @property
    def codes(self) -> Codes:
        """Arm codes drawn, in the order of ``allocation_set.clusters``, shape (G,)."""
        return np.asarray(self.allocation_set.allocations[self.index], dtype=np.int8)

    @property
    def allocation(self) -> dict[str, str]:
        """Arm of each randomised cluster, by label."""
        labels = self.allocation_set.clusters
        return {
            label: self.design.arms[code]
            for label, code in zip(labels, self.codes.tolist(), strict=True)
        }


def draw(
    design: TrialDesign, clusters: pd.DataFrame | ClusterFrame, *, seed: int | None = None
) -> Draw:
    """Draw an allocation.

    The result depends on the design, the seed and the content of the table, not on the order
    of its rows. PCG64 streams come from the seed alone.

    Parameters
    ----------
    design : TrialDesign
        What was declared.
    clusters : pandas.DataFrame or ClusterFrame
        One row a cluster.
    seed : int, optional
        That of the design when absent.

    Raises
    ------
    InputError
        The clusters do not fit the design, or there is no seed.
    AssumptionError
        The restrictions leave no allocation.
    """
    frame = cluster_frame(clusters, cluster_column=design.cluster)
    used = seed_of(design, seed)
    design = design.model_copy(update={"seed": used})
    declared = declared_space(design, frame, seed=used)
    allocation_set = set_of_space(declared.space, seed=[used, SAMPLE_STREAM])
    picker = np.random.default_rng([used, PICK_STREAM])
    index = int(picker.integers(len(allocation_set.allocations)))
    codes = allocation_set.allocations[index]
    return Draw(
        design=design,
        clusters=frame,
        declared=declared,
        allocation_set=allocation_set,
        index=index,
        balance=balance_table(
            declared.frame,
            _reported(design, declared.frame),
            codes,
            arms=design.arms,
            categorical=design.categorical,
        ),
        fingerprint=fingerprint(design, frame),
        warnings=diagnose(allocation_set, design.level, observed=codes),
    )


def _reported(design: TrialDesign, frame: ClusterFrame) -> tuple[str, ...]:
    """Covariates of the balance table: those declared, then cluster sizes where they differ."""
    if design.size is None or design.size in design.covariates:
        return design.covariates
    sizes = frame.numbers(design.size, purpose="cluster size")
    return (*design.covariates, design.size) if len(set(sizes.tolist())) > 1 else design.covariates


def fingerprint(design: TrialDesign, frame: ClusterFrame) -> str:
    """SHA-256 of a design and its clusters, in hexadecimal."""
    content = f"{design.to_yaml()}\n{frame.to_csv()}"
    return hashlib.sha256(content.encode()).hexdigest()
