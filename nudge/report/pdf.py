"""The report as a tagged PDF (PDF/UA-1), typeset from the same content as the page."""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import UTC, date, datetime, time
from importlib.resources import files
from pathlib import Path
from typing import Any

import typst

from nudge.report.document import Block, Picture, Report
from nudge.report.typography import french_spaces

TEMPLATE = "report.typ"


def render_pdf(report: Report, *, today: date) -> bytes:
    """Return the PDF; equal reports of a day give equal files.

    Parameters
    ----------
    report
        Content.
    today
        Day that the file carries as its date.
    """
    pictures: dict[str, str] = {}
    content = {
        "title": report.title,
        "sections": [
            {
                "title": part.title,
                "blocks": [_block(block, pictures) for block in part.blocks],
            }
            for part in report.sections
        ],
        **{
            name: _plain(getattr(report, name))
            for name in (
                "owner", "subtitle", "date", "simulation", "warnings", "answer",
                "answer_details", "grade", "grade_name", "grade_allows", "grade_reasons",
                "decisions", "decision_note",
            )
        },
    }  # fmt: skip
    return compile_pdf(TEMPLATE, content=content, pictures=pictures, today=today)


def compile_pdf(
    template: str, *, content: Mapping[str, Any], pictures: Mapping[str, str], today: date
) -> bytes:
    """Typeset a template of this folder with its content and figures.

    Parameters
    ----------
    template
        File name.
    content
        Read by the template as ``contenu.json``.
    pictures
        SVG text by file name.
    today
        Day that the file carries as its date.
    """
    source = files("nudge.report").joinpath(template).read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / template).write_text(source, encoding="utf-8")
        told = json.dumps(_spaced(content), ensure_ascii=False)
        (root / "contenu.json").write_text(told, encoding="utf-8")
        for name, svg in pictures.items():
            (root / name).write_text(svg, encoding="utf-8")
        made = typst.compile(
            root / template,
            root=root,
            format="pdf",
            pdf_standards="ua-1",
            # Only the fonts that come with the compiler: the same pages on every machine.
            ignore_system_fonts=True,
            timestamp=int(datetime.combine(today, time(), tzinfo=UTC).timestamp()),
        )
    return bytes(made)


def _block(block: Block, pictures: dict[str, str]) -> dict[str, Any]:
    if isinstance(block, Picture):
        name = f"{block.key}.svg"
        pictures[name] = block.svg
        return {"kind": "picture", "file": name, "alt": block.alt, "caption": block.caption}
    fields = {name: _plain(getattr(block, name)) for name in block.__slots__ if name != "data"}
    return {"kind": block.kind, **fields}


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


def _spaced(value: Any) -> Any:
    if isinstance(value, str):
        return french_spaces(value)
    if isinstance(value, Mapping):
        return {key: _spaced(item) for key, item in value.items()}
    return [_spaced(item) for item in value] if isinstance(value, list) else value
