import json
import random
from dataclasses import replace

import pytest

from nlu.corpus.checks import CorpusRules, check_corpus, distinct_ngrams
from nlu.errors import InputError

TAXONOMY = """\
version: "1"
out_of_scope: hors
themes: {t: Thème}
slots: {date: a day, lieu: a place}
intents:
  collecte: {theme: t, title: Collecte, nature: information, scope: v1,
             definition: When the bins are collected, slots: [date], examples: [x]}
  facture: {theme: t, title: Facture, nature: information, scope: v1,
            definition: How much the water costs, examples: [x]}
  hors: {theme: t, title: Hors, nature: dialogue, scope: v1,
         definition: Anything else than that, examples: [x]}
"""
RULES = CorpusRules(
    rows_per_intent=40,
    families_per_intent=10,
    out_of_scope_rows=40,
    split_shares={"train": 0.7, "dev": 0.1, "test": 0.2},
)


def good_rows():
    rng = random.Random(0)
    splits = ["train"] * 7 + ["dev"] + ["test"] * 2
    return [
        {
            "text": " ".join("".join(rng.choices("abcdefghijklmnop", k=6)) for _ in range(5)),
            "intent": intent,
            "family": f"{intent}-{number}",
            "register": register,
            "split": split,
        }
        for intent in ("collecte", "facture", "hors")
        for number, split in enumerate(splits)
        for register in ("std", "oral", "sms", "indirect")
    ]


def check(tmp_path, rows, rules=RULES):
    (tmp_path / "utterances").mkdir(exist_ok=True)
    (tmp_path / "intents.yaml").write_text(TAXONOMY, encoding="utf-8")
    for split in ("train", "dev", "test"):
        lines = [
            json.dumps({key: value for key, value in row.items() if key != "split"})
            for row in rows
            if row["split"] == split
        ]
        (tmp_path / "utterances" / f"{split}.jsonl").write_text("\n".join(lines), "utf-8")
    return check_corpus(tmp_path, rules=rules)


def told(tmp_path, rows, rules=RULES):
    return [(found.check, found.message) for found in check(tmp_path, rows, rules).violations]


def place_of(rows, row):
    same = [other for other in rows if other["split"] == row["split"]]
    return f"{row['split']}.jsonl:{next(i for i, o in enumerate(same, 1) if o is row)}"


def first(rows, **wanted):
    return next(row for row in rows if all(row[key] == value for key, value in wanted.items()))


def test_a_sound_corpus_has_no_violation_and_is_described(tmp_path):
    report = check(tmp_path, good_rows())
    assert report.violations == ()
    assert [summary.intent for summary in report.intents] == ["collecte", "facture", "hors"]
    summary = report.intents[0]
    assert summary.rows == {"train": 28, "dev": 4, "test": 8}
    assert summary.families == 10
    assert summary.registers == {"std": 10, "oral": 10, "sms": 10, "indirect": 10}
    assert report.median_words == 5
    assert report.distinct[1] == pytest.approx(1.0, abs=0.01)


def test_a_family_never_crosses_splits(tmp_path):
    rows = good_rows()
    first(rows, split="test", intent="facture")["family"] = "facture-0"
    rules = replace(RULES, rows_per_family=5)
    assert told(tmp_path, rows, rules) == [
        ("leakage", "facture-0: in several splits (test, train)")
    ]


def test_a_family_is_not_too_large(tmp_path):
    rows = good_rows()
    first(rows, family="collecte-1")["family"] = "collecte-0"
    assert told(tmp_path, rows) == [("family", "collecte-0: 5 rows, at most 4")]


def test_a_near_duplicate_across_splits_is_leakage_with_both_places(tmp_path):
    rows = good_rows()
    train, test = first(rows, split="train"), first(rows, split="test")
    test["text"] = train["text"].upper() + "s"
    ((kind, message),) = told(tmp_path, rows)
    assert kind == "leakage"
    assert place_of(rows, train) in message
    assert place_of(rows, test) in message
    assert repr(train["text"]) in message


def test_a_near_duplicate_within_a_split_is_allowed(tmp_path):
    rows = good_rows()
    train = [row for row in rows if row["split"] == "train"]
    train[5]["text"] = train[0]["text"] + "s"
    assert told(tmp_path, rows) == []


def test_the_same_text_with_two_labels_is_a_conflict(tmp_path):
    rows = good_rows()
    one = first(rows, split="train", intent="collecte")
    two = first(rows, split="train", intent="facture")
    two["text"] = one["text"].capitalize() + " !"
    ((kind, message),) = told(tmp_path, rows)
    assert kind == "conflict"
    assert message == (
        f"{place_of(rows, one)} and {place_of(rows, two)}: same text, labels collecte and facture"
    )


def test_the_same_text_twice_with_one_label_is_a_duplicate(tmp_path):
    rows = good_rows()
    rows[1]["text"] = rows[0]["text"]
    assert told(tmp_path, rows) == [("duplicate", "train.jsonl:1 and train.jsonl:2: same text")]


def test_an_unknown_intent_and_a_foreign_slot_are_named_with_their_line(tmp_path):
    rows = good_rows()
    text = rows[2]["text"]
    rows[2]["slots"] = [{"name": "lieu", "start": 0, "end": 3, "value": text[:3]}]
    extra = rows[0] | {"text": "tout autre chose ici", "intent": "meteo", "family": "m"}
    assert told(tmp_path, [*rows, extra])[:2] == [
        ("slot", "train.jsonl:3: slot 'lieu' is not one of collecte"),
        ("label", "train.jsonl:85: unknown intent 'meteo'"),
    ]


def test_too_few_rows_and_families_are_counted_for_scope_and_out_of_scope_alike(tmp_path):
    rules = replace(RULES, rows_per_intent=41, families_per_intent=11, out_of_scope_rows=50)
    assert told(tmp_path, good_rows(), rules) == [
        ("count", "collecte: 40 rows, at least 41 wanted"),
        ("count", "collecte: 10 families, at least 11 wanted"),
        ("count", "facture: 40 rows, at least 41 wanted"),
        ("count", "facture: 10 families, at least 11 wanted"),
        ("count", "hors: 40 rows, at least 50 wanted"),
        ("count", "hors: 10 families, at least 11 wanted"),
    ]


def test_an_intent_with_too_little_sms_is_named(tmp_path):
    rows = good_rows()
    sms = [row for row in rows if row["intent"] == "hors" and row["register"] == "sms"]
    for row in sms[:5]:
        row["register"] = "std"
    assert told(tmp_path, rows) == [
        ("register", "hors: sms is 12% of the rows, at least 15% wanted")
    ]


def test_split_shares_must_be_close_to_those_wanted(tmp_path):
    rules = replace(RULES, split_shares={"train": 0.65, "dev": 0.1, "test": 0.25})
    assert told(tmp_path, good_rows(), rules) == [
        ("split", "train: 70.0% of the rows, 65% wanted"),
        ("split", "test: 20.0% of the rows, 25% wanted"),
    ]


def test_an_intent_absent_from_a_split_is_named(tmp_path):
    rows = good_rows()
    for row in rows:
        if row["intent"] == "facture" and row["split"] == "dev":
            row["split"] = "train"
    rules = replace(RULES, split_tolerance=0.1)
    assert told(tmp_path, rows, rules) == [("split", "facture: no row in dev")]


def test_a_further_split_is_checked_for_leakage_but_does_not_count_in_the_shares(tmp_path):
    rows = [row | {"author": "a"} for row in good_rows()]
    check(tmp_path, rows)
    stress = tmp_path / "utterances" / "stress.jsonl"
    further = [row | {"author": "b", "family": f"b{n}"} for n, row in enumerate(rows[:30])]
    for row in further:
        row["text"], row["split"] = row["text"][::-1], "stress"
    keys = ("text", "intent", "family", "register", "author")
    lines = [json.dumps({key: row[key] for key in keys}) for row in further]
    stress.write_text("\n".join(lines), "utf-8")
    report = check_corpus(tmp_path, rules=RULES)
    assert report.violations == ()
    assert report.intents[0].rows == {"train": 28, "dev": 4, "test": 8, "stress": 30}
    assert report.intents[1].rows["stress"] == 0
    stress.write_text(json.dumps({key: rows[0][key] for key in keys}), "utf-8")
    assert {found.check for found in check_corpus(tmp_path, rules=RULES).violations} == {
        "duplicate", "family", "leakage",
    }  # fmt: skip


def test_a_further_split_that_cannot_be_checked_is_an_input_error_that_names_it(tmp_path):
    check(tmp_path, good_rows())
    (tmp_path / "utterances" / "stress.csv").write_text("text,intent\na,collecte\n")
    with pytest.raises(InputError, match=r"stress\.csv"):
        check_corpus(tmp_path, rules=RULES)


def test_places_are_lines_of_the_file_even_after_a_blank_line(tmp_path):
    rows = good_rows()
    rows[1]["text"] = rows[0]["text"]
    check(tmp_path, rows)
    train = tmp_path / "utterances" / "train.jsonl"
    train.write_text("\n" + train.read_text("utf-8"), "utf-8")
    (found,) = check_corpus(tmp_path, rules=RULES).violations
    assert found.message == "train.jsonl:2 and train.jsonl:3: same text"


def test_a_missing_split_is_an_input_error_that_names_the_file(tmp_path):
    check(tmp_path, good_rows())
    (tmp_path / "utterances" / "dev.jsonl").unlink()
    with pytest.raises(InputError, match=r"dev\.jsonl"):
        check_corpus(tmp_path, rules=RULES)


def test_distinct_n_is_distinct_over_all_ngrams():
    # Words: le bac le bac; two distinct of four, bigrams: "le bac" twice and "bac le" once.
    assert distinct_ngrams(["Le bac, le BAC"], 1) == pytest.approx(2 / 4)
    assert distinct_ngrams(["Le bac, le BAC"], 2) == pytest.approx(2 / 3)
    assert distinct_ngrams(["un deux", "un deux"], 2) == pytest.approx(1 / 2)
    assert distinct_ngrams(["un", ""], 2) == 0.0
