"""What a reader must know beside the estimates, in sentences."""

import math

from experiments.analysis.effect_estimate import EffectEstimate
from experiments.analysis.equivalence import EquivalenceTest, excluded_effects
from experiments.analysis.heterogeneity import Heterogeneity
from experiments.analysis.leave_one_out import LeaveOneOut
from experiments.analysis.sample_ratio import SampleRatio
from experiments.analysis.trial_analysis import TrialAnalysis


def findings(analysis: TrialAnalysis) -> list[str]:
    """Return sentences: excluded effects, choice of method, cautions, checks, warnings."""
    sentences = [_excluded(one) for one in _primary(analysis)]
    sentences += [f"why {analysis.recommendation.primary}: {reason}"
                  for reason in analysis.recommendation.reasons]  # fmt: skip
    sentences += analysis.recommendation.cautions
    if analysis.sample_ratio is not None:
        planned = "the planned numbers" if analysis.plan.ratios else "equal arms"
        sentences.append(_sample_ratio(analysis.sample_ratio, planned))
    for key, test in (analysis.equivalence or {}).items():
        sentences.append(_equivalence(key, test))
    for key, loss in (analysis.non_inferiority or {}).items():
        sentences.append(
            f"non-inferiority with a margin of {loss.margin:g}, {key}: {loss.verdict} "
            f"(one-sided p = {loss.p_value:.3g})"
        )
    for one in analysis.heterogeneity:
        sentences += _heterogeneity(one)
    sentences += _influences(analysis)
    sentences += _estimands(analysis)
    warned = dict.fromkeys(
        f"{one.estimator}: {warning}" for one in analysis.estimates for warning in one.warnings
    )
    return sentences + list(warned)


def _primary(analysis: TrialAnalysis) -> list[EffectEstimate]:
    first: dict[tuple[str, str], EffectEstimate] = {}
    for one in analysis.estimates:
        if one.scale == "difference":
            first.setdefault((one.outcome, one.contrast), one)
    return list(first.values())


def _excluded(one: EffectEstimate) -> str:
    head = f"{one.outcome}, {one.contrast} ({one.estimator}): "
    if one.df is not None and one.std_error is not None:
        found = excluded_effects(
            estimate=one.estimate, std_error=one.std_error, df=one.df, level=one.level
        )
        low, high = found.below, found.above
    else:
        low, high = one.ci_low, one.ci_high
    ends = [f"below {low:.4g}"] if math.isfinite(low) else []
    ends += [f"above {high:.4g}"] if math.isfinite(high) else []
    if not ends:
        return f"{head}an effect of any size remains possible"
    tail = "" if low > 0 or high < 0 else "; a difference of zero is not excluded"
    return f"{head}effects {' and '.join(ends)} are excluded{tail}"


def _sample_ratio(found: SampleRatio, planned: str) -> str:
    counts = ", ".join(
        f"{arm} {count}" for arm, count in zip(found.arms, found.clusters, strict=True)
    )
    return (
        f"sample ratio of clusters ({counts}): p = {found.p_clusters:.3g}, {found.verdict} with "
        f"{planned}"
    )


def _equivalence(key: str, test: EquivalenceTest) -> str:
    return (
        f"equivalence within [{test.lower:g}, {test.upper:g}], {key}: {test.verdict} "
        f"(p = {test.p_value:.3g}, {100 * test.level:.0f} % interval "
        f"[{test.ci_low:.4g}, {test.ci_high:.4g}])"
    )


def _heterogeneity(found: Heterogeneity) -> list[str]:
    sentences = [
        f"{found.outcome} by {found.moderator}, {one.contrast}, {one.level}: {one.estimate:.4g} "
        f"[{one.ci_low:.4g}, {one.ci_high:.4g}], {one.n_clusters} clusters"
        for one in found.effects
    ]
    sentences.append(
        f"{found.outcome}: does the effect depend on {found.moderator}? F = "
        f"{found.statistic:.3g} on {found.df:g} and {found.df_denominator:.1f} degrees of "
        f"freedom, p = {found.p_value:.3g}"
    )
    return sentences + [f"{found.moderator}: {warning}" for warning in found.warnings]


def _influences(analysis: TrialAnalysis) -> list[str]:
    if not analysis.plan.influence:
        return []
    if analysis.influence is None:
        return [
            "the influence of single clusters was not computed: it is for up to 120 clusters, or "
            "for plain cluster means with several clusters of each arm in every stratum"
        ]
    return [_influence(contrast, found) for contrast, found in analysis.influence.items()]


def _estimands(analysis: TrialAnalysis) -> list[str]:
    named: dict[str, list[str]] = {}
    for one in analysis.estimates:
        if one.estimator not in named.setdefault(one.estimand, []):
            named[one.estimand].append(one.estimator)
    if len(named) < 2:
        return []
    parts = {
        "cluster": "the average cluster",
        "unit": "the average unit",
        "given the cluster": "a unit of a given cluster",
    }
    answers = "; ".join(f"{', '.join(names)}: {parts[kind]}" for kind, names in named.items())
    return [
        f"estimates answer for different averages, which part when effects go with cluster size "
        f"({answers})"
    ]


def _influence(contrast: str, found: LeaveOneOut) -> str:
    flips = [
        name for name, flip in zip(found.clusters, found.significance_flips, strict=True) if flip
    ]
    if not flips:
        return f"{contrast}: leaving out any one cluster changes no conclusion at the level"
    return (
        f"{contrast}: leaving out {', '.join(flips[:5])}"
        f"{' or another' if len(flips) > 5 else ''} alone would change the conclusion"
    )
