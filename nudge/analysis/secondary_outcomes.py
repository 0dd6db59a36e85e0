"""Secondary outcomes: corrected for their number, never pooled across families."""

from collections.abc import Sequence
from dataclasses import replace

from experiments.analysis.multiplicity import adjust_p_values
from nudge.analysis.result import OutcomeResult
from nudge.campaign.campaign import Campaign


def adjust_secondary(
    results: Sequence[OutcomeResult], campaign: Campaign
) -> tuple[OutcomeResult, ...]:
    """Correct the p values of secondary outcomes by Holm (1979), each family of outcomes apart.

    Parameters
    ----------
    results
        The primary outcome's, which is left as it is, then the secondary ones'.
    """
    if campaign.analysis.correction == "aucune":
        return tuple(results)
    families = {one.name: one.family for one in campaign.outcomes}
    tests = [
        (place, rank, one.p_value)
        for place, result in enumerate(results)
        if not result.primary
        for rank, one in enumerate(result.estimates)
    ]
    if not tests:
        return tuple(results)
    adjusted = adjust_p_values(
        [p_value for _, _, p_value in tests],
        family=[families[results[place].outcome] for place, _, _ in tests],
        method="holm",
    ).adjusted
    corrected = {
        (place, rank): float(value) for (place, rank, _), value in zip(tests, adjusted, strict=True)
    }
    return tuple(
        replace(
            result,
            estimates=tuple(
                replace(one, p_adjusted=corrected[place, rank], adjustment="holm")
                if (place, rank) in corrected
                else one
                for rank, one in enumerate(result.estimates)
            ),
        )
        for place, result in enumerate(results)
    )
