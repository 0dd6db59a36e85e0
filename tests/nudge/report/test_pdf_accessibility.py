"""PDF/UA-1: tagged, in French, titled, with alternative texts."""

import io

import pytest
from pypdf import PdfReader
from pypdf.generic import IndirectObject

from nudge.report.compose import compose
from nudge.report.pdf import render_pdf


def read(result):
    return PdfReader(io.BytesIO(render_pdf(compose(result), today=result.analysed_on)))


def elements(root):
    """Every structure element of the tree, as dictionaries."""
    waiting, found = [root], []
    while waiting:
        one = waiting.pop()
        one = one.get_object() if isinstance(one, IndirectObject) else one
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            found.append(one)
            if "/K" in one:
                waiting.append(one["/K"])
    return found


@pytest.fixture(scope="module")
def kept():
    return {}


@pytest.fixture
def simulated(three_arms, kept):
    return kept.setdefault("simulated", read(three_arms))


def test_the_file_declares_what_it_is(simulated, three_arms):
    root = simulated.trailer["/Root"]
    assert root["/Lang"] == "fr-FR"
    assert root["/MarkInfo"]["/Marked"] is not False
    assert simulated.metadata.title.replace("\u00a0", " ") == three_arms.campaign.shown_title
    assert "<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data().decode()
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert len(simulated.outline) >= 10


def test_structure_has_headings_tables_and_figures_with_texts(simulated):
    found = elements(simulated.trailer["/Root"]["/StructTreeRoot"])
    kinds = [one.get("/S") for one in found]
    assert kinds.count("/H1") + kinds.count("/H2") > 8
    assert "/TH" in kinds
    assert "/TD" in kinds
    figures = [one for one in found if one.get("/S") == "/Figure"]
    assert len(figures) == 3
    assert all(len(one["/Alt"]) > 40 for one in figures)


def test_every_page_says_simulation_and_its_number(simulated):
    total = len(simulated.pages)
    for number, page in enumerate(simulated.pages, start=1):
        text = page.extract_text()
        assert "SIMULATION" in text
        assert f"Page {number} / {total}" in text


def test_the_answer_is_on_the_first_page(benefit):
    pages = read(benefit).pages
    text = " ".join(pages[0].extract_text().split())
    assert "7 de plus sont bien triés" in text
    assert "Niveau A" in text
    assert "Déployer" in text
    assert "SIMULATION" not in "".join(page.extract_text() for page in pages)


def test_the_same_report_gives_the_same_file(inconclusive):
    report = compose(inconclusive)
    first, second = (render_pdf(report, today=inconclusive.analysed_on) for _ in range(2))
    assert first == second


def test_odd_characters_are_text_and_not_commands(benefit, changed, make):
    odd = changed(benefit, campaign=make["campaign"](titre="Rues #1 [essai] *tri* $x$ <a>"))
    reader = read(odd)
    assert reader.metadata.title == "Rues #1 [essai] *tri* $x$ <a>"
