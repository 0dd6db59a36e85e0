"""The grid of simulated trials on which estimators are measured."""

import itertools
from dataclasses import asdict, dataclass

import numpy as np

from experiments.errors import InputError
from experiments.power.simulated_trials import OutcomeKind, SimulatedTrials, simulate_trials

LEVEL = {"binary": 0.7, "continuous": 0.0, "count": 2.0}
CLUSTERS = (6, 8, 12, 20, 40, 100)
ICCS = (0.01, 0.05, 0.2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One kind of trial.

    Attributes
    ----------
    clusters
        Clusters in all.
    icc
        Intraclass correlation on the outcome's own scale.
    balanced
        True: equal arms, cluster sizes with coefficient of variation 0.4. False: one cluster in
        three treated, coefficient of variation 0.8.
    outcome
        Kind of outcome: a share around 0.7, a standard normal, or a count around 2.
    """

    clusters: int
    icc: float
    balanced: bool
    outcome: OutcomeKind

    @property
    def clusters_per_arm(self) -> tuple[int, int]:
        """Control and treated clusters."""
        treated = self.clusters // 2 if self.balanced else max(2, round(self.clusters / 3))
        return self.clusters - treated, treated

    @property
    def cv(self) -> float:
        """Coefficient of variation of the cluster size."""
        return 0.4 if self.balanced else 0.8

    @property
    def sd(self) -> float:
        """Standard deviation of one unit's outcome."""
        level = LEVEL[self.outcome]
        if self.outcome == "binary":
            return float(np.sqrt(level * (1 - level)))
        if self.outcome == "count":
            return float(np.sqrt(level / (1 - self.icc)))
        return 1.0

    @property
    def effect(self) -> float:
        """Difference that a z test on cluster means would see four times in five, capped."""
        variance = self.sd**2 * (self.icc + (1 - self.icc) * (1 + self.cv**2) / UNITS)
        control, treated = self.clusters_per_arm
        wanted = 2.8 * float(np.sqrt(variance * (1 / control + 1 / treated)))
        return min(wanted, 0.2) if self.outcome == "binary" else wanted

    @property
    def key(self) -> str:
        """Short text that names the scenario in files."""
        shape = "balanced" if self.balanced else "unbalanced"
        return f"{self.outcome}-{self.clusters}-{self.icc:g}-{shape}"


UNITS = 60


def grid(
    *,
    clusters: tuple[int, ...] = CLUSTERS,
    iccs: tuple[float, ...] = ICCS,
    outcomes: tuple[OutcomeKind, ...] = ("binary", "continuous", "count"),
) -> tuple[Scenario, ...]:
    """All combinations, fewest clusters first; what is given twice counts once.

    Raises
    ------
    InputError
        Fewer than 4 clusters, or an ICC outside [0, 1).
    """
    if min(clusters) < 4:
        message = "clusters: at least 4 in all, so that each arm has two"
        raise InputError(message)
    if not all(0 <= icc < 1 for icc in iccs):
        message = "icc: each must lie in [0, 1)"
        raise InputError(message)
    return tuple(
        Scenario(clusters=g, icc=icc, balanced=balanced, outcome=outcome)
        for g, icc, balanced, outcome in itertools.product(
            sorted(set(clusters)), sorted(set(iccs)), (True, False), dict.fromkeys(outcomes)
        )
    )


def draw(
    scenario: Scenario, *, with_effect: bool, n_trials: int, rng: np.random.Generator
) -> SimulatedTrials:
    """Simulate trials of one scenario, under the null or with its effect."""
    return simulate_trials(
        outcome=scenario.outcome,
        clusters_per_arm=scenario.clusters_per_arm,
        units=UNITS,
        cv=scenario.cv,
        level=LEVEL[scenario.outcome],
        effects=(scenario.effect if with_effect else 0.0,),
        icc=scenario.icc,
        n_trials=n_trials,
        rng=rng,
    )


def describe(scenario: Scenario) -> dict[str, object]:
    """Return the scenario's settings as plain values, for tables and JSON."""
    return asdict(scenario) | {"effect": scenario.effect, "cv": scenario.cv}
