"""The assumptions of a power calculation, as declared in a file."""

from importlib import resources
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from experiments.errors import InputError
from experiments.power.design_effect import BaselineAnalysis, Weighting
from experiments.power.outcome import OutcomeKind, VarianceAt
from experiments.power.power_result import SolveFor
from experiments.power.wald_power import Reference

PARALLEL_ONLY = (
    "weighting", "control_clusters", "arms", "multiplicity", "waves", "baseline_waves",
    "baseline_analysis", "cluster_r2", "unit_r2", "covariates", "variance_at",
)  # fmt: skip
WEDGE_ONLY = (
    "steps", "sequences", "periods_per_step", "transition_periods", "extra_periods",
    "treatment_sd",
)  # fmt: skip
LEVEL_NEEDED = {"binary": "baseline_level", "count": "baseline_level", "ordinal": "categories"}


class IccInterval(BaseModel):
    """An intraclass correlation known with error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    estimate: float = Field(ge=0, lt=1)
    low: float = Field(ge=0, lt=1)
    high: float = Field(ge=0, lt=1)
    level: float = Field(default=0.95, gt=0, lt=1)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.low <= self.estimate <= self.high:
            message = "low, estimate and high must be in that order"
            raise ValueError(message)
        return self


class PowerPlan(BaseModel):
    """Every assumption of a power calculation; see ``example_plan.yaml`` beside this module.

    Attributes
    ----------
    design
        Parallel arms or a stepped wedge.
    outcome_kind, baseline_level, sd, exposure, dispersion, categories
        Outcome in the control arm: a share or rate, a standard deviation for continuous
        outcomes, person-time of a unit and overdispersion for counts, shares of the ordered
        categories for ordinal ones.
    solve_for, target_power
        What is looked for; the power it must reach.
    effect, direction
        Effect to show, signed (an odds ratio for ordinal outcomes), or the direction of the one
        looked for.
    icc, between_cv
        Intraclass correlation, as a number or with its interval; for counts the coefficient of
        variation between clusters may stand for it.
    units, cv, weighting
        Units per cluster and wave, their coefficient of variation and how the analysis weighs
        clusters of unequal size.
    clusters, control_clusters, arms, multiplicity
        Clusters per treated arm (per sequence of a stepped wedge) and in the control arm, number
        of arms and correction for their comparisons.
    waves, baseline_waves, baseline_analysis
        Waves after and before the start of a parallel trial, and what is done with the latter.
    cluster_autocorrelation, individual_autocorrelation
        Correlation over waves of a cluster's level and of a unit's own deviation.
    cluster_r2, unit_r2, covariates
        Shares of variance that covariates explain, and number of cluster-level covariates.
    steps, sequences, periods_per_step, transition_periods, extra_periods, treatment_sd
        Schedule of a stepped wedge and spread of the effect between clusters.
    level
        One minus the level of significance.
    variance_at, reference
        Conventions of the formula; see :class:`~experiments.power.parallel.ParallelDesign`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    design: Literal["parallel", "stepped-wedge"] = "parallel"
    outcome_kind: OutcomeKind
    baseline_level: float | None = None
    sd: float = Field(default=1.0, gt=0)
    exposure: float = Field(default=1.0, gt=0)
    dispersion: float = Field(default=1.0, gt=0)
    categories: tuple[float, ...] | None = None
    solve_for: SolveFor = "power"
    target_power: float = Field(default=0.8, gt=0, lt=1)
    effect: float | None = None
    direction: Literal["increase", "decrease"] = "increase"
    icc: float | IccInterval | None = None
    between_cv: float | None = Field(default=None, ge=0)
    units: float | None = Field(default=None, ge=1)
    cv: float = Field(default=0.0, ge=0)
    weighting: Weighting = "size"
    clusters: float | None = Field(default=None, gt=0)
    control_clusters: float | None = Field(default=None, gt=0)
    arms: int = Field(default=2, ge=2)
    multiplicity: Literal["bonferroni", "none"] = "bonferroni"
    waves: int = Field(default=1, ge=1)
    baseline_waves: int = Field(default=0, ge=0)
    baseline_analysis: BaselineAnalysis = "ancova"
    cluster_autocorrelation: float | None = Field(default=None, ge=0, le=1)
    individual_autocorrelation: float = Field(default=0.0, ge=0, le=1)
    cluster_r2: float = Field(default=0.0, ge=0, le=1)
    unit_r2: float = Field(default=0.0, ge=0, le=1)
    covariates: int = Field(default=0, ge=0)
    steps: int | None = Field(default=None, ge=1)
    sequences: tuple[str, ...] | None = None
    periods_per_step: int = Field(default=1, ge=1)
    transition_periods: int = Field(default=0, ge=0)
    extra_periods: int = Field(default=0, ge=0)
    treatment_sd: float = Field(default=0.0, ge=0)
    level: float = Field(default=0.95, gt=0.5, lt=1)
    variance_at: VarianceAt = "each arm"
    reference: Reference = "noncentral t"

    @model_validator(mode="after")
    def _quantities_are_given(self) -> Self:
        for name in ("effect", "clusters", "units"):
            if getattr(self, name) is None and self.solve_for != name:
                message = f"{name}: needed to solve for {self.solve_for}"
                raise ValueError(message)
        if (self.icc is None) == (self.between_cv is None):
            message = "icc: give the intraclass correlation, or between_cv for counts"
            raise ValueError(message)
        if self.between_cv is not None and self.outcome_kind != "count":
            message = "between_cv: for counts only; give icc"
            raise ValueError(message)
        if self.control_clusters is not None and self.clusters is None:
            message = "clusters: needed beside control_clusters, to keep their ratio"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _outcome_is_described(self) -> Self:
        needed = LEVEL_NEEDED.get(self.outcome_kind)
        if needed is not None and getattr(self, needed) is None:
            message = f"{needed}: needed for a {self.outcome_kind} outcome"
            raise ValueError(message)
        if self.outcome_kind == "ordinal" and self.effect is not None and self.effect <= 0:
            message = "effect: the effect on an ordinal outcome is an odds ratio, above 0"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _settings_fit_the_design(self) -> Self:
        foreign = WEDGE_ONLY if self.design == "parallel" else PARALLEL_ONLY
        given = [name for name in foreign if name in self.model_fields_set]
        if given:
            message = f"{', '.join(given)}: not for a {self.design} design"
            raise ValueError(message)
        if self.design == "stepped-wedge" and (self.steps is None) == (self.sequences is None):
            message = "steps: give the number of steps, or the sequences themselves"
            raise ValueError(message)
        return self


def make_power_plan(place: str = "plan", **settings: Any) -> PowerPlan:
    """Build a plan from keyword settings.

    Parameters
    ----------
    place
        What messages call the settings' origin.

    Raises
    ------
    InputError
        A setting is unknown, missing or out of range; the message names each.
    """
    try:
        return PowerPlan(**settings)
    except ValidationError as error:
        raise InputError(_in_words(place, error)) from None


def load_power_plan(path: str | Path, **settings: Any) -> PowerPlan:
    """Read a plan from YAML; keyword settings replace those of the file.

    Raises
    ------
    InputError
        The file cannot be read or a setting is wrong.
    """
    return make_power_plan(str(path), **(read_settings(path) | settings))


def read_settings(path: str | Path) -> dict[str, Any]:
    """Settings of a YAML file, not yet checked.

    Raises
    ------
    InputError
        The file cannot be read or holds no mapping.
    """
    try:
        content = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        message = f"{path}: cannot be read as YAML ({error})"
        raise InputError(message) from None
    if not isinstance(content, dict) or not all(isinstance(name, str) for name in content):
        message = f"{path}: a mapping of settings is expected, such as 'units: 25'"
        raise InputError(message)
    return content


def example_plan() -> str:
    """Return a commented plan in YAML."""
    return resources.files("experiments.power").joinpath("example_plan.yaml").read_text("utf-8")


def _in_words(place: str, error: ValidationError) -> str:
    lines = []
    for problem in error.errors():
        # A union of a number and a mapping names its branches; the setting's name is enough.
        name = str(problem["loc"][0]) if problem["loc"] else ""
        reason = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            reason = f"unknown setting; the settings are {', '.join(PowerPlan.model_fields)}"
        lines.append(f"{place}: {name}: {reason}" if name else f"{place}: {reason}")
    return "\n".join(dict.fromkeys(lines))
