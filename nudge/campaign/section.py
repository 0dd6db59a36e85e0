"""What every section of a campaign file shares: frozen, nothing unknown, French names."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{1,63}$")]
Text = Annotated[str, Field(min_length=1, pattern=r"\S")]


class Section(BaseModel):
    """A section of the campaign file: English names in code, French names in the file."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )
