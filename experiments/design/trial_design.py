"""The declared design of a trial: everything the draw depends on, in one YAML file."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from experiments.design.constrained_randomisation import BalanceScore
from experiments.errors import InputError

Label = Annotated[str, Field(min_length=1, pattern=r"^\S(.*\S)?$")]
# Strict: "0.1" in quotes and true are no numbers.
Share = Annotated[float, Field(strict=True, gt=0, lt=1)]
Positive = Annotated[float, Field(strict=True, gt=0)]
BufferRule = Literal["no_adjacent_arms", "forbid", "exclude"]
FACTOR_LEVELS = ("00", "10", "01", "11")


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Pairs(_Section):
    """Matched sets, one cluster of each arm: named in a column, or built from covariates."""

    column: Label | None = None
    match_on: tuple[Label, ...] = ()

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.column is None) == (not self.match_on):
            raise ValueError("give either column or match_on")
        return self


class Constraint(_Section):
    """Covariate-constrained randomisation: keep the best balanced share of allocations."""

    covariates: tuple[Label, ...] = Field(min_length=1)
    score: BalanceScore = "l2"
    keep: Share | None = None
    threshold: Positive | None = None
    candidates: int = Field(default=100_000, strict=True, ge=1_000, le=1_000_000)
    weights: dict[str, Positive] = {}

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.keep is None) == (self.threshold is None):
            raise ValueError("give either keep (share of allocations kept) or threshold")
        for name in self.weights:
            if name not in self.covariates:
                raise ValueError(f"weights: {name} is not among the covariates")
        if self.weights and self.score == "mahalanobis":
            raise ValueError("weights: Mahalanobis distance takes none; use the score l2")
        return self


class Rerandomisation(_Section):
    """Draw until the Mahalanobis distance between arms is small (Morgan and Rubin 2012)."""

    covariates: tuple[Label, ...] = Field(min_length=1)
    acceptance: Share | None = None
    threshold: Positive | None = None

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if (self.acceptance is None) == (self.threshold is None):
            raise ValueError("give either acceptance (probability) or threshold")
        return self


class Factorial(_Section):
    """A 2x2 factorial trial: two factors, and the levels that each arm carries."""

    factors: tuple[Label, Label]
    carries: dict[str, Literal["00", "10", "01", "11"]]

    @model_validator(mode="after")
    def _all_cells(self) -> Self:
        if self.factors[0] == self.factors[1]:
            raise ValueError("factors: name two different factors")
        if sorted(self.carries.values()) != sorted(FACTOR_LEVELS):
            raise ValueError("carries: give 00, 10, 01 and 11 to one arm each")
        return self


class Coordinates(_Section):
    """Columns of positions: degrees, or metres of a projection."""

    latitude: Label | None = None
    longitude: Label | None = None
    x: Label | None = None
    y: Label | None = None

    @model_validator(mode="after")
    def _one_system(self) -> Self:
        given = [name for name in ("latitude", "longitude", "x", "y") if getattr(self, name)]
        if given not in (["latitude", "longitude"], ["x", "y"]):
            raise ValueError("give either latitude and longitude (degrees) or x and y (metres)")
        return self


class Buffers(_Section):
    """Which clusters neighbour each other, and what the draw does about it."""

    rule: BufferRule
    neighbours: tuple[tuple[Label, Label], ...] = ()
    column: Label | None = None
    coordinates: Coordinates | None = None
    distance: Positive | None = None
    max_contacts: int | None = Field(default=None, strict=True, ge=0)

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        sources = [bool(self.neighbours), self.column is not None, self.coordinates is not None]
        if sum(sources) != 1:
            raise ValueError("give one of neighbours, column and coordinates")
        if (self.coordinates is None) != (self.distance is None):
            raise ValueError("coordinates and distance (metres) go together")
        if (self.rule == "forbid") != (self.max_contacts is not None):
            raise ValueError("max_contacts goes with the rule forbid, and only with it")
        return self


class TrialDesign(_Section):
    """Units, arms and rules of a cluster-randomised draw.

    Attributes
    ----------
    name
        Title of the trial.
    unit
        What is counted inside a cluster, such as ``bin``.
    cluster
        Column of the cluster labels.
    size
        Column with the number of units in each cluster; None when not known.
    arms
        Two to eight labels, the control first.
    ratios
        Whole numbers, one for each arm; equal when left out.
    strata
        Columns within whose combinations clusters are drawn.
    pairs, constraint, rerandomisation, factorial, buffers
        Further rules; None where there is none.
    balance_covariates
        Columns shown in the balance table beside those that the draw uses.
    categorical
        Columns of numbers that are codes of categories.
    seed
        Seed of the draw; None when it is given at the draw.
    level
        Significance level that the test will use.
    """

    name: Label
    unit: Label = "unit"
    cluster: Label = "cluster"
    size: Label | None = None
    arms: tuple[Label, ...] = Field(min_length=2, max_length=8)
    ratios: tuple[Annotated[int, Field(strict=True, ge=1, le=100)], ...] = ()
    strata: tuple[Label, ...] = ()
    pairs: Pairs | None = None
    constraint: Constraint | None = None
    rerandomisation: Rerandomisation | None = None
    factorial: Factorial | None = None
    buffers: Buffers | None = None
    balance_covariates: tuple[Label, ...] = ()
    categorical: tuple[Label, ...] = ()
    seed: int | None = Field(default=None, strict=True, ge=0, lt=2**63)
    level: Share = 0.05

    @model_validator(mode="before")
    @classmethod
    def _name_factorial_arms(cls, data: Any) -> Any:
        if not isinstance(data, dict) or not isinstance(data.get("factorial"), dict):
            return data
        factorial = data["factorial"]
        if isinstance(factorial.get("carries"), dict):
            return {"arms": list(factorial["carries"]), **data}
        arms = data.get("arms", list(FACTOR_LEVELS))
        if not isinstance(arms, (list, tuple)) or len(arms) != len(FACTOR_LEVELS):
            raise ValueError("factorial: a 2x2 trial has four arms, in the order 00, 10, 01, 11")
        carries = dict(zip(arms, FACTOR_LEVELS, strict=True))
        return {**data, "arms": arms, "factorial": {**factorial, "carries": carries}}

    @field_validator("arms", "strata", "balance_covariates", "categorical")
    @classmethod
    def _distinct(cls, labels: tuple[str, ...]) -> tuple[str, ...]:
        for label in labels:
            if labels.count(label) > 1:
                raise ValueError(f"{label} comes twice")
        return labels

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.ratios:
            object.__setattr__(self, "ratios", (1,) * len(self.arms))
        if len(self.ratios) != len(self.arms):
            raise ValueError(f"ratios: {len(self.ratios)} for {len(self.arms)} arms; give one each")
        if self.constraint and self.rerandomisation:
            raise ValueError(
                "constraint and rerandomisation restrict the same thing: keep one of them"
            )
        self._check_pairs()
        if self.factorial and set(self.factorial.carries) != set(self.arms):
            raise ValueError("factorial.carries: name the levels of each arm, and of no other")
        if self.factorial and self.factorial.carries[self.arms[0]] != "00":
            raise ValueError("factorial: the first arm is the control and carries 00")
        for column in (*self.strata, *self.covariates):
            if column == self.cluster:
                raise ValueError(f"{column} holds the cluster labels: it is no covariate")
        return self

    def _check_pairs(self) -> None:
        if self.pairs is None:
            return
        if len(set(self.ratios)) > 1:
            raise ValueError(
                "pairs: each matched set gives one cluster to each arm: leave the ratios out, or "
                "use strata"
            )
        if self.pairs.match_on and len(self.arms) > 2:
            raise ValueError(
                "pairs.match_on builds pairs, for two arms: name matched sets of "
                f"{len(self.arms)} clusters in a column"
            )
        if self.pairs.column and self.strata:
            raise ValueError("pairs.column already parts the clusters: leave strata out")

    @property
    def covariates(self) -> tuple[str, ...]:
        """Columns whose balance is reported, each once: those the draw uses first."""
        used = (
            *(self.constraint.covariates if self.constraint else ()),
            *(self.rerandomisation.covariates if self.rerandomisation else ()),
            *(self.pairs.match_on if self.pairs else ()),
            *self.balance_covariates,
        )
        return tuple(dict.fromkeys(used))

    def to_yaml(self) -> str:
        """The design as a file; :meth:`from_yaml` gives it back unchanged."""
        fields = self.model_dump(mode="json", exclude_none=True)
        return yaml.safe_dump(fields, allow_unicode=True, sort_keys=False)

    @classmethod
    def from_yaml(cls, text: str, *, source: str = "design") -> "TrialDesign":
        """Read a design.

        Parameters
        ----------
        text : str
            YAML.
        source : str
            File name, for errors.

        Raises
        ------
        InputError
            One line a problem: the file, the field and what is accepted.
        """
        try:
            fields = yaml.load(text, Loader=_UniqueKeyLoader)  # noqa: S506
        except yaml.YAMLError as error:
            raise InputError(f"{source}: not valid YAML: {error}") from None
        if not isinstance(fields, dict):
            raise InputError(f"{source}: a mapping is expected, such as 'arms: [control, sticker]'")
        try:
            return cls.model_validate(fields)
        except ValidationError as error:
            problems = error.errors()
            # A list whose items are wrong is also said to be too short.
            told = [problem for problem in problems if problem["type"] != "too_short"] or problems
            lines = [_explained(source, problem) for problem in told]
            raise InputError("\n".join(lines)) from None


def load_design(path: Path) -> TrialDesign:
    """Read a design file in UTF-8; errors as in :meth:`TrialDesign.from_yaml`."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: {error}: save it as UTF-8") from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    return TrialDesign.from_yaml(text, source=str(path))


def _explained(source: str, problem: Any) -> str:
    field = ""
    for part in problem["loc"]:
        field += f", item {part + 1}" if isinstance(part, int) else f".{part}" if field else part
    message = problem["msg"].removeprefix("Value error, ")
    value = problem["input"]
    mend = ""
    if problem["type"] == "string_type" and not isinstance(value, (dict, list)):
        mend = f" (got {json.dumps(value, default=str)}: write it in quotes)"
    elif problem["type"] == "extra_forbidden":
        message = "unknown field: correct or remove it"
    elif problem["type"] == "missing":
        message = "this field is missing"
    elif not isinstance(value, (dict, list)):
        mend = f" (got {json.dumps(value, default=str)})"
    return f"{source}: {field + ': ' if field else ''}{message}{mend}"


class _UniqueKeyLoader(yaml.SafeLoader):
    """Plain YAML in which no key is written twice."""


def _unique_mapping(loader: _UniqueKeyLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [key.value for key, _ in node.value]
    for key in keys:
        if keys.count(key) > 1:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {key} is written twice", node.start_mark
            )
    return dict(loader.construct_mapping(node, deep=True))


_UniqueKeyLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _unique_mapping)
