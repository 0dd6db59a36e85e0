import pytest

from nudge.errors import CampaignError
from nudge.imports.columns import matched, recognised
from nudge.instruments.catalogue import INSTRUMENTS


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_every_instrument_is_recognised_by_all_and_by_its_required_columns(name):
    instrument = INSTRUMENTS[name]
    required = [column.name for column in instrument.columns if column.required]
    assert recognised(instrument.column_names, place="a.csv") is instrument
    assert recognised(required, place="a.csv") is instrument


def test_titles_spelt_otherwise_are_recognised_and_their_names_proposed():
    instrument = INSTRUMENTS["comptage_bacs"]
    titles = ["Zone ID", "VAGUE", "date", "n_controlés", "n_non_presentes", "n_vert", "n_orange",
              "n_rouge"]  # fmt: skip
    assert recognised(titles, place="a.csv") is instrument
    with pytest.raises(CampaignError) as caught:
        matched(titles, instrument, place="a.csv")
    mends = {problem.column: problem.mend for problem in caught.value.problems}
    assert mends == {
        "Zone ID": "la renommer en « zone_id »",
        "VAGUE": "la renommer en « vague »",
        "n_controlés": "la renommer en « n_controles »",
    }


def test_missing_unknown_and_repeated_columns_are_told_at_once():
    names = [name for name in INSTRUMENTS["controle_bac"].column_names if name != "presente"]
    with pytest.raises(CampaignError) as caught:
        matched([*names, "rang", "remarques"], INSTRUMENTS["controle_bac"], place="a.csv")
    told = {problem.column: problem.what for problem in caught.value.problems}
    assert told == {
        "rang": "titre présent deux fois",
        "remarques": "colonne inconnue",
        "presente": "colonne obligatoire absente",
    }


def test_columns_of_no_instrument_name_the_nearest():
    with pytest.raises(CampaignError, match="le plus proche est refus_camion"):
        recognised(["pesee_id", "masse_recue_kg", "zone_id"], place="a.csv")


def test_columns_that_fit_several_instruments_ask_which(monkeypatch):
    twins = dict(INSTRUMENTS) | {"jumeau": INSTRUMENTS["reclamation"]}
    monkeypatch.setattr("nudge.imports.columns.INSTRUMENTS", twins)
    with pytest.raises(CampaignError, match="préciser --instrument"):
        recognised(INSTRUMENTS["reclamation"].column_names, place="a.csv")


def test_the_line_mark_of_a_corrected_file_is_passed_over():
    instrument = INSTRUMENTS["reclamation"]
    titles = ["ligne", *instrument.column_names]
    assert recognised(titles, place="a.csv") is instrument
    assert matched(titles, instrument, place="a.csv")["reclamation_id"] == 1
