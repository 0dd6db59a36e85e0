"""Campaigns of one family and scale together: random effects, and nothing else is pooled."""

from collections.abc import Sequence
from dataclasses import dataclass

from experiments.analysis.meta_analysis import FEW_TRIALS, MetaAnalysis, meta_analyse
from nudge.analysis.result import CampaignResult
from nudge.portfolio.campaign_effect import CampaignEffect, OutcomeScale, campaign_effect

ONE = "Une seule campagne comparable : rien n'est combiné."
NONE = "Pas de campagne avec une comparaison solide : rien n'est combiné."
TWO = (
    "Deux campagnes seulement : la moyenne est très incertaine, et l'effet d'une prochaine "
    "campagne ne peut pas être prévu."
)
FEW = (
    f"Moins de {FEW_TRIALS} campagnes : on ne sait presque rien de ce qui varie de l'une à "
    "l'autre ; la moyenne et la prévision sont fragiles."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Campaigns that share a family and a scale.

    Attributes
    ----------
    scale
        What they share.
    effects
        Those with a comparison and a known error first, in the order given.
    pooled
        Random-effects mean over the poolable ones, improvement positive; None below two.
    caution
        French sentence; empty from five campaigns on.
    """

    scale: OutcomeScale
    effects: tuple[CampaignEffect, ...]
    pooled: MetaAnalysis | None
    caution: str

    @property
    def poolable(self) -> tuple[CampaignEffect, ...]:
        """The campaigns in the mean."""
        return tuple(one for one in self.effects if one.poolable)


def pools(results: Sequence[CampaignResult]) -> tuple[Pool, ...]:
    """Group results and pool each group: REML, Hartung-Knapp never narrower than the plain one.

    Grades C and D are listed and not pooled; simulated and real campaigns make separate groups,
    and so do outcome families, kinds and units.
    """
    effects = [campaign_effect(result) for result in results]
    scales = dict.fromkeys(one.scale for one in effects)
    return tuple(_pool(scale, [one for one in effects if one.scale == scale]) for scale in scales)


def _pool(scale: OutcomeScale, effects: Sequence[CampaignEffect]) -> Pool:
    chosen = [one for one in effects if one.poolable]
    gains = [one.gain for one in chosen if one.gain is not None]
    variances = [one.std_error**2 for one in chosen if one.std_error is not None]
    pooled = None
    if len(chosen) > 1:
        pooled = meta_analyse(gains, variances, interval_method="hartung-knapp-floor")
    return Pool(
        scale=scale,
        effects=(*chosen, *(one for one in effects if not one.poolable)),
        pooled=pooled,
        caution=_caution(len(chosen)),
    )


def _caution(number: int) -> str:
    if number >= FEW_TRIALS:
        return ""
    return (NONE, ONE, TWO)[number] if number < 3 else FEW
