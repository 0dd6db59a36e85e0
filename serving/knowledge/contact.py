"""Who can be reached, and how sure the number is."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Text = Annotated[str, Field(min_length=1)]


class Contact(BaseModel):
    """A service and how to reach it.

    ``status`` is ``verifie`` (the source was read), ``a_confirmer`` (a dated source that may have
    changed) or ``demonstration``; ``note`` then follows the number wherever it is shown.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: Annotated[str, Field(pattern=r"^[a-z_]{2,40}$")]
    name: Text
    phone: Annotated[str, Field(pattern=r"^[0-9 ]{2,20}$")] | None
    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[a-z]+$")] | None
    status: Literal["verifie", "a_confirmer", "demonstration"]
    note: str = ""
    source: Text
    source_url: str | None
    updated: date

    @property
    def shown_phone(self) -> str:
        """Number as it is shown, with its reserve; empty without one."""
        return f"{self.phone} ({self.note})" if self.phone and self.note else self.phone or ""

    @model_validator(mode="after")
    def _reserve_is_told(self) -> "Contact":
        if self.status != "verifie" and not self.note:
            raise ValueError("« note » doit dire ce qui n'est pas vérifié")
        return self
