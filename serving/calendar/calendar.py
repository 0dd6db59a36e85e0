"""What the calendar of collections is made of: sectors, services, exceptions, streams."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Flux = Literal[
    "omr", "emballages", "verre", "papier", "textile", "biodechets", "dechets_verts", "encombrants"
]
WeekParity = Literal["toutes", "paire", "impaire"]
ExceptionKind = Literal["ajout", "suppression"]
Identifier = Annotated[str, Field(pattern=r"^[a-z0-9-]{2,64}$")]
Text = Annotated[str, Field(min_length=1)]


def _empty_as_none(value: object) -> object:
    return None if value == "" else value


def _yes_or_no(value: object) -> object:
    return {"oui": True, "non": False}.get(str(value), value)


YesNo = Annotated[bool, BeforeValidator(_yes_or_no)]
ROW = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Sector(BaseModel):
    """A collection sector, the smallest part of the territory with one calendar."""

    model_config = ROW

    identifier: Identifier = Field(alias="secteur_id")
    name: Text = Field(alias="nom")
    insee: str = Field(alias="code_insee", pattern=r"^[0-9]{5}$")
    round: Text = Field(alias="tournee_id")
    synthetic: YesNo = Field(alias="synthetique")
    source: Text


class Stream(BaseModel):
    """What is collected, and the name of its container for people."""

    model_config = ROW

    flux: Flux
    label: Text = Field(alias="libelle")
    container: Text = Field(alias="contenant")
    synthetic: YesNo = Field(alias="synthetique")
    source: Text


class Service(BaseModel):
    """A recurring collection of one stream in one sector.

    ``parity`` follows the number of the ISO 8601 week: after a year of 53 weeks, weeks 53 and 1
    follow each other and are both odd.
    """

    model_config = ROW

    identifier: Identifier = Field(alias="service_id")
    sector: Identifier = Field(alias="secteur_id")
    flux: Flux
    monday: bool = Field(alias="lundi")
    tuesday: bool = Field(alias="mardi")
    wednesday: bool = Field(alias="mercredi")
    thursday: bool = Field(alias="jeudi")
    friday: bool = Field(alias="vendredi")
    saturday: bool = Field(alias="samedi")
    sunday: bool = Field(alias="dimanche")
    parity: WeekParity = Field(alias="parite_semaine")
    first_day: date = Field(alias="date_debut")
    last_day: date = Field(alias="date_fin")
    synthetic: YesNo = Field(alias="synthetique")
    source: Text

    @property
    def weekdays(self) -> tuple[int, ...]:
        """Days of collection, Monday being 0."""
        marks = (
            self.monday, self.tuesday, self.wednesday, self.thursday, self.friday, self.saturday,
            self.sunday,
        )  # fmt: skip
        return tuple(number for number, marked in enumerate(marks) if marked)

    @model_validator(mode="after")
    def _is_possible(self) -> "Service":
        if self.last_day < self.first_day:
            raise ValueError("« date_fin » est avant « date_debut »")
        if not self.weekdays:
            raise ValueError("aucun jour de collecte : mettre 1 sous au moins un jour")
        return self


class ServiceException(BaseModel):
    """A collection added or taken away, such as for a public holiday.

    ``replaces`` is the day from which an added collection was moved.
    """

    model_config = ROW

    service: Identifier = Field(alias="service_id")
    day: date = Field(alias="date")
    kind: ExceptionKind = Field(alias="type")
    reason: Text = Field(alias="motif")
    replaces: Annotated[date | None, BeforeValidator(_empty_as_none)] = Field(alias="date_origine")

    @model_validator(mode="after")
    def _only_an_addition_replaces(self) -> "ServiceException":
        if self.replaces is not None and self.kind == "suppression":
            raise ValueError("« date_origine » ne se remplit que pour un ajout")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The calendar of the territory, checked as a whole.

    Attributes
    ----------
    sectors : mapping of str to Sector
        By identifier.
    streams : mapping of str to Stream
        By stream.
    services : mapping of str to tuple of Service
        By sector.
    exceptions : mapping of str to tuple of ServiceException
        By service, in order of day.
    """

    sectors: Mapping[str, Sector]
    streams: Mapping[str, Stream]
    services: Mapping[str, tuple[Service, ...]]
    exceptions: Mapping[str, tuple[ServiceException, ...]]

    def sectors_of(self, insee: str) -> tuple[Sector, ...]:
        """Sectors of a commune, in order of identifier."""
        found = [one for one in self.sectors.values() if one.insee == insee]
        return tuple(sorted(found, key=lambda one: one.identifier))
