"""Pages and their files, read from this package."""

import mimetypes
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

from nudge.french.typography import typeset

# Systems disagree on these two, and a browser refuses a module of another type.
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StaticFile:
    """A style sheet or a script: its bytes and its media type."""

    content: bytes
    media_type: str


def render_page(template: str, **words: object) -> str:
    """Return a page in French typography; every word is escaped.

    Parameters
    ----------
    template : str
        Name of the page: ``sophie``, ``cockpit`` or ``accessibility``.
    **words
        What the template asks for.

    Raises
    ------
    jinja2.UndefinedError
        A word that the page needs is missing.
    """
    return _environment().get_template(f"{template}.html.jinja").render(**words)


@cache
def static_files() -> dict[str, StaticFile]:
    """Return the style sheets and scripts by name; what is not among them does not exist."""
    folder = files("serving.pages") / "static"
    return {
        one.name: StaticFile(content=one.read_bytes(), media_type=_media_type(one.name))
        for one in folder.iterdir()
        if one.is_file()
    }


def _media_type(name: str) -> str:
    suffix = name[name.rfind(".") :]
    return MEDIA_TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("serving.pages", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_typeset,
    )


def _typeset(value: object) -> object:
    return typeset(value) if type(value) is str else value
