"""Gate: nothing is left to fill in."""

from collections.abc import Iterator
from typing import Any

from nudge.campaign.french_validation import TO_FILL
from nudge.errors import Problem
from nudge.gates.gate import GateContext, GateResult, reason


def check(context: GateContext) -> GateResult:
    """Refuse a campaign in which a text still says that it must be filled in."""
    fields = context.campaign.model_dump(mode="json", by_alias=True)
    return GateResult(
        name="completeness",
        title="Plan rempli",
        reasons=tuple(_unfilled(fields, path=())),
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
