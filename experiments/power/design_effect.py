"""Variance of cluster means: clustering, unequal sizes, covariates and repeated waves."""

from dataclasses import dataclass
from typing import Literal

from experiments.errors import InputError

Weighting = Literal["equal", "size", "optimal"]
BaselineAnalysis = Literal["ancova", "change"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Components:
    """Variance of one unit's outcome, between clusters and between units of a cluster."""

    between: float
    within: float

    @property
    def total(self) -> float:
        """Variance of one unit's outcome."""
        return self.between + self.within

    @property
    def icc(self) -> float:
        """Share of the variance that lies between clusters."""
        return self.between / self.total


def design_effect(
    *, icc: float, units: float, cv: float = 0.0, weighting: Weighting = "size"
) -> float:
    """Variance of an arm's mean over that of as many independent units.

    Parameters
    ----------
    units, cv
        Mean number of units per cluster and coefficient of variation of that number.
    weighting
        How the analysis weighs clusters. ``"size"``: every unit counts the same,
        ``1 + ((1 + cv^2) m - 1) icc`` (Eldridge, Ashby & Kerry 2006). ``"optimal"``: weights of
        a mixed model, with the Taylor expansion of van Breukelen, Candel & Berger (2007).
        ``"equal"``: a t test of cluster means, with the harmonic mean size expanded to
        ``m / (1 + cv^2)`` (Kerry & Bland 2001).
    """
    components = Components(between=icc, within=1 - icc)
    return units * mean_variance(components, units=units, cv=cv, weighting=weighting)


def mean_variance(
    components: Components, *, units: float, cv: float = 0.0, weighting: Weighting = "size"
) -> float:
    """Number of clusters times the variance of an arm's mean; ``units`` may be infinite.

    ``weighting`` is as in :func:`design_effect`, whose papers give these variances.
    """
    between, within = components.between, components.within / units
    if weighting == "size":
        return between * (1 + cv**2) + within
    if weighting == "equal":
        return between + within * (1 + cv**2)
    if weighting != "optimal":
        message = f"weighting: {weighting!r} is none of equal, size, optimal"
        raise InputError(message)
    if between + within == 0:
        return 0.0
    reliability = between / (between + within)
    return (between + within) / (1 - cv**2 * reliability * (1 - reliability))


def explained(components: Components, *, cluster_r2: float, unit_r2: float) -> Components:
    """Components left after covariates explain a share of each (Bloom et al. 2007)."""
    return Components(
        between=components.between * (1 - cluster_r2), within=components.within * (1 - unit_r2)
    )


def mean_autocorrelation(
    *, icc: float, units: float, cluster_autocorrelation: float, individual_autocorrelation: float
) -> float:
    """Correlation of a cluster's means at two waves.

    ``(m icc cac + (1 - icc) iac) / (1 + (m - 1) icc)`` (Teerenstra et al. 2012; Hooper et al.
    2016). The individual autocorrelation is 0 for repeated cross-sections, whose units change
    from wave to wave, and positive for a cohort.
    """
    shared = units * icc * cluster_autocorrelation + (1 - icc) * individual_autocorrelation
    return shared / (1 + (units - 1) * icc)


def over_waves(
    components: Components,
    *,
    units: float,
    waves: int,
    baseline_waves: int = 0,
    cluster_autocorrelation: float,
    individual_autocorrelation: float = 0.0,
    analysis: BaselineAnalysis = "ancova",
) -> Components:
    """Components of a cluster's mean over the waves after the start, given those before.

    With one wave before and one after, ``"ancova"`` multiplies the variance of a cluster mean of
    ``units`` by ``1 - r^2`` and ``"change"`` by ``2 (1 - r)``, where r is
    :func:`mean_autocorrelation` (Teerenstra et al. 2012; Hooper et al. 2016). Waves before and
    after are averaged (Frison & Pocock 1992). Both components keep the form ``a + c / m`` under
    a slope common to all clusters, so that corrections for unequal sizes still apply.

    Parameters
    ----------
    units
        Mean number of units per cluster and wave, which sets the slope on the baseline; may be
        infinite.
    waves, baseline_waves
        Waves of measurement after and before the start.
    """
    repeats = {
        "between": (components.between, cluster_autocorrelation),
        "within": (components.within, individual_autocorrelation),
    }
    after = {part: v * (1 + (waves - 1) * r) / waves for part, (v, r) in repeats.items()}
    if baseline_waves == 0:
        return Components(**after)
    before = {
        part: v * (1 + (baseline_waves - 1) * r) / baseline_waves
        for part, (v, r) in repeats.items()
    }
    shared = {part: v * r for part, (v, r) in repeats.items()}
    slope = 1.0
    if analysis == "ancova":
        spread = before["between"] + before["within"] / units
        slope = (shared["between"] + shared["within"] / units) / spread if spread > 0 else 0.0
    return Components(
        **{
            part: after[part] - 2 * slope * shared[part] + slope**2 * before[part]
            for part in repeats
        }
    )
