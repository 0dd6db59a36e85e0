"""From the content of a sheet to its PDF."""

import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import matplotlib
import typst


def render_pdf(content: Mapping[str, Any]) -> bytes:
    """Typeset a sheet as PDF/UA-1; the same content gives the same bytes everywhere.

    Parameters
    ----------
    content
        See :func:`nudge.sheets.sheet_content.sheet_content`. Texts are shown as they are, never
        read as markup.
    """
    # The fonts of the machine would make the pages differ from one to the next.
    fonts = typst.Fonts(
        include_system_fonts=False,
        font_paths=[str(Path(matplotlib.get_data_path()) / "fonts" / "ttf")],
    )
    return typst.compile(
        files("nudge.sheets").joinpath("field_sheet.typ").read_bytes(),
        font_paths=fonts,
        format="pdf",
        sys_inputs={"sheet": json.dumps(content, ensure_ascii=False)},
        pdf_standards="ua-1",
    )
