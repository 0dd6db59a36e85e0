"""Refusals of incident reports, told as GeoReport v2 asks: a list of codes and descriptions."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(eq=False, kw_only=True)
class Open311Error(Exception):
    """A refusal in the form of GeoReport v2.

    Attributes
    ----------
    status
        HTTP status: 400 (something is missing or wrong), 401, 403, 404, 409 (the same token came
        with another report).
    descriptions
        French sentences, one a fault; never the reporter's words.
    headers
        Headers of the response.
    """

    status: int
    descriptions: tuple[str, ...]
    headers: Mapping[str, str] = field(default_factory=dict)

    def content(self) -> list[dict[str, object]]:
        """Return the body of the response as plain values."""
        return [{"code": self.status, "description": one} for one in self.descriptions]
