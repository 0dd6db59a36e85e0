import json
import math
from datetime import date

import numpy as np
import pandas as pd
import pytest

from nudge.analysis.result_file import decode, encode, load_result, save_result
from nudge.errors import CampaignError
from nudge.report.compose import compose


def test_a_result_reads_back_as_it_was(any_result, tmp_path):
    path = tmp_path / "analyse" / "resultat.json"
    save_result(any_result, path)
    back = load_result(path)
    assert encode(back) == encode(any_result)
    assert back.campaign == any_result.campaign
    assert back.analysed_on == date(2027, 10, 4)
    assert back.outcomes[0].estimates == any_result.outcomes[0].estimates
    assert compose(back) is not None
    assert [file.name for file in path.parent.iterdir()] == ["resultat.json"]


def test_frames_and_arrays_keep_their_types(benefit, orange_county, tmp_path):
    for result in (benefit, orange_county):
        save_result(result, tmp_path / "r.json")
        back = load_result(tmp_path / "r.json")
        if result.balance is not None:
            pd.testing.assert_frame_equal(back.balance, result.balance)
            influence = back.influence["carte vs temoin"]
            kept = result.influence["carte vs temoin"]
            np.testing.assert_array_equal(influence.std_error, kept.std_error)
            assert influence.sign_flips.dtype == np.bool_
        if result.before_after is not None:
            pd.testing.assert_frame_equal(back.before_after.waves, result.before_after.waves)


@pytest.mark.parametrize(
    "value",
    [(1, (2.5, None)), [math.inf, -math.inf], {1: "a", "b": (2,)}, {"$type": "piège"},
     date(2027, 2, 28), "é", True, {"a": {"b": [1]}}],
)  # fmt: skip
def test_values_survive(value):
    text = json.dumps(encode(value), allow_nan=False)
    assert decode(json.loads(text)) == value


def test_numpy_numbers_become_plain_ones():
    assert encode({"n": np.int64(3), "x": np.float64(0.5), "b": np.bool_(True)}) == {
        "n": 3, "x": 0.5, "b": True,
    }  # fmt: skip
    assert math.isnan(decode(encode(np.float64("nan"))))
    frame = pd.DataFrame({"jour": pd.to_datetime(["2027-06-01", None]), "n": [1, 2]}, index=[4, 7])
    pd.testing.assert_frame_equal(decode(json.loads(json.dumps(encode(frame)))), frame)


def test_an_unknown_type_is_refused(benefit, changed, tmp_path):
    odd = changed(benefit, findings=(object(),))
    with pytest.raises(TypeError, match="object"):
        save_result(odd, tmp_path / "r.json")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "told"),
    [("{", "illisible"), ('{"version": 99}', "version 99"), ("[]", "version None"),
     ('{"version": 1, "resultat": {"$type": "date", "valeur": "2027-01-01"}}', "pas un résultat"),
     ('{"version": 1, "resultat": {"$type": "os", "valeur": {}}}', "abîmé"),
     ('{"version": 1}', "abîmé")],
)  # fmt: skip
def test_what_is_no_result_is_refused_in_french(tmp_path, text, told):
    path = tmp_path / "resultat.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CampaignError, match=told):
        load_result(path)


def test_a_missing_result_says_what_to_run(tmp_path):
    with pytest.raises(CampaignError, match="pouce campaign analyse"):
        load_result(tmp_path / "resultat.json")
