"""Mixed model from which an outcome is simulated, with the moments that a design declares."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from experiments.errors import InputError
from experiments.power.cluster_effects import EffectSettings
from experiments.power.linear_predictor import (
    LinearPredictor,
    Link,
    UnitCovariate,
    identity_predictor,
    latent_autocorrelation,
    linear_share,
    log_predictor,
    logit_predictor,
    with_spread,
)
from experiments.power.outcome import (
    BinaryOutcome,
    ContinuousOutcome,
    CountOutcome,
    OrdinalOutcome,
    Outcome,
)

Floats = npt.NDArray[np.float64]
Law = Literal["normal", "category", "count"]
LINKS: dict[Law, Link] = {"normal": "identity", "category": "logit", "count": "log"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomEffects:
    """Correlations and covariates of a design, as its closed form states them.

    Attributes
    ----------
    cluster_autocorrelation, individual_autocorrelation
        Correlation over periods of a cluster's means, and of a unit's own deviations.
    treatment_sd, treatment_correlation
        Standard deviation of the effect between clusters, in the effect's unit, and its
        correlation with their level.
    cluster_r2, unit_r2, covariates
        Shares of the variance that covariates explain, and number of cluster-level ones.
    """

    cluster_autocorrelation: float = 1.0
    individual_autocorrelation: float = 0.0
    treatment_sd: float = 0.0
    treatment_correlation: float = 0.0
    cluster_r2: float = 0.0
    unit_r2: float = 0.0
    covariates: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeModel:
    """What draws need to know.

    Attributes
    ----------
    law
        Normal, ordered categories (two for a share), or counts.
    control, treated
        Link-scale parameters without and with the treatment.
    residual
        Variance of a unit about its predictor if normal, variance over mean for counts; else 1.
    effects
        Of clusters in periods.
    kept
        Individual autocorrelation.
    covariate
        Of units, or None.
    """

    law: Law
    control: LinearPredictor
    treated: LinearPredictor
    residual: float
    effects: EffectSettings
    kept: float
    covariate: UnitCovariate | None


def outcome_model(
    outcome: Outcome, *, effect: float, icc: float, random: RandomEffects
) -> OutcomeModel:
    """Find the generalised linear mixed model with the moments that a design declares.

    Means, ICC and R squared hold in each arm on the outcome's own scale (Eldridge, Ukoumunne &
    Carlin 2009), and so does the cluster autocorrelation, without the treatment. Continuous
    outcomes are normal, binary and ordinal ones logit-normal with proportional odds, counts
    Poisson or negative binomial with log-normal cluster means. An ordinal effect is the log odds
    ratio of the arms' shares over all clusters; its ICC is that of the scores 0, 1, 2…, and its
    ``treatment_sd`` is on the scale of log odds within clusters.

    Raises
    ------
    InputError
        No such model has these moments; the message names the setting to change.
    """
    covariate = UnitCovariate()
    if isinstance(outcome, ContinuousOutcome):
        law, control, treated, spreads, residual = _normal(outcome, effect, icc, random)
    elif isinstance(outcome, CountOutcome):
        law, control, treated, spreads, residual = _counts(outcome, effect, icc, random)
    elif isinstance(outcome, BinaryOutcome | OrdinalOutcome):
        before, after = _shares(outcome, effect)
        covariate = _aligned_covariate(before, after)
        law, control, treated, spreads, residual = _by_shares(
            outcome, before, after, icc, random, covariate
        )
    else:
        message = f"outcome: {outcome.kind} outcomes are not simulated; use the closed form"
        raise InputError(message)
    kept = latent_autocorrelation(control, LINKS[law], covariate, random.cluster_autocorrelation)
    return OutcomeModel(
        law=law,
        control=control,
        treated=treated,
        residual=residual,
        effects=EffectSettings(
            autocorrelation=kept,
            treated_spreads=spreads,
            treatment_correlation=random.treatment_correlation,
            covariates=random.covariates,
            explained=(
                _explained(random.cluster_r2, control, LINKS[law], covariate),
                _explained(random.cluster_r2, treated, LINKS[law], covariate),
            ),
        ),
        kept=random.individual_autocorrelation,
        covariate=covariate if random.unit_r2 > 0 else None,
    )


_Parts = tuple[Law, LinearPredictor, LinearPredictor, tuple[float, float], float]


def _normal(outcome: ContinuousOutcome, effect: float, icc: float, random: RandomEffects) -> _Parts:
    """Continuous outcomes."""
    both, _ = outcome.components(effect=effect, icc=icc, variance_at="each arm")
    spreads = (float(np.sqrt(both.between)), random.treatment_sd)
    control, treated = (
        identity_predictor(mean=mean, between=spread, within=both.within, unit_r2=random.unit_r2)
        for mean, spread in ((0.0, both.between), (effect, _with_treatment(spreads, random)))
    )
    return "normal", control, treated, spreads, both.within * (1 - random.unit_r2)


def _counts(outcome: CountOutcome, effect: float, icc: float, random: RandomEffects) -> _Parts:
    """Counts of one unit: its rate times its exposure."""
    before, after = outcome.components(effect=effect, icc=icc, variance_at="each arm")
    unit = outcome.exposure
    spreads = (unit * float(np.sqrt(after.between)), unit * random.treatment_sd)
    # A slope on the log scale adds, in each cluster, the square of the cluster's own mean.
    cv_squared = before.between / outcome.level**2
    left = 1 - random.unit_r2 * (1 + cv_squared)
    if outcome.dispersion * left < 1 - 1e-12:
        needed = f"{1 / left:.3g} or more" if left > 0 else "infinite"
        message = (
            f"dispersion: counts about their covariates are simulated with a variance of at least "
            f"their mean, so with a unit_r2 of {random.unit_r2:g} it must be {needed}; raise it, "
            "lower unit_r2, or use the closed form"
        )
        raise InputError(message)
    moments = (
        (outcome.level, before.between * unit**2, before.within),
        (outcome.level + effect, _with_treatment(spreads, random), after.within),
    )
    control, treated = (
        log_predictor(
            mean=level * unit, between=spread, within=within * unit**2, unit_r2=random.unit_r2
        )
        for level, spread, within in moments
    )
    return "count", control, treated, spreads, max(outcome.dispersion * left, 1.0)


def _shares(outcome: BinaryOutcome | OrdinalOutcome, effect: float) -> tuple[Floats, Floats]:
    """Shares of the categories in the control and in the treated arm, over all clusters."""
    if isinstance(outcome, OrdinalOutcome):
        return outcome.shares(0.0), outcome.shares(effect)
    after = outcome.level + effect
    if not 0 <= after <= 1:
        message = f"effect: {effect:+g} on a share of {outcome.level:g} leaves the range 0 to 1"
        raise InputError(message)
    return np.array([1 - outcome.level, outcome.level]), np.array([1 - after, after])


def _aligned_covariate(before: Floats, after: Floats) -> UnitCovariate:
    """Covariate as uneven as the outcome, for a covariate of even chances explains less."""
    above = 1 - np.cumsum((before + after) / 2)[:-1]
    return UnitCovariate(chance=float(above[np.argmin(np.abs(above - 0.5))]))


def _by_shares(
    outcome: BinaryOutcome | OrdinalOutcome,
    before: Floats,
    after: Floats,
    icc: float,
    random: RandomEffects,
    covariate: UnitCovariate,
) -> _Parts:
    """Ordered categories, whose laws follow from their shares and the ICC of their scores."""
    control, treated = (
        logit_predictor(
            shares=shares,
            between=icc * _score_variance(shares),
            unit_r2=random.unit_r2,
            covariate=covariate,
        )
        for shares in (before, after)
    )
    if isinstance(outcome, OrdinalOutcome):
        spreads = (treated.sd, random.treatment_sd)
        sd = float(np.sqrt(_with_treatment(spreads, random)))
        treated = with_spread(shares=after, sd=sd, slope=treated.slope, covariate=covariate)
    else:
        spreads = (float(np.sqrt(icc * _score_variance(after))), random.treatment_sd)
        treated = logit_predictor(
            shares=after,
            between=_with_treatment(spreads, random),
            unit_r2=random.unit_r2,
            covariate=covariate,
        )
    return "category", control, treated, spreads, 1.0


def _explained(
    cluster_r2: float, predictor: LinearPredictor, link: Link, covariate: UnitCovariate
) -> float:
    """Share of the normal effects that covariates must explain to explain that of the means."""
    most = linear_share(predictor, link, covariate)
    if cluster_r2 > most:
        message = (
            f"cluster_r2: {cluster_r2:g} is above {most:.2f}, the most that a normal covariate "
            "explains of this outcome's cluster means; lower it, or use the closed form"
        )
        raise InputError(message)
    return cluster_r2 / most


def _with_treatment(spreads: tuple[float, float], random: RandomEffects) -> float:
    """Variance between treated clusters: of their level and of the treatment's effect."""
    level, extra = spreads
    lasting = level * np.sqrt(random.cluster_autocorrelation)
    return float(level**2 + extra**2 + 2 * random.treatment_correlation * lasting * extra)


def _score_variance(shares: Floats) -> float:
    scores = np.arange(len(shares))
    return float(shares @ scores**2 - (shares @ scores) ** 2)
