import json

import pytest

from nudge.errors import CampaignError
from serving.learning.reference_texts import read_reference_texts

GOOD = [{"text": f"Où est le bac {place} ?", "family": f"f{place // 2}"} for place in range(40)]


def written(folder, lines):
    path = folder / "textes.jsonl"
    path.write_bytes(b"\n".join(lines))
    return path


def encoded(rows):
    return [json.dumps(row, ensure_ascii=False).encode() for row in rows]


def test_texts_and_families_are_read_in_order(tmp_path):
    # A line separator inside a text is no end of line; a mark at the start of the file is no text.
    rows = [*GOOD, {"text": "avant\u2028après"}]
    path = written(tmp_path, [b"\xef\xbb\xbf" + encoded(rows)[0], *encoded(rows)[1:], b"", b"  "])
    found = read_reference_texts(path)
    assert found.texts == tuple(row["text"] for row in rows)
    assert found.families[:3] == ("f0", "f0", "f1")
    assert found.families[-1] == "ligne 41", "a text without family is one of its own"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"pas du json", "n'est pas du JSON"),
        (b'{"text": "coup', "n'est pas du JSON"),
        (b"[" * 100_000, "n'est pas du JSON"),
        (b'["texte"]', "n'est pas un objet"),
        (b'{"texte": "bonjour"}', "le texte manque"),
        (b'{"text": "  "}', "le texte manque"),
        (b'{"text": 3}', "le texte manque"),
        ('{"text": "d\xe9chets"}'.encode("latin-1"), "UTF-8"),
    ],
)
def test_a_bad_line_is_told_with_file_line_and_mend(tmp_path, line, told):
    path = written(tmp_path, [*encoded(GOOD), line])
    with pytest.raises(CampaignError) as raised:
        read_reference_texts(path)
    (problem,) = raised.value.problems
    assert (problem.place, problem.row) == (str(path), 41)
    assert told in problem.what
    assert problem.mend


def test_bad_lines_are_told_together_and_not_by_the_thousand(tmp_path):
    path = written(tmp_path, [b"non"] * 1_000)
    with pytest.raises(CampaignError) as raised:
        read_reference_texts(path)
    assert [one.row for one in raised.value.problems] == list(range(1, 11))


def test_too_few_texts_or_none_at_all_are_refused(tmp_path):
    with pytest.raises(CampaignError, match="29 textes"):
        read_reference_texts(written(tmp_path, encoded(GOOD[:29])))
    with pytest.raises(CampaignError, match=r"absent\.jsonl : .*n'existe pas"):
        read_reference_texts(tmp_path / "absent.jsonl")
