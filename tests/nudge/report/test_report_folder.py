import json

import pandas as pd
import pytest

from nudge.errors import CampaignError
from nudge.report.report_folder import write_report


def test_page_pdf_checklist_and_tables_are_written(benefit, tmp_path):
    written = write_report(benefit, tmp_path / "rapport")
    names = {path.relative_to(tmp_path / "rapport").as_posix() for path in written}
    assert {"rapport.html", "rapport.pdf", "consort.json", "tableaux/effet.csv"} <= names
    assert all(path.stat().st_size > 0 for path in written)
    assert json.loads((tmp_path / "rapport/consort.json").read_text())["campagne"] == "carte-2027"
    effect = pd.read_csv(tmp_path / "rapport/tableaux/effet.csv")
    assert effect.loc[0, "estimation"] == pytest.approx(0.07)
    assert not list(tmp_path.rglob("*.tmp"))


def test_a_format_may_be_left_out(inconclusive, tmp_path):
    names = {path.name for path in write_report(inconclusive, tmp_path, html=False, pdf=False)}
    assert "rapport.html" not in names
    assert "rapport.pdf" not in names
    assert "consort.json" in names


def test_a_place_that_cannot_be_written_is_told_in_french(inconclusive, tmp_path):
    (tmp_path / "rapport").write_text("un fichier")
    with pytest.raises(CampaignError, match="impossible à écrire"):
        write_report(inconclusive, tmp_path / "rapport", pdf=False)
