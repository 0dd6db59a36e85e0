import csv
import io
import json
import os
import resource
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.classifier.message_files import read_messages, write_predictions
from nlu.classifier.prediction import Prediction
from nlu.errors import InputError


def read(path, content=None, column="text"):
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_messages(path, io.BytesIO(b""), text_column=column)


def piped(content, column="text"):
    raw = content if isinstance(content, bytes) else content.encode()
    return read_messages(None, io.BytesIO(raw), text_column=column)


def refused(path, content, column="text"):
    with pytest.raises(InputError) as caught:
        read(path, content, column)
    assert str(path) in str(caught.value)
    return str(caught.value)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def prediction(text="quand passe le bac", **changes):
    fields = {
        "text": text,
        "intent": "collecte",
        "confidence": 0.91234567,
        "ranking": (("collecte", 0.91234567), ("bac", 0.08765433)),
        "out_of_scope": 0.01,
        "decision": "answer",
        "reason": "confident",
        "truncated": False,
    }
    return Prediction(**fields | changes)


# Reading


def test_plain_lines_are_messages_empty_ones_included(tmp_path):
    found = read(tmp_path / "in.txt", "bonjour\r\n\nça va ?\n")
    assert found.messages == ("bonjour", "", "ça va ?")
    assert found.remarks == ()


def test_json_lines_are_read_by_key_and_blank_lines_are_skipped(tmp_path):
    content = '{"message": "a\\nb"}\n\n{"message": null}\n{"message": "\\u2028", "x": 1}\n'
    found = read(tmp_path / "in.jsonl", content, column="message")
    assert found.messages == ("a\nb", "", "\u2028")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_may_have_commas_semicolons_or_tabs_and_quoted_newlines(tmp_path, separator):
    rows = [["id", "text"], ["1", "a, b; c\td"], ["2", 'dit "non"\npuis oui'], ["3", ""]]
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=separator).writerows(rows)
    found = read(tmp_path / "in.csv", buffer.getvalue())
    assert found.messages == ("a, b; c\td", 'dit "non"\npuis oui', "")


def test_a_csv_saved_by_a_french_spreadsheet_is_read_with_a_remark(tmp_path):
    content = "id;text\r\n1;déchèterie fermée\r\n2;ça coûte 3 €\r\n".encode("cp1252")
    found = read(tmp_path / "in.csv", content)
    assert found.messages == ("déchèterie fermée", "ça coûte 3 €")
    assert found.remarks == tuple(
        f"{tmp_path / 'in.csv'}:{line}: not valid UTF-8, read as Windows-1252" for line in (2, 3)
    )


def test_only_the_lines_that_are_not_utf8_are_read_as_windows_1252(tmp_path):
    found = read(tmp_path / "in.txt", "été\n".encode() + "été\n".encode("cp1252") + b"\x81\xe9\n")
    assert found.messages == ("été", "été", "\ufffd\ufffd")
    assert [remark.rpartition("in.txt")[2] for remark in found.remarks] == [
        ":2: not valid UTF-8, read as Windows-1252",
        ":3: not valid UTF-8, unreadable bytes replaced",
    ]


def test_remarks_do_not_flood_the_terminal(tmp_path):
    found = read(tmp_path / "in.txt", "é\n".encode("cp1252") * 100)
    assert found.messages == ("é",) * 100
    assert len(found.remarks) == 21
    assert found.remarks[-1].endswith("80 further lines are not valid UTF-8")


@pytest.mark.parametrize(
    ("name", "content"),
    [("in.csv", "text,id\na,1\n"), ("in.jsonl", '{"text": "a"}\n'), ("in.txt", "a\n")],
)
def test_a_byte_order_mark_is_not_part_of_the_message(tmp_path, name, content):
    assert read(tmp_path / name, content.encode("utf-8-sig")).messages == ("a",)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("in.csv", "text\na\0b\nsuite\n"),
        ("in.jsonl", '{"text": "a\\u0000b"}\n{"text": "suite"}\n'),
        ("in.txt", "a\0b\nsuite\n"),
    ],
    ids=["csv", "jsonl", "txt"],
)
def test_a_nul_byte_reaches_the_message_as_it_was(tmp_path, name, content):
    assert read(tmp_path / name, content).messages == ("a\0b", "suite")


@pytest.mark.parametrize("name", ["in.csv", "in.jsonl", "in.txt"])
def test_an_empty_file_has_no_message(tmp_path, name):
    assert read(tmp_path / name, "").messages == ()


def test_a_csv_with_only_a_header_has_no_message_but_its_column_must_exist(tmp_path):
    assert read(tmp_path / "in.csv", "id;text\n").messages == ()
    assert "no column 'message' among id, text" in refused(
        tmp_path / "in.csv", "id;text\n", "message"
    )


def test_a_wrong_column_is_named_with_those_of_the_file_and_the_option(tmp_path):
    message = refused(tmp_path / "in.csv", "message;id\na;1\n")
    assert "no column 'text' among message, id" in message
    assert "--text-column" in message
    message = refused(tmp_path / "in.jsonl", '{"text": "a"}\n\n{"message": "a"}\n')
    assert "in.jsonl:3: no key 'text'" in message
    assert "--text-column" in message


def test_spaces_around_the_name_of_a_column_do_not_empty_its_messages(tmp_path):
    assert read(tmp_path / "in.csv", "id, text\n1,bonjour\n").messages == ("bonjour",)


def test_a_csv_row_with_too_many_cells_is_refused_and_never_cut(tmp_path):
    message = refused(tmp_path / "in.csv", "text\nmerci\nBonjour, le bac est cassé\n")
    assert "3" in message.rpartition("in.csv")[2]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("{oops", "not a JSON object"),
        ("[1]", "no key 'text'"),
        ('"text"', "no key 'text'"),
        ('{"text": 3}', "'text' is int, a text is expected"),
        ("[" * 100_000, "not a JSON object"),
    ],
    ids=["not json", "list", "text", "number", "endless list"],
)
def test_a_wrong_json_line_is_named(tmp_path, line, expected):
    message = refused(tmp_path / "in.jsonl", '{"text": "a"}\n' + line + "\n")
    assert "in.jsonl:2: " in message
    assert expected in message


def test_a_missing_file_a_folder_and_an_unknown_format_are_told(tmp_path):
    with pytest.raises(InputError, match=r"--input .*nowhere\.txt: No such file"):
        read(tmp_path / "nowhere.txt")
    with pytest.raises(InputError, match=r"--input .*: Is a directory"):
        read(tmp_path)
    assert "give a .jsonl, .csv or .txt file" in refused(tmp_path / "in.xlsx", b"PK")


def test_standard_input_is_json_lines_when_it_starts_with_an_object_and_lines_otherwise():
    assert piped('\n  {"text": "a"}\n{"text": "b"}\n').messages == ("a", "b")
    assert piped("bonjour, toi\n\nau revoir").messages == ("bonjour, toi", "", "au revoir")
    assert piped("").messages == ()
    with pytest.raises(InputError, match="standard input:2: not a JSON object"):
        piped('{"text": "a"}\nb\n')
    assert piped("é\n".encode("cp1252")).remarks == (
        "standard input:1: not valid UTF-8, read as Windows-1252",
    )


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=80), st.sampled_from([".txt", ".csv", ".jsonl"]), st.booleans())
def test_any_bytes_are_read_or_refused_with_an_input_error(tmp_path_factory, raw, suffix, header):
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    with suppress(InputError):
        assert read(path, b"text\n" * header + raw).messages is not None


# Writing


def test_json_lines_keep_every_field_and_the_order(tmp_path):
    path = tmp_path / "out.jsonl"
    rows = [prediction("é\n"), prediction("", intent=None, ranking=(), confidence=0.0)]
    write_predictions(rows, path, io.StringIO())
    written = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert written == [row.to_dict() for row in rows]
    assert written[0]["ranking"][0] == {"intent": "collecte", "confidence": 0.912346}
    assert written[1]["intent"] is None
    assert "é" in path.read_text("utf-8")


def test_csv_has_the_same_columns_as_json(tmp_path):
    path = tmp_path / "out.csv"
    write_predictions([prediction('a;b,"c"\nd')], path, io.StringIO())
    with path.open(encoding="utf-8", newline="") as stream:
        (row,) = csv.DictReader(stream)
    expected = prediction('a;b,"c"\nd').to_dict()
    assert list(row) == [
        "text", "intent", "confidence", "decision", "reason", "out_of_scope", "truncated",
        "ranking",
    ]  # fmt: skip
    assert row["text"] == 'a;b,"c"\nd'
    assert row["confidence"] == "0.912346"
    assert json.loads(row["ranking"]) == expected["ranking"]


def test_without_a_path_predictions_go_to_standard_output():
    stdout = io.StringIO()
    write_predictions([prediction("a"), prediction("b")], None, stdout)
    assert [json.loads(line)["text"] for line in stdout.getvalue().splitlines()] == ["a", "b"]


TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0")))


@settings(deadline=None)
@given(TEXTS, st.sampled_from(["out.jsonl", "out.csv"]))
def test_messages_written_are_read_back(tmp_path_factory, texts, name):
    path = tmp_path_factory.getbasetemp() / name
    write_predictions([prediction(text) for text in texts], path, io.StringIO())
    assert read(path).messages == tuple(texts)


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv"])
def test_half_an_emoji_is_written_as_valid_utf8(tmp_path, name):
    write_predictions([prediction("bac \ud83d")], tmp_path / name, io.StringIO())
    assert read(tmp_path / name).messages == ("bac ?",)


def test_an_existing_file_is_replaced_whole_and_readable_by_all(tmp_path):
    path = tmp_path / "out.jsonl"
    path.write_text("old\n" * 1000)
    write_predictions([prediction()], path, io.StringIO())
    assert read(path).messages == ("quand passe le bac",)
    assert path.stat().st_mode & 0o777 == 0o644
    assert names(tmp_path) == ["out.jsonl"]


@pytest.mark.parametrize("name", ["nowhere/out.csv", "nowhere/out.jsonl"])
def test_a_missing_folder_is_told_and_leaves_nothing_behind(tmp_path, name):
    with pytest.raises(InputError, match=f"--output .*{name}: No such file or directory"):
        write_predictions([prediction()], tmp_path / name, io.StringIO())
    assert names(tmp_path) == []


def test_a_folder_in_place_of_the_file_is_told_and_leaves_nothing_behind(tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(InputError, match=r"--output .*out: Is a directory"):
        write_predictions([prediction()], tmp_path / "out", io.StringIO())
    assert names(tmp_path) == ["out"]


def test_a_disk_that_fills_up_keeps_the_old_file_and_leaves_nothing_behind(tmp_path):
    path = tmp_path / "out.jsonl"
    path.write_text("old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50, hard))
    try:
        with pytest.raises(InputError, match=r"--output .*: File too large"):
            write_predictions([prediction()], path, io.StringIO())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_text() == "old"
    assert names(tmp_path) == ["out.jsonl"]


def test_a_pipe_is_written_to_and_never_replaced_by_a_file(tmp_path):
    # As /dev/stdout and /dev/null are: run by root, replacing one would break the machine.
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_predictions([prediction()], path, io.StringIO())
        assert path.is_fifo()
        assert json.loads(os.read(reader, 65_536))["text"] == "quand passe le bac"
    finally:
        os.close(reader)
