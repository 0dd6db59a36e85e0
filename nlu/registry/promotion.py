"""The gate between challenger and champion."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import datasets as hf_datasets
from nlu.classifier.intent_classifier import IntentClassifier
from nlu.corpus.taxonomy import Taxonomy
from nlu.errors import InputError
from nlu.evaluation.paired_comparison import PairedComparison, compare_paired
from nlu.inference.onnx_export import LARGEST_LOSS, ServingParity, export_onnx, labelled_texts
from nlu.inference.onnx_graph import GraphPrecision
from nlu.registry import store
from nlu.registry.aliases import CHALLENGER, CHAMPION, ModelVersion, find_version
from nlu.registry.serving_versions import publish_serving, serving_metrics
from nlu.registry.versions import resolve_model

MARGIN = 0.01
THEME_LOSS = 0.02
EXPERIMENT = "promotions"


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeChange:
    """Accuracy of one theme under both models.

    Attributes
    ----------
    theme : str
    rows : int
    champion, challenger : float
        Accuracies.
    """

    theme: str
    rows: int
    champion: float
    challenger: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionVerdict:
    """Whether the challenger may become champion, and why.

    Attributes
    ----------
    allowed : bool
    reasons : tuple of str
        Every broken condition; one sentence of success otherwise.
    comparison : PairedComparison or None
        Challenger (first) against champion (second); None when there is no champion.
    themes : tuple of ThemeChange
        Empty when there is no champion.
    """

    allowed: bool
    reasons: tuple[str, ...]
    comparison: PairedComparison | None
    themes: tuple[ThemeChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """What happened.

    Attributes
    ----------
    verdict : PromotionVerdict
    challenger : ModelVersion
    champion : ModelVersion or None
        Before the promotion.
    moved : bool
        Whether the alias moved.
    forced : bool
        Whether it moved against the verdict.
    serving : ServingParity or None
        What serves against what was trained; None when the verdict stopped before the export.
    """

    verdict: PromotionVerdict
    challenger: ModelVersion
    champion: ModelVersion | None
    moved: bool
    forced: bool
    serving: ServingParity | None


def judge(
    challenger: npt.NDArray[np.bool_],
    champion: npt.NDArray[np.bool_],
    themes: Sequence[str],
    families: Sequence[str],
    *,
    margin: float = MARGIN,
    theme_loss: float = THEME_LOSS,
) -> PromotionVerdict:
    """Judge two models by the test rows that each has right.

    The challenger is not inferior when the lower limit of the one-sided 95 % interval of its
    paired gain in accuracy (bootstrap of families) is above ``-margin``.

    Parameters
    ----------
    challenger, champion : ndarray of bool, shape (n,)
        Right answers on the same rows.
    themes, families : sequence of str, length n
        Theme and family of each row.
    margin : float
        Loss of accuracy that is tolerated overall.
    theme_loss : float
        Loss of accuracy that is tolerated in a theme.
    """
    # The 90 % two-sided interval has the one-sided 95 % limit as its lower end.
    comparison = compare_paired(challenger, champion, families, level=0.90)
    changes = []
    names = np.asarray(themes)
    for theme in np.unique(names):
        rows = names == theme
        changes.append(
            ThemeChange(
                theme=str(theme),
                rows=int(rows.sum()),
                champion=float(champion[rows].mean()),
                challenger=float(challenger[rows].mean()),
            )
        )
    gain = comparison.difference
    reasons = []
    if gain.low <= -margin:
        reasons.append(
            f"not shown to be non-inferior: gain {100 * gain.estimate:+.1f} points, which may be "
            f"as low as {100 * gain.low:+.1f} (limit {-100 * margin:+.1f})"
        )
    reasons.extend(
        f"theme {change.theme} loses {100 * (change.champion - change.challenger):.1f} points "
        f"({100 * change.champion:.1f} → {100 * change.challenger:.1f} on {change.rows} messages; "
        f"limit {100 * theme_loss:.0f})"
        for change in changes
        # Rounded: 0.94 - 0.92 is a hair above 0.02 in binary.
        if round(change.champion - change.challenger, 9) > theme_loss
    )
    allowed = not reasons
    if allowed:
        reasons.append(
            f"not inferior: gain {100 * gain.estimate:+.1f} points, at least "
            f"{100 * gain.low:+.1f}; no theme loses more than {100 * theme_loss:.0f} points"
        )
    return PromotionVerdict(
        allowed=allowed, reasons=tuple(reasons), comparison=comparison, themes=tuple(changes)
    )


def promote(
    corpus: hf_datasets.DatasetDict,
    taxonomy: Taxonomy | None,
    *,
    name: str,
    wanted: str = CHALLENGER,
    force: bool = False,
    precision: GraphPrecision = "int8",
) -> Promotion:
    """Move ``champion`` to the challenger if the test split allows it.

    What will serve is exported first: it is calibrated on ``dev`` as it serves, and refused when
    it loses more than 0.3 points of accuracy on ``test`` against the trained network. The alias
    moves in one transaction of the registry, when all that it will serve is there, and is then
    noted as moved: a process killed at any instant leaves the old champion or the new one, whole.
    Every attempt is a run of the experiment ``promotions``, which holds the serving folder.

    Parameters
    ----------
    corpus : datasets.DatasetDict
        Its ``test`` split judges; its ``dev`` split calibrates what serves.
    taxonomy : Taxonomy or None
        Gives themes; one theme without it.
    name : str
        Registered model.
    wanted : str
        Alias or version to promote.
    force : bool
        Move the alias whatever the verdict; recorded.
    precision : str
        Of the serving folder: ``int8`` or ``fp32``.

    Raises
    ------
    InputError
        When there is no such version.
    """
    mlflow = store.open_store()
    candidate = resolve_model(wanted, name=name)
    challenger = candidate.registered
    if challenger is None:
        raise InputError(f"--model {wanted}: only a registered version can be promoted")
    champion = find_version(mlflow, name, CHAMPION)
    if champion is None:
        verdict = PromotionVerdict(
            allowed=True, reasons=("there is no champion yet",), comparison=None, themes=()
        )
    elif champion.version == challenger.version:
        verdict = PromotionVerdict(
            allowed=False,
            reasons=(f"version {champion.version} is the champion already",),
            comparison=None,
            themes=(),
        )
    else:
        verdict = _judge_versions(corpus, taxonomy, candidate.folder, name)
    with tempfile.TemporaryDirectory(prefix="pouce-promotion-") as scratch:
        folder, serving = Path(scratch) / "serving", None
        if verdict.allowed or force:
            serving = export_onnx(
                candidate.folder,
                folder,
                calibration_texts=corpus["train"]["text"][:],
                dev=labelled_texts(corpus["dev"]),
                test=labelled_texts(corpus["test"]),
                precision=precision,
            )
            verdict = _with_serving(verdict, serving, precision)
        forced = force and not verdict.allowed
        promotion = Promotion(
            verdict=verdict,
            challenger=challenger,
            champion=champion,
            moved=verdict.allowed or forced,
            forced=forced,
            serving=serving,
        )
        _carry_out(mlflow, promotion, folder)
    return promotion


def _with_serving(
    verdict: PromotionVerdict, serving: ServingParity, precision: GraphPrecision
) -> PromotionVerdict:
    if serving.acceptable:
        return verdict
    gain = serving.gain
    reason = (
        f"what would serve ({precision}) loses {-100 * gain.estimate:.2f} points against the "
        f"trained network [{100 * gain.low:+.2f}, {100 * gain.high:+.2f}] (limit "
        f"{100 * LARGEST_LOSS:.1f}); try --precision fp32"
    )
    refusals = () if verdict.allowed else verdict.reasons
    return replace(verdict, allowed=False, reasons=(*refusals, reason))


def _judge_versions(
    corpus: hf_datasets.DatasetDict, taxonomy: Taxonomy | None, candidate: Any, name: str
) -> PromotionVerdict:
    rows = corpus["test"]
    truth = list(rows["intent"])
    right = [
        _right_answers(IntentClassifier.load(folder), list(rows["text"]), truth)
        for folder in (candidate, resolve_model(CHAMPION, name=name).folder)
    ]
    theme_of = taxonomy.theme_of if taxonomy else {}
    families = (
        list(rows["family"])
        if "family" in rows.column_names
        else [str(row) for row in range(len(truth))]
    )
    return judge(right[0], right[1], [theme_of.get(label, "all") for label in truth], families)


def _right_answers(
    classifier: IntentClassifier, texts: Sequence[str], truth: Sequence[str]
) -> npt.NDArray[np.bool_]:
    best = classifier.score(texts).probabilities.argmax(axis=1)
    return np.asarray(
        [classifier.labels[column] == label for column, label in zip(best, truth, strict=True)]
    )


def _carry_out(mlflow: Any, promotion: Promotion, serving_folder: Path) -> None:
    """Record an attempt and, where it is allowed or forced, publish and move the alias."""
    verdict, challenger, champion = promotion.verdict, promotion.challenger, promotion.champion
    experiment = store.experiment_id(mlflow, EXPERIMENT)
    with mlflow.start_run(experiment_id=experiment) as run:
        mlflow.set_tags(
            {
                "kind": "promotion",
                "model": challenger.name,
                "challenger": challenger.version,
                "champion_before": champion.version if champion else "",
                "allowed": str(verdict.allowed),
                "moved": "False",
                "forced": str(promotion.forced),
                "reasons": "; ".join(verdict.reasons)[:4000],
                "git_commit": store.git_commit(),
            }
        )
        if verdict.comparison is not None:
            gain = verdict.comparison.difference
            mlflow.log_metrics(
                {
                    "gain": gain.estimate,
                    "gain_low": gain.low,
                    "gain_high": gain.high,
                    "mcnemar_p_value": verdict.comparison.p_value,
                }
            )
        if promotion.serving is not None:
            mlflow.log_metrics(serving_metrics(promotion.serving))
        if promotion.moved:
            publish_serving(mlflow, challenger, serving_folder, run_id=run.info.run_id)
            mlflow.MlflowClient().set_registered_model_alias(
                challenger.name, CHAMPION, challenger.version
            )
            mlflow.set_tag("moved", "True")
