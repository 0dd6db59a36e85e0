"""Seasons of the territory: summer months and school holidays, as the truth states them."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from nudge.campaign.section import Section

Season = Literal["hors_saison", "vacances", "ete"]


class Period(Section):
    """Days from a first to a last one, both included."""

    start: date = Field(alias="debut", title="Début", description="Premier jour.")
    end: date = Field(alias="fin", title="Fin", description="Dernier jour.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end < self.start:
            raise ValueError("« fin » vient avant « debut »")
        return self


class SeasonTruth(Section):
    """When second homes are lived in."""

    summer_months: tuple[Annotated[int, Field(ge=1, le=12)], ...] = Field(
        default=(7, 8),
        alias="mois_ete",
        title="Mois d'été",
        description="Numéros des mois.",
    )
    holidays: tuple[Period, ...] = Field(
        default=(),
        alias="vacances_scolaires",
        title="Vacances scolaires",
        description="Périodes à recopier du calendrier officiel.",
    )


def seasons_of(days: Sequence[date], season: SeasonTruth) -> list[Season]:
    """Return the season of each day; summer goes before holidays."""
    return [_season(day, season) for day in days]


def _season(day: date, season: SeasonTruth) -> Season:
    if day.month in season.summer_months:
        return "ete"
    if any(period.start <= day <= period.end for period in season.holidays):
        return "vacances"
    return "hors_saison"
