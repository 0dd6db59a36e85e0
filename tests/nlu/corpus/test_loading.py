import json
from collections import Counter

import pytest

from nlu.corpus.loading import (
    SplitShares,
    assign_splits,
    corpus_fingerprint,
    further_splits,
    labels_of,
    load_corpus,
)
from nlu.errors import InputError

SPLITS = ("train", "dev", "test")


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def lines(*rows):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def texts(corpus):
    return Counter(text for split in SPLITS for text in corpus[split]["text"])


def refused(path, **options):
    with pytest.raises(InputError) as caught:
        load_corpus(path, **options)
    assert str(path) in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("inside", ["utterances", "."])
@pytest.mark.parametrize("dev", ["dev", "validation", "valid", "val"])
def test_a_folder_is_read_split_by_split_whatever_the_dev_file_is_called(tmp_path, inside, dev):
    for name in ("train", dev, "test"):
        write(tmp_path / inside / f"{name}.jsonl", lines({"text": name, "intent": "a"}))
    corpus = load_corpus(tmp_path)
    assert {split: list(corpus[split]["text"]) for split in SPLITS} == {
        "train": ["train"],
        "dev": [dev],
        "test": ["test"],
    }


def test_a_folder_may_mix_json_lines_csv_and_tsv(tmp_path):
    write(tmp_path / "train.jsonl", lines({"text": "où ?", "intent": "a"}))
    write(tmp_path / "dev.csv", 'text,intent\n"l\'eau, ""chaude""\nou froide",a\n')
    write(tmp_path / "test.tsv", "text\tintent\nune, deux\ta\n")
    corpus = load_corpus(tmp_path)
    assert list(corpus["dev"]["text"]) == ['l\'eau, "chaude"\nou froide']
    assert list(corpus["test"]["text"]) == ["une, deux"]


def test_a_missing_split_is_named_with_the_files_that_would_do(tmp_path):
    write(tmp_path / "train.csv", "text,intent\na,b\n")
    write(tmp_path / "test.csv", "text,intent\na,b\n")
    message = refused(tmp_path)
    assert "no dev.jsonl or validation.jsonl" in message
    assert "for the dev split" in message


def test_a_label_never_seen_in_training_is_named(tmp_path):
    write(tmp_path / "train.csv", "text,intent\na,eau\n")
    write(tmp_path / "dev.csv", "text,intent\na,eau\n")
    write(tmp_path / "test.csv", "text,intent\na,gaz\nb,bois\n")
    assert "labels without a training row: bois, gaz" in refused(tmp_path)


def test_a_missing_path_names_the_option(tmp_path):
    assert "give --corpus a folder or a file" in refused(tmp_path / "nowhere")


def with_further(tmp_path, name, content):
    row = {"text": "a", "intent": "x", "family": "f", "register": "sms"}
    for split in SPLITS:
        write(tmp_path / "utterances" / f"{split}.jsonl", lines(row | {"text": split}))
    write(tmp_path / "utterances" / name, content)
    return load_corpus(tmp_path)


def test_a_further_file_is_a_further_held_out_split_and_part_of_the_fingerprint(tmp_path):
    one = with_further(tmp_path, "stress.csv", "text,intent\nslt,x\n")
    assert list(one) == ["train", "dev", "test", "stress"]
    assert further_splits(one) == ["stress"]
    assert list(one["stress"]["text"]) == ["slt"]
    two = with_further(tmp_path, "stress.csv", "text,intent\nbsr,x\n")
    assert corpus_fingerprint(one) != corpus_fingerprint(two)


def test_a_label_known_only_to_a_further_split_is_named(tmp_path):
    with pytest.raises(InputError, match="labels without a training row: gaz"):
        with_further(tmp_path, "stress.csv", "text,intent\nslt,gaz\n")


def test_notes_beside_the_splits_are_no_split(tmp_path):
    assert list(with_further(tmp_path, "notes.txt", "à relire")) == list(SPLITS)


def test_a_further_split_without_families_leaves_the_families_of_the_others(tmp_path):
    corpus = with_further(tmp_path, "stress.csv", "text,intent\nslt,x\n")
    assert list(corpus["test"]["family"]) == ["f"]
    assert list(corpus["test"]["register"]) == ["sms"]


def numbered(count, label="a"):
    return [
        {"text": f"message {label} {row}", "intent": label, "family": f"{label}{row // 3}"}
        for row in range(count)
    ]


def test_a_single_file_is_split_70_10_20_without_losing_a_row(tmp_path):
    rows = numbered(300) + numbered(150, "b")
    corpus = load_corpus(write(tmp_path / "all.jsonl", lines(*rows)))
    assert texts(corpus) == Counter(row["text"] for row in rows)
    for split, share in zip(SPLITS, (0.7, 0.1, 0.2), strict=True):
        labels = Counter(corpus[split]["intent"])
        assert labels["a"] == pytest.approx(300 * share, abs=3)
        assert labels["b"] == pytest.approx(150 * share, abs=3)


def test_a_family_never_crosses_splits(tmp_path):
    corpus = load_corpus(write(tmp_path / "all.jsonl", lines(*numbered(120))))
    where = [set(corpus[split]["family"]) for split in SPLITS]
    assert all(where)
    assert not where[0] & where[1]
    assert not where[0] & where[2]
    assert not where[1] & where[2]


def test_without_families_the_same_text_in_another_spelling_stays_in_one_split(tmp_path):
    rows = [{"text": f"Été n° {row} !", "intent": "a"} for row in range(40)]
    rows += [{"text": f"ete n {row}", "intent": "a"} for row in range(40)]
    corpus = load_corpus(write(tmp_path / "all.jsonl", lines(*rows)))
    for split in SPLITS:
        numbers = Counter("".join(filter(str.isdigit, text)) for text in corpus[split]["text"])
        assert set(numbers.values()) == {2}


def test_the_split_of_a_file_follows_the_seed_and_only_the_seed(tmp_path):
    path = write(tmp_path / "all.jsonl", lines(*numbered(90)))
    first = corpus_fingerprint(load_corpus(path, seed=1))
    assert corpus_fingerprint(load_corpus(path, seed=1)) == first
    assert corpus_fingerprint(load_corpus(path, seed=2)) != first


def test_a_family_with_two_labels_stays_together():
    families = ["x", "x", *(f"f{row}" for row in range(20))]
    labels = ["a", "b", *(["a", "b"] * 10)]
    for seed in range(20):
        split = assign_splits(families, labels, shares=SplitShares(), seed=seed)
        assert split[0] == split[1]


def test_a_label_of_five_families_reaches_every_split():
    split = assign_splits(list("abcde"), ["x"] * 5, shares=SplitShares(), seed=0)
    assert Counter(split) == {"train": 3, "dev": 1, "test": 1}


def test_named_columns_become_text_and_intent_and_unknown_ones_are_dropped(tmp_path):
    path = write(
        tmp_path / "all.csv",
        "message,classe,register,note\n" + "".join(f"m{row},a,sms,5\n" for row in range(10)),
    )
    corpus = load_corpus(path, text_column="message", label_column="classe")
    assert corpus["train"].column_names == ["text", "intent", "register"]
    assert set(texts(corpus)) == {f"m{row}" for row in range(10)}
    assert labels_of(corpus) == ["a"]


def test_a_named_column_wins_over_another_called_text(tmp_path):
    path = write(tmp_path / "all.csv", "text,message,intent\nno,yes,a\n")
    corpus = load_corpus(path, text_column="message")
    assert list(corpus["train"]["text"]) == ["yes"]


def test_the_fingerprint_depends_on_texts_and_labels_and_not_on_other_columns(tmp_path):
    def fingerprint(name, *rows):
        return corpus_fingerprint(load_corpus(write(tmp_path / name, lines(*rows))))

    base = {"text": "a", "intent": "x", "family": "f"}
    reference = fingerprint("0.jsonl", base)
    assert fingerprint("1.jsonl", base | {"register": "sms"}) == reference
    assert fingerprint("2.jsonl", base | {"text": "b"}) != reference
    assert fingerprint("3.jsonl", base | {"intent": "y"}) != reference


@pytest.mark.parametrize(
    ("column", "option"), [("text", "--text-column"), ("intent", "--label-column")]
)
def test_a_wrong_column_is_named_with_those_of_the_file_and_the_option(tmp_path, column, option):
    path = write(tmp_path / "all.csv", "text,intent\na,b\n".replace(column, "autre"))
    message = refused(path)
    assert f"no column {column!r} among" in message
    assert "autre" in message
    assert f"name it with {option}" in message


@pytest.mark.parametrize("name", ["all.csv", "all.jsonl"])
@pytest.mark.parametrize("column", ["text", "intent"])
def test_an_empty_cell_names_the_row_and_the_column(tmp_path, name, column):
    rows = [{"text": "a", "intent": "b"}, {"text": "a", "intent": "b"} | {column: "  "}]
    csv = "text,intent\n" + "".join(f"{row['text']},{row['intent']}\n" for row in rows)
    path = write(tmp_path / name, csv if name.endswith("csv") else lines(*rows))
    assert f"row 2: column {column!r} is empty: write it or remove it" in refused(path)


def test_a_label_that_is_a_number_is_not_called_empty(tmp_path):
    message = refused(write(tmp_path / "all.jsonl", lines({"text": "a", "intent": 3})))
    assert "row 1: column 'intent'" in message
    assert "empty" not in message


def test_the_word_null_in_a_csv_is_a_text_and_not_a_hole(tmp_path):
    corpus = load_corpus(write(tmp_path / "all.csv", "text,intent\nNA,null\n"))
    assert texts(corpus) == {"NA": 1}


def test_a_line_that_is_not_json_is_named(tmp_path):
    path = write(tmp_path / "all.jsonl", lines({"text": "a", "intent": "b"}) + "\n{oops\n")
    assert "all.jsonl:3: not a JSON object" in refused(path)
    path = write(tmp_path / "list.jsonl", "[1]\n")
    assert "list.jsonl:1: a row is a JSON object" in refused(path)


@pytest.mark.parametrize("name", ["all.csv", "all.jsonl"])
def test_a_windows_1252_file_is_refused_with_the_mend(tmp_path, name):
    content = "text,intent\nété,b\n" if name.endswith("csv") else '{"text": "été"}\n'
    assert "save it as UTF-8" in refused(write(tmp_path / name, content.encode("cp1252")))


@pytest.mark.parametrize("name", ["all.csv", "all.jsonl", "all.tsv"])
@pytest.mark.parametrize("content", ["", "\n"])
def test_a_file_without_rows_is_refused(tmp_path, name, content):
    refused(write(tmp_path / name, content))


def test_an_unknown_format_is_refused_with_those_known(tmp_path):
    assert "give a .jsonl, .csv or .tsv file" in refused(write(tmp_path / "all.xlsx", b"PK"))


@pytest.mark.parametrize("name", ["all.csv", "all.jsonl"])
def test_a_byte_order_mark_does_not_hide_the_first_column(tmp_path, name):
    content = "text,intent\na,b\n" if name.endswith("csv") else lines({"text": "a", "intent": "b"})
    corpus = load_corpus(write(tmp_path / name, content.encode("utf-8-sig")))
    assert texts(corpus) == {"a": 1}


def test_a_semicolon_csv_as_french_spreadsheets_write_it_is_read(tmp_path):
    path = write(tmp_path / "all.csv", "text;intent\nbonjour, merci;b\n")
    assert texts(load_corpus(path)) == {"bonjour, merci": 1}


def test_a_row_with_too_many_cells_is_refused_and_never_shifted(tmp_path):
    path = write(tmp_path / "all.csv", "text,intent\nBonjour, merci,b\n")
    refused(path)


@pytest.mark.parametrize("empty", ["absent", None, ""])
def test_rows_without_a_family_are_not_lumped_into_one(tmp_path, empty):
    rows = numbered(60)
    for row in rows[::2]:
        row["family"] = empty
        if empty == "absent":
            del row["family"]
    corpus = load_corpus(write(tmp_path / "all.jsonl", lines(*rows)))
    orphans = {row["text"] for row in rows[::2]}
    assert sum(texts(corpus).values()) == 60
    assert sum(bool(orphans.intersection(corpus[split]["text"])) for split in SPLITS) == 3


def test_half_an_emoji_in_a_text_is_an_input_error_that_names_the_line(tmp_path):
    rows = '{"text": "bac", "intent": "b"}\n{"text": "bac \\ud83d", "intent": "b"}\n'
    assert "all.jsonl:2: " in refused(write(tmp_path / "all.jsonl", rows))


def test_a_nul_byte_leaves_the_other_rows_intact(tmp_path):
    corpus = load_corpus(write(tmp_path / "all.csv", "text,intent\na\0b,x\nsuite,x\n"))
    assert sum(texts(corpus).values()) == 2
    assert texts(corpus)["suite"] == 1
