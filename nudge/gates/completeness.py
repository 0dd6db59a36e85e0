"""Gate: nothing is left to fill in, the degradation that halts included."""

from collections.abc import Iterator
from typing import Any

from nudge.campaign.campaign import Campaign
from nudge.campaign.french_validation import TO_FILL
from nudge.errors import Problem
from nudge.gates.gate import GateContext, GateResult, reason
from nudge.outcomes.catalogue import OUTCOMES


def check(context: GateContext) -> GateResult:
    """Refuse a campaign in which something is still to be filled in."""
    fields = context.campaign.model_dump(mode="json", by_alias=True)
    return GateResult(
        name="completeness",
        title="Plan rempli",
        reasons=(*_unfilled(fields, path=()), *_no_stop(context.campaign)),
        facts=("Tous les champs sont remplis.",),
    )


def _unfilled(value: Any, *, path: tuple[str, ...]) -> Iterator[Problem]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _unfilled(inner, path=(*path, str(name)))
    elif isinstance(value, list):
        for number, inner in enumerate(value, start=1):
            yield from _unfilled(inner, path=(*path, f"n° {number}"))
    elif isinstance(value, str) and TO_FILL in value.upper():
        yield reason("champ encore à remplir", "écrire la valeur", field=", ".join(path))


def _no_stop(campaign: Campaign) -> Iterator[Problem]:
    """A degradation that halts has no default but for shares: its unit is the outcome's."""
    if campaign.control is not None and campaign.stopping_degradation is None:
        unit = OUTCOMES[campaign.primary].unit
        yield reason(
            "seuil de dégradation absent",
            f"écrire la dégradation qui ferait arrêter, en {unit}",
            field="arret, effet_boomerang",
        )
