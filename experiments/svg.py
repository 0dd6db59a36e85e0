"""Figures as SVG text that is the same whenever the data are."""

import io
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Matplotlib names vocabularies by address in each figure; readers of a report need none.
METADATA = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)


def figure_svg(figure: "Figure") -> str:
    """Return a figure as SVG text without date, random identifiers or outside addresses."""
    import matplotlib as mpl

    buffer = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": "pouce", "svg.fonttype": "path"}):
        figure.savefig(buffer, format="svg", bbox_inches="tight", metadata={"Date": None})
    text = buffer.getvalue()
    return METADATA.sub("", text[text.index("<svg") :])
