"""What differs between two plans, field by field."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nudge.campaign.campaign import Campaign
from nudge.errors import CampaignError, Problem

ABSENT = "(rien)"

# What makes a campaign that campaign: changing it is making another one.
_FIXED = (
    ("version",),
    ("identifiant",),
    ("simulation",),
    ("conception",),
    ("tirage", "unite"),
    ("tirage", "eligibilite"),
)
# What the draw and the promise rest on: changing it lowers the grade of evidence.
_SERIOUS = (
    ("groupes",),
    ("tirage",),
    ("famille",),
    ("critere_principal",),
    ("estimande",),
    ("analyse", "estimateur"),
)
_EXCLUSIONS = ("tirage", "eligibilite", "zones_exclues")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChange:
    """One field that changes.

    Attributes
    ----------
    path
        Names from the top of the file, items of lists by identifier, name or number.
    before, after
        Values as text; ``(rien)`` where there is none.
    """

    path: tuple[str, ...]
    before: str
    after: str

    @property
    def serious(self) -> bool:
        """Whether arms, zones, primary outcome or estimand change."""
        return any(self.path[: len(start)] == start for start in _SERIOUS)

    @property
    def forbidden(self) -> bool:
        """Whether no amendment may change this, zones taken out being the exception."""
        if self.path[: len(_EXCLUSIONS)] == _EXCLUSIONS:
            return False
        return any(self.path[: len(start)] == start for start in _FIXED)

    def __str__(self) -> str:
        """Return one French line: field, before, after."""
        return f"{', '.join(self.path)} : {self.before} → {self.after}"


def plan_changes(before: Campaign, after: Campaign) -> tuple[PlanChange, ...]:
    """Return every field that differs, in the order of the file."""
    old = dict(_leaves(before.model_dump(mode="json", by_alias=True, exclude_none=True), ()))
    new = dict(_leaves(after.model_dump(mode="json", by_alias=True, exclude_none=True), ()))
    return tuple(
        PlanChange(path=path, before=old.get(path, ABSENT), after=new.get(path, ABSENT))
        for path in dict.fromkeys([*old, *new])
        if old.get(path) != new.get(path)
    )


def refuse_forbidden(changes: tuple[PlanChange, ...], *, drawn: bool) -> None:
    """Refuse changes that make another campaign of it.

    Parameters
    ----------
    drawn
        Whether zones already have their arm: arms can then be neither added nor taken away.

    Raises
    ------
    CampaignError
        One problem a forbidden change.
    """
    problems = [
        Problem(
            place="campagne.yaml",
            column=", ".join(change.path),
            what=f"ce champ ne s'amende pas ({change.before} → {change.after})",
            mend="créer une autre campagne ; pour écarter des zones, écrire zones_exclues",
        )
        for change in changes
        if change.forbidden or (drawn and _moves_arms(change))
    ]
    if problems:
        raise CampaignError(problems)


def _moves_arms(change: PlanChange) -> bool:
    return change.path[0] == "groupes" and change.path[-1] in {"identifiant", "temoin", "zones"}


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(inner, (*path, str(name)))
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        for number, inner in enumerate(value, start=1):
            label = inner.get("identifiant") or inner.get("nom") or f"n° {number}"
            yield from _leaves(inner, (*path, str(label)))
    elif isinstance(value, list):
        yield path, ", ".join(map(str, value)) or ABSENT
    elif isinstance(value, bool):
        yield path, "oui" if value else "non"
    else:
        yield path, str(value)
