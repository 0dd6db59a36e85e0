"""Every setting of a training run, its default in ``default.yaml`` beside this module."""

from importlib import resources
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from nlu.calibration.decision import RiskTarget
from nlu.corpus.taxonomy import read_yaml
from nlu.errors import InputError
from nlu.text.perturbation import PERTURBATIONS


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class CorpusConfig(_Section):
    """Where the rows are and how to read them."""

    path: str
    text_column: str
    label_column: str
    out_of_scope_label: str | None


class EncoderConfig(_Section):
    """Base encoder and which of its parts are trained."""

    source: str
    prefix: str
    train_max_length: int = Field(ge=8)
    max_length: int = Field(ge=8)
    dropout: float | None = Field(ge=0, lt=1)
    freeze_word_embeddings: bool
    freeze_layers: int = Field(ge=0)


class OptimisationConfig(_Section):
    """Loss, optimiser and schedule."""

    epochs: int = Field(ge=1)
    batch_size: int = Field(ge=1)
    learning_rate: float = Field(gt=0)
    head_learning_rate: float = Field(gt=0)
    linear_probe: bool
    layer_decay: float = Field(gt=0, le=1)
    weight_decay: float = Field(ge=0)
    warmup: float = Field(ge=0, lt=1)
    label_smoothing: float = Field(ge=0, lt=1)
    dropout: float = Field(ge=0, lt=1)
    max_gradient_norm: float = Field(gt=0)
    patience: int = Field(ge=1)
    seed: int


class HardwareConfig(_Section):
    """Number format, threads and compilation."""

    precision: Literal["auto", "fp32", "bf16", "fp16"]
    threads: int = Field(ge=0)
    compile: bool


class AugmentationConfig(_Section):
    """Perturbations at training; rates are probabilities."""

    enabled: bool
    clean_share: float = Field(ge=0, le=1)
    rates: dict[str, float]

    @field_validator("rates")
    @classmethod
    def _known_rates(cls, rates: dict[str, float]) -> dict[str, float]:
        for name, rate in rates.items():
            if name not in PERTURBATIONS:
                raise ValueError(
                    f"unknown perturbation {name!r}: one of {', '.join(PERTURBATIONS)}"
                )
            if not 0 <= rate <= 1:
                raise ValueError(f"{name}: a rate is between 0 and 1")
        return rates


class LexicalConfig(_Section):
    """The linear branch on word and character n-grams."""

    enabled: bool


class DecisionConfig(_Section):
    """Risk that the thresholds must meet on the dev split."""

    answer_risk: float = Field(gt=0, lt=1)
    confidence: float = Field(gt=0, lt=1)
    clarify_success: float = Field(gt=0, le=1)
    in_scope_rejection: float = Field(ge=0, lt=1)

    def target(self) -> RiskTarget:
        """As the dataclass the decision module takes."""
        return RiskTarget(**self.model_dump())


class TrackingConfig(_Section):
    """MLflow names; the server is ``MLFLOW_TRACKING_URI``, the local store otherwise."""

    experiment: str
    registered_model: str


class TrainingConfig(_Section):
    """All settings of a run."""

    corpus: CorpusConfig
    encoder: EncoderConfig
    optimisation: OptimisationConfig
    hardware: HardwareConfig
    augmentation: AugmentationConfig
    lexical: LexicalConfig
    decision: DecisionConfig
    tracking: TrackingConfig

    def to_yaml(self) -> str:
        """The configuration as it would be written by hand."""
        return yaml.safe_dump(self.model_dump(), allow_unicode=True, sort_keys=False)


def load_config(path: Path | None = None, overrides: tuple[str, ...] = ()) -> TrainingConfig:
    """Default settings, then those of a file, then ``key=value`` overrides.

    Parameters
    ----------
    path : Path, optional
        YAML with any subset of the keys of ``default.yaml``.
    overrides : tuple of str
        Such as ``optimisation.epochs=3``; values are YAML.

    Raises
    ------
    InputError
        Unknown key, wrong type or value: with the key and what is accepted.
    """
    default = resources.files("nlu.training").joinpath("default.yaml").read_text("utf-8")
    settings: dict[str, Any] = yaml.safe_load(default)
    where = "default settings"
    if path is not None:
        where = str(path)
        try:
            own = read_yaml(path.read_text(encoding="utf-8")) or {}
        except UnicodeDecodeError as error:
            raise InputError(f"--config {path}: {error}: save it as UTF-8") from None
        except InputError as error:
            raise InputError(f"--config {path}: {error}") from None
        except OSError as error:
            raise InputError(f"--config {path}: {error.strerror}") from None
        except yaml.YAMLError as error:
            raise InputError(f"--config {path}: not valid YAML: {error}") from None
        if not isinstance(own, dict):
            raise InputError(f"--config {path}: a mapping of settings is expected")
        _merge(settings, own, where)
    for override in overrides:
        key, separator, value = override.partition("=")
        if not separator:
            raise InputError(f"--set {override}: write key=value, such as optimisation.epochs=3")
        nested: dict[str, Any] = {}
        level = nested
        *parents, last = key.strip().split(".")
        for parent in parents:
            level = level.setdefault(parent, {})
        try:
            level[last] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise InputError(f"--set {override}: not valid YAML: {error}") from None
        _merge(settings, nested, f"--set {override}")
    try:
        return TrainingConfig.model_validate(settings)
    except ValidationError as error:
        lines = []
        for problem in error.errors():
            key = ".".join(str(part) for part in problem["loc"])
            origin = next(
                (
                    f"--set {o}"
                    for o in reversed(overrides)
                    if f"{o.partition('=')[0].strip()}.".startswith(f"{key}.")
                    or f"{key}.".startswith(f"{o.partition('=')[0].strip()}.")
                ),
                where,
            )
            lines.append(f"{origin}: {key}: {problem['msg']}")
        raise InputError("\n".join(lines)) from None


def _merge(settings: dict[str, Any], own: dict[str, Any], where: str, prefix: str = "") -> None:
    for key, value in own.items():
        known = prefix == "augmentation.rates." or key in settings
        if not known:
            raise InputError(f"{where}: unknown key {prefix}{key}; known: {', '.join(settings)}")
        if isinstance(settings.get(key), dict) and isinstance(value, dict):
            _merge(settings[key], value, where, f"{prefix}{key}.")
        else:
            settings[key] = value
