"""What is to be analysed and how: the settings a team locks before it sees outcomes."""

from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from experiments.analysis.effect_estimate import Scale
from experiments.errors import InputError

Family = Literal["auto", "gaussian", "binomial", "poisson"]
RECOMMENDED = "recommended"


class EquivalenceMargin(BaseModel):
    """Bounds of practical equivalence, in the outcome's unit (0.05 is five points of a share)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    lower: float = Field(lt=0)
    upper: float = Field(gt=0)


class AnalysisPlan(BaseModel):
    """Outcomes, columns, estimators and declared secondary analyses of one trial.

    Attributes
    ----------
    outcomes
        Outcome columns; the first is primary.
    arm, cluster
        Columns of the arm and of the unit of randomisation.
    control
        Level of ``arm`` that every other arm is compared with; by default a level with a usual
        name (control, contrôle, témoin, 0…), else the first in sorted order, with a warning.
    ratios
        Planned clusters of each arm, up to a factor, for the sample-ratio check; equal by default.
    pairwise
        With several arms, whether models see only the two arms of a contrast. By default they
        fit all arms jointly, which shares strata and covariate effects between contrasts.
    strata
        Column within whose levels clusters were drawn.
    pairs
        Column of matched pairs; each level holds one cluster of each of two arms.
    covariates
        Columns measured before the draw.
    estimators
        The first is primary, the others are the declared robustness set. ``"recommended"`` lets
        the design choose.
    scales
        Further scales on which effects are given.
    family
        Distribution of the outcome; ``"auto"`` is binomial for 0/1 outcomes, else gaussian.
    higher_is_better
        Direction in which the outcome improves, for the number needed to treat.
    estimand
        ``"cluster"``: the effect on the average cluster; ``"unit"``: on the average unit
        (Kahan et al. 2023). They differ when effects go with cluster size.
    multiplicity
        Correction over the arms, and over the outcomes for Romano-Wolf.
    period, baseline
        Column of the wave of measurement, and the waves before the draw: their cluster means
        become the covariate ``(baseline)`` and their rows leave the outcome.
    moderators
        Columns, constant within clusters, whose interaction with the arm is declared.
    margin
        Equivalence bounds; None for no equivalence test.
    non_inferiority
        Largest loss, in the outcome's unit, that an arm may have and still count as not inferior.
    influence
        Whether to estimate the primary outcome without each cluster in turn.
    level
        Coverage of intervals.
    draws, seed
        Randomisation and bootstrap draws where full enumeration is too large, and their seed.
    missing
        What to do with rows that lack a value: stop, or drop and count them.
    success
        Level of a two-valued text outcome that counts as 1.
    unit
        Column that identifies units, checked for duplicates.
    outcome_range
        Admissible outcome values.
    arms_within_clusters
        True when arms were drawn for units inside clusters: zone-level methods then refuse.
    design
        Folder written by ``pouce experiment design``: its draw's admissible allocations are used.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    outcomes: tuple[str, ...] = Field(min_length=1)
    arm: str
    cluster: str
    control: str | None = None
    ratios: dict[str, float] | None = None
    pairwise: bool = False
    strata: str | None = None
    pairs: str | None = None
    covariates: tuple[str, ...] = ()
    estimators: tuple[str, ...] = (RECOMMENDED,)
    scales: tuple[Scale, ...] = ()
    family: Family = "auto"
    higher_is_better: bool = True
    estimand: Literal["cluster", "unit"] = "cluster"
    multiplicity: Literal["none", "holm", "dunnett", "romano-wolf"] = "none"
    period: str | None = None
    baseline: tuple[str, ...] = ()
    moderators: tuple[str, ...] = ()
    margin: EquivalenceMargin | None = None
    non_inferiority: float | None = Field(default=None, gt=0)
    influence: bool = True
    level: float = Field(default=0.95, gt=0.5, lt=1)
    draws: int = Field(default=9_999, ge=99)
    seed: int = 2026
    missing: Literal["error", "drop"] = "error"
    success: str | None = None
    unit: str | None = None
    outcome_range: tuple[float, float] | None = None
    arms_within_clusters: bool = False
    design: Path | None = None

    @field_validator(
        "outcomes", "covariates", "estimators", "scales", "moderators", "baseline", mode="before"
    )
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        if isinstance(value, (str, int)):
            return (str(value),)
        return tuple(map(str, value)) if isinstance(value, (list, tuple)) else value

    @field_validator("control", "success", mode="before")
    @classmethod
    def _labels_are_text(cls, value: Any) -> Any:
        # Truth values are labelled as columns of them are: "true" and "false".
        if isinstance(value, bool):
            return str(value).lower()
        return str(value) if isinstance(value, int) else value

    @model_validator(mode="after")
    def _columns_play_one_part(self) -> Self:
        parts: dict[str, str] = {}
        named = [("arm", self.arm), ("cluster", self.cluster)]
        named += [("outcomes", name) for name in self.outcomes]
        named += [("covariates", name) for name in self.covariates]
        for part, name in named:
            if name in parts:
                message = f"column '{name}' is named under {parts[name]} and under {part}"
                raise ValueError(message)
            parts[name] = part
        if self.strata is not None and self.pairs is not None:
            message = "strata and pairs are both given: pairs are strata of two, keep one"
            raise ValueError(message)
        if self.baseline and self.period is None:
            message = "baseline names waves, so period must name the column that holds them"
            raise ValueError(message)
        return self

    @property
    def block(self) -> str | None:
        """Column within which clusters were drawn: strata or pairs."""
        return self.strata or self.pairs


def make_plan(**settings: Any) -> AnalysisPlan:
    """Build a plan from keyword settings; ``outcome`` may stand for ``outcomes``.

    Raises
    ------
    InputError
        A setting is unknown, missing or out of range; the message names each.
    """
    if "outcome" in settings:
        settings["outcomes"] = settings.pop("outcome")
    try:
        return AnalysisPlan(**settings)
    except ValidationError as error:
        raise InputError(_in_words("plan", error)) from None


def load_plan(path: str | Path) -> AnalysisPlan:
    """Read a plan from YAML.

    Raises
    ------
    InputError
        The file cannot be read or a setting is wrong.
    """
    try:
        content = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        message = f"{path}: cannot be read as YAML ({error})"
        raise InputError(message) from None
    if not isinstance(content, dict):
        message = f"{path}: a mapping of settings is expected, such as 'arm: group'"
        raise InputError(message)
    if "outcome" in content:
        content["outcomes"] = content.pop("outcome")
    try:
        return AnalysisPlan(**content)
    except (ValidationError, TypeError) as error:
        raise InputError(_in_words(str(path), error)) from None


def plan_to_yaml(plan: AnalysisPlan) -> str:
    """Return the plan as YAML, readable by :func:`load_plan`."""
    settings = plan.model_dump(mode="json", exclude_none=True)
    return yaml.safe_dump(settings, sort_keys=False, allow_unicode=True)


def _in_words(place: str, error: ValidationError | TypeError) -> str:
    if isinstance(error, TypeError):
        return f"{place}: {error}"
    lines = []
    for problem in error.errors():
        name = ".".join(str(part) for part in problem["loc"])
        reason = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "missing":
            reason = "needed"
        if problem["type"] == "extra_forbidden" and len(problem["loc"]) == 1:
            close = get_close_matches(name, AnalysisPlan.model_fields, n=1)
            meant = f" (did you mean {close[0]}?)" if close else ""
            known = ", ".join(AnalysisPlan.model_fields)
            reason = f"unknown setting{meant}; the settings are {known}"
        lines.append(f"{place}: {name}: {reason}" if name else f"{place}: {reason}")
    return "\n".join(lines)
