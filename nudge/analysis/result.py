"""What the analysis of a campaign found: everything a report shows, and nothing drawn from it."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

import pandas as pd

from experiments.analysis.effect_estimate import EffectEstimate
from experiments.analysis.equivalence import EquivalenceTest
from experiments.analysis.heterogeneity import Heterogeneity
from experiments.analysis.leave_one_out import LeaveOneOut
from experiments.analysis.sample_ratio import SampleRatio
from nudge.campaign.campaign import Campaign
from nudge.errors import Problem

Grade = Literal["A", "B", "C", "D"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmLevel:
    """Level of an outcome in one arm and wave, as observed.

    Attributes
    ----------
    arm
        Identifier of the arm.
    wave
        Name of the wave; ``""`` for all follow-up waves together.
    mean
        Mean over zones of the zone means, in the outcome's unit.
    zones, units
        How many were measured.
    """

    arm: str
    wave: str
    mean: float
    zones: int
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeResult:
    """Everything found about one outcome.

    Attributes
    ----------
    outcome
        Name in :data:`nudge.outcomes.catalogue.OUTCOMES`.
    primary
        Whether it is the primary outcome.
    estimates
        The planned estimator's differences, one a nudged arm, in the outcome's unit; empty where
        there is no control group. ``contrast`` is ``"arm vs control"`` with arm identifiers.
    robustness
        Differences and other scales by the declared other estimators.
    levels
        Observed levels, by arm and wave.
    by_wave
        Difference of each nudged arm in each follow-up wave: wave name to estimates, in order.
    other_scales
        Effects on further scales (ratio, number needed to treat…), by the planned estimator, or
        by Welch's on zone means where that one gives no arm means.
    not_estimable
        French sentences: what the data refused and why.
    """

    outcome: str
    primary: bool
    estimates: tuple[EffectEstimate, ...]
    robustness: tuple[EffectEstimate, ...]
    levels: tuple[ArmLevel, ...]
    by_wave: dict[str, tuple[EffectEstimate, ...]]
    other_scales: tuple[EffectEstimate, ...]
    not_estimable: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BeforeAfter:
    """A change seen without a control group: never a cause.

    Attributes
    ----------
    before, after
        Level in the reference and in the follow-up waves.
    difference
        ``after - before``.
    ci_low, ci_high
        Interval of the difference that takes each wave's mean as one observation; None where
        there are fewer than two waves on a side.
    units_before, units_after
        Units measured.
    waves
        Level and units of each wave in order: columns ``vague``, ``moyenne``, ``unites``,
        ``type`` (reference or suivi).
    """

    before: float
    after: float
    difference: float
    ci_low: float | None
    ci_high: float | None
    units_before: int
    units_after: int
    waves: pd.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowRow:
    """One line of the cluster-CONSORT flow.

    Attributes
    ----------
    step
        ``eligibles``, ``ecartees``, ``tirees``, ``recues`` (message delivered), ``mesurees``,
        ``analysees``.
    label
        French label.
    zones, units
        By arm identifier; the key ``""`` holds figures before the draw. Units are None where they
        are not known.
    """

    step: str
    label: str
    zones: dict[str, int]
    units: dict[str, int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposedNeighbours:
    """Control zones next to a nudged zone, compared with other control zones.

    Attributes
    ----------
    exposed, unexposed
        Numbers of control zones.
    estimate
        Difference exposed minus unexposed; None where one side is too small.
    """

    exposed: int
    unexposed: int
    estimate: EffectEstimate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """A departure from the locked plan that the machine saw, or an amendment that was declared.

    Attributes
    ----------
    kind
        ``amendement`` or ``ecart``.
    text
        French sentence.
    serious
        Whether it lowers the evidence grade.
    """

    kind: Literal["amendement", "ecart"]
    text: str
    serious: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignResult:
    """The whole analysis of a campaign.

    Attributes
    ----------
    campaign
        The locked campaign.
    status
        Lifecycle status when analysed.
    analysed_on
        Day of the analysis.
    grade, grade_reasons
        Evidence grade A to D and French sentences that say why.
    outcomes
        Primary outcome first.
    before_after
        Change of the primary outcome in a campaign without control; None otherwise.
    heterogeneity
        Declared interactions of the primary outcome.
    equivalence
        Equivalence tests of the primary outcome by contrast; empty where no margin is declared.
    influence
        Leave-one-zone-out, by contrast; None where not computed.
    sample_ratio
        Check on the numbers of zones; None without a draw.
    exposed_neighbours
        None where not declared or not a randomised campaign.
    flow
        Cluster-CONSORT flow.
    balance
        Zone covariates by arm: columns ``variable``, one column an arm (identifier), ``ecart``
        (largest standardised difference).
    minimum_detectable_effect
        With the observed zones, units and ICC, 80 % power; None without a control group.
    icc, icc_low, icc_high
        Of the primary outcome over control zones or baseline; None where not estimable.
    fidelity
        Share of planned deliveries made, by nudged arm; None where deliveries were not entered.
    complaints
        Complaints for 100 dwellings, by arm; None where not entered.
    deviations
        Amendments and departures, in order.
    findings
        Remarks of the statistics package, in its English; the report says them in French.
    plan_sha256, zones_sha256, data_sha256
        Fingerprints; empty where not locked.
    seed
        Seed of the draw; None without one.
    problems
        What a reader must know about the data (missing waves, few assessors…), in French.
    synthetic_territory
        Whether any zone is synthetic.
    run_id
        MLflow run; empty where not tracked.
    """

    campaign: Campaign
    status: str
    analysed_on: date
    grade: Grade
    grade_reasons: tuple[str, ...]
    outcomes: tuple[OutcomeResult, ...]
    before_after: BeforeAfter | None
    heterogeneity: tuple[Heterogeneity, ...]
    equivalence: dict[str, EquivalenceTest]
    influence: dict[str, LeaveOneOut] | None
    sample_ratio: SampleRatio | None
    exposed_neighbours: ExposedNeighbours | None
    flow: tuple[FlowRow, ...]
    balance: pd.DataFrame | None
    minimum_detectable_effect: float | None
    icc: float | None
    icc_low: float | None
    icc_high: float | None
    fidelity: dict[str, float] | None
    complaints: dict[str, float] | None
    deviations: tuple[Deviation, ...]
    findings: tuple[str, ...]
    plan_sha256: str
    zones_sha256: str
    data_sha256: str
    seed: int | None
    problems: tuple[Problem, ...]
    synthetic_territory: bool
    run_id: str

    @property
    def primary(self) -> OutcomeResult:
        """Result on the primary outcome."""
        return self.outcomes[0]
