import csv
import re

import numpy as np
import pandas as pd
import pytest

from experiments.design.draw import draw
from experiments.design.draw_folder import write_draw
from experiments.design.trial_design import TrialDesign
from experiments.design.verification import verify
from nudge.lifecycle.draw_differences import in_french

ENGLISH = re.compile(r"\b(drawn|cluster|the|now|missing|rows|line|field|column)\b")


@pytest.fixture
def folder(tmp_path):
    """A drawn folder of eight zones in two arms."""
    zones = pd.DataFrame({"zone_id": [f"rue-{k}" for k in range(8)], "taille": np.arange(8) + 20})
    design = TrialDesign(name="essai", cluster="zone_id", arms=("temoin", "carte"), seed=5)
    write_draw(draw(design, zones, seed=5), tmp_path / "tirage")
    return tmp_path / "tirage"


def edit(path, old, new):
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")


def without_last_row(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")


def test_what_the_verification_says_of_a_damaged_draw_is_french(folder):
    edit(folder / "design.yaml", "seed: 5", "seed: 6")
    edit(folder / "clusters.csv", "rue-1,21", "rue-1,99")
    edit(folder / "clusters.csv", "rue-7", "rue-9")
    edit(folder / "report.html", verify(folder).fingerprint, "")
    without_last_row(folder / "allocation.csv")
    with (folder / "allocation.csv").open(encoding="utf-8") as file:
        first = next(iter(csv.DictReader(file)))
    other = "carte" if first["arm"] == "temoin" else "temoin"
    edit(folder / "allocation.csv", first["arm"], other)

    told = verify(folder).differences
    french = [in_french(sentence) for sentence in told]

    assert len(told) >= 5
    assert not [text for text in french if "en anglais" in text]
    assert not [text for text in french if ENGLISH.search(text)]
    assert any("la zone rue-7 a été tirée et n'y est plus" in text for text in french)
    assert any("champ « seed » : tiré avec 5, maintenant 6" in text for text in french)


def test_versions_of_software_are_told_in_french():
    assert in_french("drawn with numpy 2.4.0, verified with 2.4.6") == (
        "tiré avec numpy 2.4.0, vérifié avec 2.4.6"
    )


def test_an_unknown_sentence_is_quoted_as_english():
    assert in_french("Something else") == "message technique, en anglais : Something else"
