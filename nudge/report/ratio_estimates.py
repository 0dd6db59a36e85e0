"""Declared methods whose effect is a ratio, shown beside those that give differences."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from experiments.analysis.effect_estimate import EffectEstimate, Scale
from nudge.analysis.result import CampaignResult
from nudge.report.document import Table
from nudge.report.effect_sections import estimates_frame, scale_row
from nudge.report.estimator_names import estimator_name
from nudge.report.wording import p_text

RATIO_OF: Mapping[str, Scale] = MappingProxyType(
    {"log_ratio": "ratio", "log_odds_ratio": "odds_ratio"}
)


def ratio_table(result: CampaignResult, ratios: Sequence[EffectEstimate]) -> Table:
    """Return the table of estimates that are no differences."""
    rows = []
    for one in ratios:
        arm, scale, value, reach = scale_row(result, one)
        rows.append((arm, estimator_name(one.estimator), scale, value, reach, p_text(one.p_value)))
    return Table(
        key="robustesse-rapports",
        caption="Méthodes annoncées dont le résultat est un rapport : 1 veut dire que les deux "
        "groupes sont au même niveau.",
        headers=("Groupe", "Méthode", "Échelle", "Valeur", "Intervalle", "p"),
        rows=tuple(rows),
        numeric=frozenset({3, 4, 5}),
        data=estimates_frame(ratios),
    )


def without_logarithm(one: EffectEstimate) -> EffectEstimate:
    """Return an estimate on a logarithmic scale as the ratio that it is the logarithm of.

    The standard error follows by the delta method; estimates on other scales stay as they are.
    """
    if one.scale not in RATIO_OF:
        return one
    value, low, high = (math.exp(end) for end in (one.estimate, one.ci_low, one.ci_high))
    return replace(
        one,
        scale=RATIO_OF[one.scale],
        estimate=value,
        ci_low=low,
        ci_high=high,
        std_error=None if one.std_error is None else one.std_error * value,
    )
