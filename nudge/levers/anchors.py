"""What nudges do on average, for families on which a lever has no verified evidence."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """An average effect of nudges.

    Attributes
    ----------
    points
        Effect in points of share.
    percent
        The same in per cent of the control level.
    label
        French description.
    """

    points: float
    percent: float
    label: str


NUDGE_UNITS = Anchor(
    points=1.4, percent=8.0, label="moyenne des essais à grande échelle de services publics"
)
ACADEMIC_JOURNALS = Anchor(
    points=8.7, percent=33.4, label="moyenne des essais parus dans des revues savantes"
)
ANCHOR_SOURCE = (
    "DellaVigna et Linos 2022, Econometrica 90(1), 126 essais randomisés, 23 millions de "
    "personnes (doi:10.3982/ECTA18709)"
)
ANCHOR_CAUTION = (
    "Environ 70 % de l'écart entre les deux ancres vient de la publication sélective et du "
    "manque de puissance : l'ancre haute est une borne optimiste. Maier et al. 2022, relisant "
    "la synthèse de Mertens et al. 2022, ne trouvent plus de preuve d'un effet moyen une fois ce "
    "biais corrigé."
)
