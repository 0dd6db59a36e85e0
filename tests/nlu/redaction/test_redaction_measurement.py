from collections import Counter
from pathlib import Path

import pytest

from nlu.corpus.utterance import Slot, Utterance
from nlu.entities.folding import fold_words
from nlu.errors import InputError
from nlu.redaction.first_names import FIRST_NAMES
from nlu.redaction.measurement import (
    PlantedMessage,
    measure_excess,
    measure_redaction,
    read_planted,
)
from nlu.redaction.personal_data import PersonalSpan, Redacted
from nlu.redaction.redact import redact

PLANTED = Path(__file__).parents[3] / "datasets" / "sophie" / "personal_data.jsonl"


def message(text, *spans):
    return PlantedMessage.model_validate(
        {
            "text": text, "split": "dev", "family": text, "style": "std", "noise": "",
            "origin": "test",
            "spans": [
                {"name": kind, "value": value, "start": text.index(value),
                 "end": text.index(value) + len(value)}
                for kind, value in spans
            ],
        }
    )  # fmt: skip


def redacting(*places):
    spans = tuple(PersonalSpan(kind=kind, start=one, end=two) for kind, one, two in places)
    return lambda text: Redacted(text=text, spans=spans, truncated=False)


def test_a_half_replaced_name_is_missed():
    planted = [message("Mme Le Goff", ("NOM", "Le Goff"))]
    whole, *_ = measure_redaction(planted, redacting(("NOM", 4, 11)), draws=5)
    half, *_ = measure_redaction(planted, redacting(("NOM", 7, 11)), draws=5)
    assert (whole.recall.estimate, half.recall.estimate) == (1, 0)
    assert half.missed == ("Le Goff",)
    assert half.precision.estimate == 1


def test_what_is_taken_beside_planted_data_lowers_precision():
    planted = [message("Mme Le Goff ici", ("NOM", "Le Goff"))]
    every, *_ = measure_redaction(planted, redacting(("NOM", 4, 11), ("NOM", 12, 15)), draws=5)
    assert every.precision.estimate == pytest.approx(0.5)


def test_a_marked_address_is_no_excess():
    text = "12 rue des Bains"
    slot = Slot(name="adresse", start=3, end=16, value=text[3:])
    row = Utterance(text=text, intent="x", family="x", register="std", slots=(slot,))
    bare = Utterance(text=text, intent="x", family="y", register="std")
    assert measure_excess([row], redact, draws=5).touched == 0
    assert measure_excess([bare], redact, draws=5).examples == (("ADRESSE", text),)


def test_identifiers_of_the_authored_messages_are_all_replaced():
    planted = [one for one in read_planted(PLANTED) if one.split != "fresh"]
    for one in measure_redaction(planted, redact, draws=2):
        if one.kind not in {"tous", "NOM"}:
            assert one.recall.estimate == 1, one.missed
            assert one.precision.estimate >= 0.98


def test_families_stay_in_one_split_and_every_kind_is_planted_in_each():
    planted = read_planted(PLANTED)
    splits = {}
    for one in planted:
        assert splits.setdefault(one.family, one.split) == one.split
    for split in ("dev", "test", "fresh"):
        kinds = Counter(span.name for one in planted if one.split == split for span in one.spans)
        assert len(kinds) == 9
    assert sum(not one.spans for one in planted) >= 250


def test_names_of_the_fresh_part_are_new_to_the_first_names_and_to_the_other_parts():
    names = {"fresh": set(), "other": set()}
    families = set()
    for one in read_planted(PLANTED):
        for span in one.spans:
            if span.name == "NOM":
                part = "fresh" if one.split == "fresh" else "other"
                # Particles and spelled letters are no names.
                words = (word for word in fold_words(span.value).split() if len(word) > 4)
                names[part].update(words)
                if part == "fresh":
                    families.add(one.family)
    assert not names["fresh"] & (names["other"] | FIRST_NAMES)
    assert len(families) >= 40


@pytest.mark.parametrize(
    ("line", "words"),
    [("{", "JSON"), ('{"text": "a"}', "split"), ("3", "valid")],
)
def test_a_wrong_line_is_told_with_its_place(tmp_path, line, words):
    path = tmp_path / "planted.jsonl"
    path.write_text("\n" + line, encoding="utf-8")
    with pytest.raises(InputError, match=words) as told:
        read_planted(path)
    assert f"{path}:2" in str(told.value)


def test_a_span_out_of_place_is_refused(tmp_path):
    one = message("Mme Dupont", ("NOM", "Dupont")).model_dump()
    one["spans"][0]["start"] = 0
    path = tmp_path / "planted.jsonl"
    import json

    path.write_text(json.dumps(one), encoding="utf-8")
    with pytest.raises(InputError, match="place"):
        read_planted(path)
