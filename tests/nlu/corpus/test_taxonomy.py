import pytest

from nlu.corpus.taxonomy import load_taxonomy
from nlu.errors import InputError

GOOD = """\
version: "1"
out_of_scope: hors
themes: {dechets: Déchets, dialogue: Dialogue}
slots: {date: a day}
intents:
  collecte:
    theme: dechets
    title: Jours de collecte
    nature: information
    scope: v1
    definition: When the bins are collected
    slots: [date]
    neighbours: [hors]
    examples: [quand passe le bac jaune]
  hors:
    theme: dialogue
    title: Hors du service
    nature: dialogue
    scope: v2
    definition: Anything that the service does not answer
    examples: [la météo]
"""


def write(tmp_path, text):
    path = tmp_path / "intents.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def message_of(tmp_path, text):
    path = write(tmp_path, text)
    with pytest.raises(InputError) as caught:
        load_taxonomy(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_a_taxonomy_keeps_the_order_and_every_field_of_the_file(tmp_path):
    taxonomy = load_taxonomy(write(tmp_path, GOOD))
    assert taxonomy.names == ("collecte", "hors")
    assert taxonomy.theme_of == {"collecte": "dechets", "hors": "dialogue"}
    assert taxonomy.out_of_scope == "hors"
    assert taxonomy.themes["dechets"] == "Déchets"
    collecte = taxonomy.intent("collecte")
    assert (collecte.nature, collecte.scope) == ("information", "v1")
    assert collecte.slots == ("date",)
    assert collecte.neighbours == ("hors",)
    assert collecte.examples == ("quand passe le bac jaune",)
    assert taxonomy.intent("hors").slots == ()


def test_asking_for_an_unknown_intent_is_a_key_error(tmp_path):
    with pytest.raises(KeyError, match="meteo"):
        load_taxonomy(write(tmp_path, GOOD)).intent("meteo")


def test_the_digest_changes_with_a_name_or_a_definition_and_with_nothing_else(tmp_path):
    digest = load_taxonomy(write(tmp_path, GOOD)).digest
    assert load_taxonomy(write(tmp_path, GOOD.replace("Jours de", "Les jours de"))).digest == digest
    assert load_taxonomy(write(tmp_path, GOOD.replace("When the", "Where the"))).digest != digest
    assert load_taxonomy(write(tmp_path, GOOD.replace("collecte:", "ramassage:"))).digest != digest


def test_an_intent_written_twice_is_refused_with_its_line(tmp_path):
    twice = GOOD + "  collecte:\n    theme: dechets\n"
    line = len(GOOD.splitlines()) + 1
    message = message_of(tmp_path, twice)
    assert f"line {line}: 'collecte' is written twice" in message
    assert "remove or rename one" in message


def test_a_field_written_twice_within_an_intent_is_refused_too(tmp_path):
    assert "'title' is written twice" in message_of(
        tmp_path, GOOD.replace("    scope: v2\n", "    scope: v2\n    title: Autre\n")
    )


def test_a_missing_definition_names_the_intent_and_the_key(tmp_path):
    message = message_of(
        tmp_path, GOOD.replace("    definition: When the bins are collected\n", "")
    )
    assert "intents › collecte › definition: missing; write it" in message


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("neighbours: [hors]", "neighbours: [meteo]", "collecte › neighbours: 'meteo' is not an"),
        ("neighbours: [hors]", "neighbours: [collecte]", "not its own neighbour"),
        ("theme: dechets", "theme: eau", "collecte › theme: 'eau' unknown; one of dechets, dial"),
        ("slots: [date]", "slots: [lieu]", "collecte › slots: 'lieu' is not described"),
        ("out_of_scope: hors", "out_of_scope: ailleurs", "out_of_scope: 'ailleurs' is not an"),
        ("nature: information", "nature: question", "collecte › nature: must be one of informat"),
        ("scope: v1", "scope: v3", "collecte › scope"),
        ("scope: v1", "scope: v1\n    couleur: bleu", "collecte › couleur"),
        ("When the bins are collected", "bins", "collecte › definition"),
        ("examples: [la météo]", "examples: []", "hors › examples"),
        ('version: "1"\n', "", "version: missing"),
    ],
)
def test_a_wrong_entry_is_named_with_what_is_accepted(tmp_path, old, new, expected):
    assert old in GOOD
    assert expected in message_of(tmp_path, GOOD.replace(old, new))


def test_every_problem_of_the_references_is_told_at_once(tmp_path):
    broken = GOOD.replace("[date]", "[lieu]").replace("[hors]", "[meteo]")
    message = message_of(tmp_path, broken)
    assert "'lieu'" in message
    assert "'meteo'" in message


def test_a_missing_file_says_what_is_expected(tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.yaml: no such file.*intents\.yaml"):
        load_taxonomy(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize("text", ["intents: [", "a: \0", ""])
def test_a_file_that_is_no_taxonomy_is_an_input_error(tmp_path, text):
    message_of(tmp_path, text)


def test_a_file_that_is_not_utf8_is_an_input_error(tmp_path):
    path = tmp_path / "intents.yaml"
    path.write_bytes(GOOD.encode("cp1252"))
    with pytest.raises(InputError, match="UTF-8"):
        load_taxonomy(path)


def test_a_folder_in_place_of_the_file_is_an_input_error(tmp_path):
    with pytest.raises(InputError):
        load_taxonomy(tmp_path)
