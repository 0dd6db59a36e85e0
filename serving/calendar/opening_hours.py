"""When a person answers: weekly hours, school holidays, public holidays and closures."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nlu.entities.public_holidays import public_holidays
from nudge.campaign.french_validation import french_problem
from nudge.errors import CampaignError, Problem
from serving.calendar.load import REPOSITORY_FOLDER
from serving.calendar.table import read_table

HOURS, SCHOOL_HOLIDAYS = "horaires.yaml", "vacances_scolaires.csv"
WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
SEARCHED_DAYS = 60
Weekday = Literal["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"]
Text = Annotated[str, Field(min_length=1)]
STRICT = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class WeeklyOpening(BaseModel):
    """Hours of some weekdays, all year or in school holidays only."""

    model_config = STRICT

    days: tuple[Weekday, ...] = Field(alias="jours", min_length=1)
    opens: time = Field(alias="ouverture")
    closes: time = Field(alias="fermeture")
    school_holidays_only: bool = Field(alias="vacances_scolaires_seulement", default=False)


class DeskHours(BaseModel):
    """The file ``horaires.yaml``."""

    model_config = STRICT

    time_zone: Text = Field(alias="fuseau")
    zone: Literal["A", "B", "C"] = Field(alias="zone_vacances")
    openings: tuple[WeeklyOpening, ...] = Field(alias="semaine", min_length=1)
    closed_on_public_holidays: bool = Field(alias="ferme_les_jours_feries")
    closed_days: tuple[date, ...] = Field(alias="fermetures", default=())
    source: Text
    assumption: Text = Field(alias="hypothese")


class SchoolHoliday(BaseModel):
    """A school holiday of one zone, from its first day to its last, both without school."""

    model_config = STRICT

    zone: Literal["A", "B", "C"]
    name: Text = Field(alias="nom")
    first_day: date = Field(alias="date_debut")
    last_day: date = Field(alias="date_fin")
    source: Text
    source_url: Text
    updated: date = Field(alias="date_maj")
    licence: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningHours:
    """When the desk is open.

    Attributes
    ----------
    desk : DeskHours
        Weekly hours and closures.
    school_holidays : tuple of SchoolHoliday
        Those of the desk's zone, in order.
    """

    desk: DeskHours
    school_holidays: tuple[SchoolHoliday, ...]

    def is_open(self, now: datetime) -> bool:
        """Whether the desk is open at an instant given with its time zone."""
        return self.closing_time(now) is not None

    def closing_time(self, now: datetime) -> datetime | None:
        """When the desk, open at ``now``, closes; None when it is closed."""
        local = now.astimezone(ZoneInfo(self.desk.time_zone))
        for opens, closes in self.spans(local.date()):
            if opens <= local < closes:
                return closes
        return None

    def next_opening(self, now: datetime) -> datetime | None:
        """When the desk opens next after ``now``; None when not within 60 days."""
        local = now.astimezone(ZoneInfo(self.desk.time_zone))
        for ahead in range(SEARCHED_DAYS):
            for opens, _ in self.spans(local.date() + timedelta(days=ahead)):
                if opens > local:
                    return opens
        return None

    def spans(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """Yield the openings of a day in order, as instants of the desk's time zone."""
        closed = self.desk.closed_on_public_holidays and day in public_holidays(day.year)
        if closed or day in self.desk.closed_days:
            return
        zone = ZoneInfo(self.desk.time_zone)
        weekday = WEEKDAYS[day.weekday()]
        for one in sorted(self.desk.openings, key=lambda one: one.opens):
            if weekday not in one.days:
                continue
            if one.school_holidays_only and not self.in_school_holidays(day):
                continue
            yield (
                datetime.combine(day, one.opens, tzinfo=zone),
                datetime.combine(day, one.closes, tzinfo=zone),
            )

    def in_school_holidays(self, day: date) -> bool:
        """Whether a day is in a school holiday of the desk's zone."""
        return any(one.first_day <= day <= one.last_day for one in self.school_holidays)


def load_opening_hours(folder: Path = REPOSITORY_FOLDER) -> OpeningHours:
    """Read ``horaires.yaml`` and ``vacances_scolaires.csv`` of a folder.

    Raises
    ------
    CampaignError
        With every faulty field or row.
    """
    path = folder / HOURS
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CampaignError(Problem(place=HOURS, what=f"fichier illisible ({error})")) from None
    try:
        desk = DeskHours.model_validate(content)
    except ValidationError as error:
        raise CampaignError(
            [french_problem(fault, source=HOURS) for fault in error.errors()]
        ) from None
    holidays = [row for _, row in read_table(folder / SCHOOL_HOLIDAYS, SchoolHoliday)]
    mine = sorted((one for one in holidays if one.zone == desk.zone), key=lambda one: one.first_day)
    return OpeningHours(desk=desk, school_holidays=tuple(mine))
