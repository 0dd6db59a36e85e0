"""The outcome of one analysis: estimates and what surrounds them, as tables, records, figures."""

import math
from dataclasses import dataclass, fields
from typing import Any

import pandas as pd

from experiments.analysis.effect_estimate import EffectEstimate
from experiments.analysis.equivalence import EquivalenceTest, NonInferiorityTest
from experiments.analysis.heterogeneity import Heterogeneity
from experiments.analysis.leave_one_out import LeaveOneOut
from experiments.analysis.plan import AnalysisPlan
from experiments.analysis.recommend import Recommendation
from experiments.analysis.sample_ratio import SampleRatio


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialAnalysis:
    """All estimates of one plan on one data set.

    Attributes
    ----------
    plan
        Settings.
    fingerprint
        SHA-256 of the grouped data.
    estimates
        One per outcome, contrast, estimator and scale; the primary estimator's first.
    recommendation
        Estimator the design calls for, with reasons and cautions; None where arms were refused.
    sample_ratio
        Check that clusters were drawn in the planned numbers.
    influence
        Leave-one-cluster-out estimates of the primary outcome, by contrast.
    heterogeneity
        Declared interactions.
    equivalence
        Equivalence tests, by outcome, contrast and the estimator used.
    non_inferiority
        Non-inferiority tests, likewise.
    """

    plan: AnalysisPlan
    fingerprint: str
    estimates: tuple[EffectEstimate, ...]
    recommendation: Recommendation
    sample_ratio: SampleRatio | None = None
    influence: dict[str, LeaveOneOut] | None = None
    heterogeneity: tuple[Heterogeneity, ...] = ()
    equivalence: dict[str, EquivalenceTest] | None = None
    non_inferiority: dict[str, NonInferiorityTest] | None = None


def estimates_records(analysis: TrialAnalysis) -> list[dict[str, Any]]:
    """Return estimates as plain values for JSON; an unbounded end or a missing figure is null."""
    return [_record(one) for one in analysis.estimates]


def estimates_frame(analysis: TrialAnalysis) -> pd.DataFrame:
    """Return a tidy frame, one row per estimate, warnings joined by ``"; "``."""
    rows = []
    for one in analysis.estimates:
        row = _record(one)
        row["warnings"] = "; ".join(one.warnings)
        row.pop("extra")
        row.pop("n_clusters_by_arm")
        row.pop("n_units_by_arm")
        rows.append(row)
    return pd.DataFrame(rows)


def _record(one: EffectEstimate) -> dict[str, Any]:
    record = {field.name: _plain(getattr(one, field.name)) for field in fields(one)}
    record["n_clusters_by_arm"] = record["n_clusters"]
    record["n_units_by_arm"] = record["n_units"]
    record["n_clusters"] = sum(one.n_clusters.values()) - one.n_clusters_in_both
    record["n_units"] = sum(one.n_units.values())
    return record


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
