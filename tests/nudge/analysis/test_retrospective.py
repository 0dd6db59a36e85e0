from datetime import date
from pathlib import Path

import pytest

from nudge.analysis.retrospective import PastAction, retrospective
from nudge.errors import CampaignError
from nudge.report.answer import answer

# newsroom.ocfl.net, October 2018; some addresses of weeks 5 to 8 have no colour.
ORANGE_COUNTY = """week,addresses_tagged,not_set_out,great,good_try,oops
1,477,159,100,161,57
2,643,284,116,173,70
3,633,217,128,212,76
4,643,239,151,185,68
5,638,256,156,183,42
6,643,259,172,177,32
7,596,256,176,126,36
8,616,254,191,125,40
"""
ACTION = PastAction(
    title="Étiquettes de bac, comté d'Orange",
    source="newsroom.ocfl.net, octobre 2018",
    start=date(2018, 8, 6),
    days=7,
    first_after="5",
)
TODAY = date(2026, 11, 23)


def written(folder: Path, text: str) -> Path:
    path = folder / "table.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_orange_county_is_grade_c_and_nothing_is_said_to_be_caused(tmp_path: Path) -> None:
    result = retrospective(written(tmp_path, ORANGE_COUNTY), ACTION, today=TODAY)
    assert result.grade == "C"
    assert not result.primary.estimates
    assert result.before_after is not None
    assert result.before_after.before == pytest.approx(495 / 1497)
    assert result.before_after.after == pytest.approx(695 / 1456)
    said = " ".join((*answer(result).sentences, *answer(result).details))
    assert "aucune conclusion sur la cause" in said
    for word in ("effet", "grâce à", "a permis", "améliore"):
        assert word not in said.lower()


def test_a_huge_change_is_no_more_causal(tmp_path: Path) -> None:
    rows = [f"{week},1000,0,{100 if week < 5 else 900},{0},{0}" for week in range(1, 9)]
    text = "\n".join(["vague,n_controles,n_non_presentes,n_vert,n_orange,n_rouge", *rows])
    result = retrospective(
        written(tmp_path, text.replace(",0,0\n", ",50,20\n")), ACTION, today=TODAY
    )
    assert result.grade == "C"


@pytest.mark.parametrize(
    ("before", "after", "row", "column"),
    [
        ("3,633,217,128,212,76", "3,633,217,128,212,476", 4, "n_controles"),
        ("3,633,217,128,212,76", "3,633,217,douze,212,76", 4, "n_vert"),
        ("3,633,217,128,212,76", "3,633,217,-1,212,76", 4, "n_vert"),
        ("3,633,217,128,212,76", "2,633,217,128,212,76", 4, "vague"),
    ],
)
def test_bad_rows_are_named(tmp_path: Path, before: str, after: str, row: int, column: str) -> None:
    with pytest.raises(CampaignError) as caught:
        retrospective(written(tmp_path, ORANGE_COUNTY.replace(before, after)), ACTION, today=TODAY)
    (problem,) = caught.value.problems
    assert (problem.row, problem.column) == (row, column)


def test_missing_columns_and_waves_are_named(tmp_path: Path) -> None:
    path = written(tmp_path, ORANGE_COUNTY.replace("oops", "bad"))
    with pytest.raises(CampaignError, match="n_rouge"):
        retrospective(path, ACTION, today=TODAY)
    path = written(tmp_path, ORANGE_COUNTY)
    action = PastAction(title="t", source="s", start=ACTION.start, days=7, first_after="1")
    with pytest.raises(CampaignError, match="choisir parmi 2, 3"):
        retrospective(path, action, today=TODAY)
