"""A wave of measurement: its dates and whether it comes before the nudge."""

from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from nudge.campaign.section import Section, Text


class Wave(Section):
    """A period in which every zone is measured."""

    name: Text = Field(
        alias="nom",
        title="Nom",
        description="Nom de la vague, repris dans les fichiers de terrain.",
    )
    kind: Literal["reference", "suivi"] = Field(
        alias="type",
        title="Type",
        description="reference : avant le nudge ; suivi : pendant ou après.",
    )
    start: date = Field(
        alias="debut",
        title="Début",
        description="Premier jour (AAAA-MM-JJ).",
    )
    end: date = Field(
        alias="fin",
        title="Fin",
        description="Dernier jour (AAAA-MM-JJ).",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end < self.start:
            raise ValueError("« fin » vient avant « debut »")
        return self
