"""The cockpit of a year: what is asked, where, how fast it is answered, and how well."""

from collections.abc import Mapping
from dataclasses import dataclass

from serving.cockpit.breakdown import Breakdown, Filter, breakdown, total
from serving.cockpit.facts import ALONE, ANSWERED, LATE, SHARED, SOPHIE, WITHIN, Facts
from serving.cockpit.shares import (
    Containment,
    Satisfaction,
    Share,
    containment,
    satisfaction,
    share_of,
    wilson,
)
from serving.cockpit.small_cells import SMALL

COMPLAINTS = "reclamation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delays:
    """First answers by a person, against the commitments of their channel.

    Attributes
    ----------
    counts
        Requests by ``dans_le_delai``, ``hors_delai``, ``delai_inconnu``.
    within
        Share within the commitment, among those whose delay is known.
    target_hours
        Commitments, in hours, by channel.
    synthetic
        Whether these are demonstration values.
    """

    counts: Breakdown
    within: Share
    target_hours: Mapping[str, float]
    synthetic: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Cockpit:
    """Figures of a year, or of one value of one dimension in that year.

    Attributes
    ----------
    year
        Calendar year.
    only
        Filter; None for everything.
    requests
        Number of requests; None where it is hidden.
    volumes
        Requests by month, channel, theme, nature and commune.
    complaints
        Complaints along the same dimensions but nature; without a filter only.
    delays
        Answers by a person against commitments.
    satisfaction
        Opinions on Sophie, with their response rate.
    coverage_v1
        Messages on first-release intents that ended without a person, among those that ended.
    bot_share
        Requests made to Sophie, among all.
    containment
        Conversations without a person, with their resolution.
    notes
        How to read the figures, in French.
    """

    year: int
    only: Filter | None
    requests: int | None
    volumes: tuple[Breakdown, ...]
    complaints: tuple[Breakdown, ...]
    delays: Delays
    satisfaction: Satisfaction
    coverage_v1: Share
    bot_share: Share
    containment: Containment
    notes: tuple[str, ...]


NOTES = (
    f"Un effectif de 1 à {SMALL - 1} n'est pas montré ; d'autres sont masqués avec lui quand les "
    "totaux permettraient de le retrouver.",
    "Les petites communes sont regroupées. Un seul filtre à la fois : en croiser deux laisserait "
    "des effectifs trop petits.",
    "La satisfaction ne vient que de ceux qui ont répondu : elle se lit avec le taux de réponse.",
    "Une conversation sans conseiller n'est pas pour autant réussie : ce chiffre se lit avec la "
    "part de demandes résolues au premier contact.",
)
SYNTHETIC_TARGETS = "Les délais d'engagement sont des valeurs de démonstration."


def cockpit_of(
    facts: Facts,
    *,
    year: int,
    only: Filter | None = None,
    target_hours: Mapping[str, float],
    synthetic_targets: bool,
) -> Cockpit:
    """Return the cockpit of facts already counted.

    Parameters
    ----------
    facts
        Counts of the year.
    year
        Calendar year.
    only
        Value of one dimension of ``SHARED`` to look at.
    target_hours, synthetic_targets
        Commitments, and whether they are demonstration values.
    """
    delays = breakdown(facts.handed, "delay", only=only)
    within, late = delays.n(WITHIN), delays.n(LATE)
    known = None if within is None or late is None else within + late
    return Cockpit(
        year=year,
        only=only,
        requests=total(facts.requests, only=only),
        volumes=tuple(breakdown(facts.requests, one, only=only) for one in SHARED),
        complaints=_complaints(facts) if only is None else (),
        delays=Delays(
            counts=delays,
            within=wilson(within, known),
            target_hours=target_hours,
            synthetic=synthetic_targets,
        ),
        satisfaction=satisfaction(facts.conversations, answered=ANSWERED, only=only),
        coverage_v1=share_of(breakdown(facts.settled, "outcome", only=only), ALONE),
        bot_share=share_of(breakdown(facts.requests, "source", only=only), SOPHIE),
        containment=containment(facts.conversations, alone=ALONE, only=only),
        notes=(*NOTES, SYNTHETIC_TARGETS) if synthetic_targets else NOTES,
    )


def _complaints(facts: Facts) -> tuple[Breakdown, ...]:
    only = Filter(dimension="nature", value=COMPLAINTS)
    return tuple(breakdown(facts.requests, one, only=only) for one in SHARED if one != "nature")
