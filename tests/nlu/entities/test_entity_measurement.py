from pathlib import Path

import pytest

from nlu.corpus.taxonomy import load_taxonomy
from nlu.corpus.utterance import Slot, Utterance
from nlu.entities.entity import Entity
from nlu.entities.measurement import measure_entities

TAXONOMY = load_taxonomy(Path(__file__).parents[3] / "datasets" / "sophie" / "intents.yaml")


def row(text, *slots, intent="collecte_calendrier"):
    marked = tuple(
        Slot(name=name, start=text.index(value), end=text.index(value) + len(value), value=value)
        for name, value in slots
    )
    return Utterance(text=text, intent=intent, family=text, register="std", slots=marked)


def entity(name, text, value):
    start = text.index(value)
    return Entity(name=name, start=start, end=start + len(value), text=value, value="")


def test_exact_and_overlapping_spans_are_counted_apart():
    rows = [
        row("lundi 3 mai", ("date", "lundi 3 mai")),
        row("à Deauville", ("commune", "Deauville")),
    ]
    found = {
        "lundi 3 mai": [entity("date", "lundi 3 mai", "lundi")],
        "à Deauville": [entity("commune", "à Deauville", "Deauville")],
    }
    measures = {
        (one.slot, one.matching): one
        for one in measure_entities(rows, TAXONOMY, lambda one: found[one.text], draws=20)
    }
    assert measures["date", "exact"].recall.estimate == 0
    assert measures["date", "overlap"].recall.estimate == 1
    assert measures["commune", "exact"].precision.estimate == 1


def test_a_message_whose_intent_does_not_mark_the_slot_is_not_looked_at():
    rows = [row("Deauville", intent="bavardage"), row("rien")]
    found = {"Deauville": [entity("commune", "Deauville", "Deauville")], "rien": []}
    measures = measure_entities(rows, TAXONOMY, lambda one: found[one.text], draws=5)
    (commune,) = [one for one in measures if (one.slot, one.matching) == ("commune", "exact")]
    assert (commune.rows, commune.recognised) == (1, 0)


def test_one_marked_span_is_matched_once():
    text = "lundi et mardi"
    rows = [row(text, ("date", text))]
    spans = [entity("date", text, "lundi"), entity("date", text, "mardi")]
    measures = measure_entities(rows, TAXONOMY, lambda _: spans, draws=5)
    (overlap,) = [one for one in measures if (one.slot, one.matching) == ("date", "overlap")]
    assert overlap.precision.estimate == pytest.approx(0.5)
    assert overlap.recall.estimate == 1


@pytest.mark.parametrize(("slot", "other"), [("date", "periode")])
def test_a_neighbouring_slot_is_neither_required_nor_faulted(slot, other):
    text = "depuis juin"
    rows = [row(text, (other, "juin"), intent="eau_prix"), row(text, (other, "juin"))]
    measures = measure_entities(rows, TAXONOMY, lambda _: [entity(slot, text, "juin")], draws=5)
    (exact,) = [one for one in measures if (one.slot, one.matching) == (slot, "exact")]
    assert exact.recognised == 0
