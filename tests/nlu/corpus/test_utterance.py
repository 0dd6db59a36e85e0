import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.corpus.utterance import REGISTERS, Slot, Utterance, read_utterances, write_utterances
from nlu.errors import InputError

ROW = {"text": "le bac du lundi", "intent": "collecte", "family": "f1", "register": "std"}
SLOT = {"name": "date", "start": 10, "end": 15, "value": "lundi"}


def read(tmp_path, *rows):
    path = tmp_path / "rows.jsonl"
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return list(read_utterances(path))


def test_a_row_is_read_with_its_slots(tmp_path):
    (row,) = read(tmp_path, ROW | {"slots": [SLOT], "author": "a", "subtype": "proche"})
    assert row == Utterance(**ROW, author="a", subtype="proche", slots=(Slot(**SLOT),))


def test_optional_keys_may_be_absent_or_null(tmp_path):
    plain = Utterance(**ROW)
    nothing = {"author": None, "subtype": None, "slots": None}
    assert read(tmp_path, ROW, ROW | nothing) == [plain, plain]


def test_blank_lines_are_skipped_and_errors_still_name_the_line_of_the_file(tmp_path):
    assert len(read(tmp_path, ROW, "", "  ", ROW)) == 2
    with pytest.raises(InputError, match=r"rows\.jsonl:3: not a JSON object"):
        read(tmp_path, ROW, "", "{oops")


@pytest.mark.parametrize("key", ["text", "intent", "family", "register"])
@pytest.mark.parametrize("value", [None, "", "  \t", 3])
def test_a_required_key_that_is_missing_or_empty_is_named_with_its_line(tmp_path, key, value):
    with pytest.raises(InputError, match=rf"rows\.jsonl:2: key '{key}' is missing or empty"):
        read(tmp_path, ROW, ROW | {key: value})


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("[1, 2]", "a row is a JSON object, not list"),
        (ROW | {"register": "slam"}, "register 'slam': one of std, oral, sms, indirect"),
        (ROW | {"slots": [{"name": "date"}]}, "a slot has name, start, end and value"),
        (ROW | {"slots": [SLOT | {"end": 14}]}, "characters 10-14 read 'lund', not 'lundi'"),
        (ROW | {"slots": [SLOT | {"start": "10", "end": "15"}]}, "slot"),
        (ROW | {"slots": 3}, "slot"),
    ],
)
def test_a_wrong_row_is_named_with_what_is_expected(tmp_path, row, expected):
    with pytest.raises(InputError, match=r"rows\.jsonl:2: ") as caught:
        read(tmp_path, ROW, row)
    assert expected in str(caught.value)


def test_a_missing_file_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.jsonl"):
        list(read_utterances(tmp_path / "nowhere.jsonl"))


def test_a_file_that_is_not_utf8_is_an_input_error_with_its_place(tmp_path):
    path = tmp_path / "rows.jsonl"
    row = json.dumps(ROW | {"text": "été"}, ensure_ascii=False)
    path.write_bytes(row.encode("cp1252"))
    with pytest.raises(InputError, match=r"rows\.jsonl.*UTF-8"):
        list(read_utterances(path))


def test_a_byte_order_mark_is_not_part_of_the_first_row(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(ROW), encoding="utf-8-sig")
    assert list(read_utterances(path)) == [Utterance(**ROW)]


VISIBLE = st.text(min_size=1).filter(str.strip)


@st.composite
def utterances(draw):
    text = draw(VISIBLE)
    spans = draw(st.lists(st.tuples(*[st.integers(0, len(text))] * 2).map(sorted), max_size=3))
    return Utterance(
        text=text,
        intent=draw(VISIBLE),
        family=draw(VISIBLE),
        register=draw(st.sampled_from(REGISTERS)),
        author=draw(st.text()),
        subtype=draw(st.sampled_from(["", "proche", "lointain"])),
        slots=tuple(Slot(name="s", start=a, end=b, value=text[a:b]) for a, b in spans),
    )


@settings(deadline=None)
@given(st.lists(utterances(), max_size=4))
def test_what_is_written_is_read_back_whatever_the_characters(tmp_path_factory, rows):
    path = tmp_path_factory.getbasetemp() / "written.jsonl"
    write_utterances(path, rows)
    assert list(read_utterances(path)) == rows


def test_accents_are_written_readable(tmp_path):
    path = tmp_path / "rows.jsonl"
    write_utterances(path, [Utterance(**ROW | {"text": "déchèterie fermée"})])
    assert "déchèterie fermée" in path.read_text(encoding="utf-8")
