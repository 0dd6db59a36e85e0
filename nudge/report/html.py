"""The report as one self-contained page."""

import base64
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from nudge.report.document import Report
from nudge.report.typography import french_spaces

TEMPLATE = "report.html.jinja"


def render_html(report: Report) -> str:
    """Return the page: no script, no file beside it, no address outside it."""
    return environment().get_template(TEMPLATE).render(report=report)


@cache
def environment() -> Environment:
    """Return the templates of reports, with French spacing on every text."""
    made = Environment(
        loader=PackageLoader("nudge.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_spaced,
    )
    made.filters["data_uri"] = data_uri
    return made


def data_uri(svg: str) -> Markup:
    """Return a figure as the source of an image, so that its identifiers stay its own."""
    return Markup("data:image/svg+xml;base64,") + base64.b64encode(svg.encode()).decode()


def _spaced(value: object) -> object:
    return french_spaces(value) if type(value) is str else value
