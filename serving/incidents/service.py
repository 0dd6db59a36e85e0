"""Kinds of incident that may be reported, with the questions asked of each."""

from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from nudge.errors import CampaignError, Problem

DataType = Literal["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]
LISTS = ("singlevaluelist", "multivaluelist")
STRICT = ConfigDict(frozen=True, extra="forbid")
Code = Field(pattern="^[a-z][a-z0-9_]{1,39}$")


class Attribute(BaseModel):
    """A question asked of one kind of incident.

    Attributes
    ----------
    code
        Name in ``attribute[code]``.
    description, help
        Question and how to answer it, in French.
    datatype
        Type of the answer, as GeoReport v2 names them.
    required
        Whether a report without it is refused.
    values
        Admissible answers by key; for lists only.
    """

    model_config = STRICT

    code: str = Code
    description: str = Field(min_length=2)
    datatype: DataType
    required: bool
    help: str
    values: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _values_of_lists(self) -> "Attribute":
        if (self.datatype in LISTS) != bool(self.values):
            raise ValueError("values belong to lists, and lists need values")
        return self


class Service(BaseModel):
    """A kind of incident.

    Attributes
    ----------
    code, name, description, keywords, group
        As GeoReport v2 names them.
    agency
        Who is responsible.
    routing
        ``verifie`` where a source says who is, else ``hypothese``.
    notice
        Advice given with the answer; may be empty.
    expected_days
        Days within which it should be treated: a demonstration value where the list is.
    attributes
        Questions, in order.
    """

    model_config = STRICT

    code: str = Code
    name: str = Field(min_length=2)
    description: str = Field(min_length=2)
    keywords: tuple[str, ...]
    group: str
    agency: str = Field(min_length=2)
    routing: Literal["verifie", "hypothese"]
    notice: str
    expected_days: int = Field(ge=1, le=90)
    attributes: tuple[Attribute, ...]


class ServiceList(BaseModel):
    """All kinds of incident.

    Attributes
    ----------
    version, note
        Of the list; the note, in French, says what is not verified.
    synthetic
        Whether the list holds demonstration values.
    services
        Kinds, in the order shown.
    """

    model_config = STRICT

    version: str
    synthetic: bool
    note: str
    services: tuple[Service, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _codes_once(self) -> "ServiceList":
        codes = [one.code for one in self.services]
        if len(set(codes)) != len(codes):
            raise ValueError("a service code is written twice")
        return self

    def find(self, code: str) -> Service | None:
        """Return the kind of that code; None where there is none."""
        return next((one for one in self.services if one.code == code), None)


def load_services(path: Path) -> ServiceList:
    """Read the list of services.

    Parameters
    ----------
    path
        ``services.yaml``.

    Raises
    ------
    CampaignError
        The file cannot be read, or an entry is wrong: which, and what is expected.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return ServiceList.model_validate(content)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CampaignError(
            Problem(place=path.name, what=f"fichier illisible ({type(error).__name__})",
                    mend="vérifier le chemin et la syntaxe YAML")
        ) from error  # fmt: skip
    except ValidationError as error:
        raise CampaignError(
            [
                Problem(
                    place=path.name,
                    column=" › ".join(map(str, fault["loc"])),
                    what=f"valeur refusée ({fault['msg']})",
                    mend="voir les autres services de la liste",
                )
                for fault in error.errors()
            ]
        ) from error
