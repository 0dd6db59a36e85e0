"""The life of a campaign: its statuses, and which action leads from one to the next."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from nudge.errors import CampaignError, Problem
from nudge.store.campaigns import Status

Action = Literal["check", "lock", "draw", "amend", "close", "publish"]

STATUS_TITLES: MappingProxyType[str, str] = MappingProxyType(
    {
        "brouillon": "brouillon",
        "validee": "validée",
        "verrouillee": "verrouillée",
        "en_cours": "en cours",
        "close": "close",
        "publiee": "publiée",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """Statuses in which an action may be done, and what to do in others."""

    allowed: frozenset[str]
    too_early: str
    too_late: str


_RULES: MappingProxyType[Action, _Rule] = MappingProxyType(
    {
        "check": _Rule(
            allowed=frozenset({"brouillon", "validee"}),
            too_early="",
            too_late="le plan est verrouillé ; le modifier passe par « pouce campaign amend »",
        ),
        "lock": _Rule(
            allowed=frozenset({"validee"}),
            too_early="lancer d'abord « pouce campaign check », jusqu'à ce que tout passe",
            too_late="le plan est déjà verrouillé ; l'étape suivante est « pouce campaign draw »",
        ),
        "draw": _Rule(
            allowed=frozenset({"verrouillee"}),
            too_early="verrouiller d'abord par « pouce campaign lock »",
            too_late="le tirage ne se refait pas ; le vérifier par « pouce campaign verify »",
        ),
        "amend": _Rule(
            allowed=frozenset({"verrouillee", "en_cours"}),
            too_early="le plan n'est pas verrouillé : modifier campagne.yaml et relancer "
            "« pouce campaign check »",
            too_late="la campagne est terminée : l'écart se dit dans le rapport",
        ),
        "close": _Rule(
            allowed=frozenset({"en_cours"}),
            too_early="la campagne n'a pas commencé",
            too_late="la campagne est déjà close",
        ),
        "publish": _Rule(
            allowed=frozenset({"close"}),
            too_early="clore d'abord la campagne par « pouce campaign close »",
            too_late="la campagne est déjà publiée",
        ),
    }
)
_ORDER: tuple[Status, ...] = (
    "brouillon",
    "validee",
    "verrouillee",
    "en_cours",
    "close",
    "publiee",
)


def require_action(action: Action, *, status: str, campaign: str) -> None:
    """Refuse an action that the campaign's status does not allow, saying what to do instead.

    Raises
    ------
    CampaignError
        The action comes too early or too late.
    """
    rule = _RULES[action]
    if status in rule.allowed:
        return
    early = _ORDER.index(_known(status)) < min(_ORDER.index(_known(one)) for one in rule.allowed)
    raise CampaignError(
        Problem(
            place=campaign,
            what=f"la campagne est « {STATUS_TITLES[status]} » : « {action} » n'y est pas possible",
            mend=rule.too_early if early else rule.too_late,
        )
    )


def _known(status: str) -> Status:
    return next(one for one in _ORDER if one == status)
