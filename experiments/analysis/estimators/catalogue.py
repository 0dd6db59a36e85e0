"""Every estimator that a plan can name. To add one: write its module here, then one entry."""

from collections.abc import Callable
from dataclasses import dataclass

from experiments.analysis.estimators import (
    gee,
    mantel_haenszel,
    matched_pairs,
    mixed_logit,
    ols,
    randomization,
    wild_bootstrap,
    zone_ancova,
    zone_means,
)
from experiments.analysis.estimators.estimated import Estimated
from experiments.analysis.trial_data import TrialData


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One estimator.

    Attributes
    ----------
    estimate
        From one trial's data to one result per arm beside the control.
    title
        What it does, in a line.
    reference
        Paper followed.
    reads_patterns
        Whether it needs the distinct values of numeric covariates, not only their moments.
    """

    estimate: Callable[[TrialData], list[Estimated]]
    title: str
    reference: str
    reads_patterns: bool = False


CATALOGUE: dict[str, Entry] = {
    "zone-t": Entry(
        estimate=zone_means.zone_t,
        title="Student's t test on cluster means",
        reference=zone_means.REFERENCE,
        reads_patterns=True,
    ),
    "zone-welch": Entry(
        estimate=zone_means.zone_welch,
        title="Welch's t test on cluster means",
        reference=zone_means.REFERENCE,
        reads_patterns=True,
    ),
    "zone-weighted": Entry(
        estimate=zone_means.zone_weighted,
        title="Welch's t test on weighted cluster means",
        reference=zone_means.REFERENCE,
        reads_patterns=True,
    ),
    "zone-ancova": Entry(
        estimate=zone_ancova.zone_ancova,
        title="analysis of covariance on cluster means, baseline included (CUPED)",
        reference=zone_ancova.REFERENCE,
    ),
    "matched-pairs": Entry(
        estimate=matched_pairs.matched_pairs,
        title="paired t test on matched clusters",
        reference=matched_pairs.REFERENCE,
        reads_patterns=True,
    ),
    "randomization": Entry(
        estimate=randomization.randomization,
        title="studentised randomisation test over the declared draw, interval by inversion",
        reference=randomization.REFERENCE,
        reads_patterns=True,
    ),
    **{
        f"ols-{name.lower()}": Entry(
            estimate=ols.estimator(name),
            title=f"least squares with {name} cluster-robust variance",
            reference=ols.REFERENCE,
        )
        for name in ols.CORRECTIONS
    },
    "wild-webb": Entry(
        estimate=wild_bootstrap.wild_webb,
        title="wild cluster bootstrap-t, null imposed, Webb weights",
        reference=wild_bootstrap.REFERENCE,
    ),
    "wild-rademacher": Entry(
        estimate=wild_bootstrap.wild_rademacher,
        title="wild cluster bootstrap-t, null imposed, Rademacher weights",
        reference=wild_bootstrap.REFERENCE,
    ),
    **{
        f"gee-{name}": Entry(
            estimate=gee.estimator(name),
            title=f"exchangeable GEE, {correction} variance",
            reference=gee.REFERENCE,
            reads_patterns=True,
        )
        for name, correction in gee.CORRECTIONS.items()
    },
    "mixed-logit": Entry(
        estimate=mixed_logit.mixed_logit,
        title="random-intercept logistic regression, adaptive Gauss-Hermite quadrature",
        reference=mixed_logit.REFERENCE,
        reads_patterns=True,
    ),
    "mantel-haenszel": Entry(
        estimate=mantel_haenszel.risk_difference,
        title="risk difference pooled over strata (Mantel-Haenszel)",
        reference=mantel_haenszel.REFERENCE,
    ),
    "mantel-haenszel-ratio": Entry(
        estimate=mantel_haenszel.risk_ratio,
        title="risk ratio pooled over strata (Mantel-Haenszel)",
        reference=mantel_haenszel.REFERENCE,
    ),
}
