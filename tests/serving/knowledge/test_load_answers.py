import shutil
from pathlib import Path

import pytest

from nudge.errors import CampaignError
from serving.knowledge.load import REPOSITORY_FOLDER, load_answers

ENTRY = """
- intent: {intent}
  identifier: {identifier}
  text: {text}
  source: essai
  valid_from: 2026-11-01
  {more}
"""


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(REPOSITORY_FOLDER, tmp_path / "knowledge"))


def broken(folder, **changed):
    fields = {"intent": "bavardage", "identifier": "essai", "text": '"Bonjour."', "more": ""}
    path = folder / "answers.yaml"
    text = path.read_text("utf-8")
    # The entry starts on the line after the blank one that ENTRY opens with.
    line = text.count("\n") + 2
    path.write_text(text + ENTRY.format(**(fields | changed)), encoding="utf-8")
    with pytest.raises(CampaignError) as raised:
        load_answers(folder)
    assert f"answers.yaml, ligne {line}" in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"intent": "inconnue"}, "intents.yaml"),
        ({"identifier": "contact"}, "déjà plus haut"),
        ({"identifier": "Mal Formé"}, "identifiant mal formé"),
        ({"text": '"Le bac coûte 12,50 € par an."'}, "sans adresse de source"),
        ({"text": '"Le tri progresse de 12 %."'}, "sans adresse de source"),
        ({"text": '"Bonjour {{ objet."'}, "accolades"),
        ({"text": '"<b>Bonjour</b>"'}, "balisage"),
        ({"text": '"Voyez https://exemple.fr"'}, "balisage"),
        ({"text": '"Bravo 👍"'}, "pictogramme"),
        ({"more": "valid_to: 2026-10-01"}, "avant « valid_from »"),
        ({"more": "valid_to: bientôt"}, "AAAA-MM-JJ"),
        ({"more": "quick_replies: [inconnue]"}, "quick_replies"),
        ({"more": "couleur: rouge"}, "champ inconnu"),
        ({"more": "communes: [Deauville]"}, "communes"),
    ],
)
def test_a_faulty_answer_is_told_with_its_line_and_mend(folder, changed, told):
    assert told in broken(folder, **changed)


def test_a_price_with_the_address_of_its_source_is_accepted(folder):
    path = folder / "answers.yaml"
    entry = ENTRY.format(
        intent="bavardage", identifier="essai", text='"Le bac coûte 12,50 €."',
        more="source_url: https://exemple.fr/tarifs",
    )  # fmt: skip
    path.write_text(path.read_text("utf-8") + entry, encoding="utf-8")
    assert load_answers(folder)


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("contacts.yaml", "key: gaz", "key: autre", "le contact « gaz » manque"),
        ("contacts.yaml", "note: numéro publié en 2017, à confirmer", 'note: ""', "note"),
        ("lexicons.yaml", "anger:", "colere:", "lexicons.yaml"),
        ("messages.yaml", "key: clarify", "key: disclosure", "déjà plus haut"),
        ("answers.yaml", "answers:\n", "reponses:\n", "la liste manque"),
        ("answers.yaml", "answers:\n", "answers: [\n", "YAML illisible"),
    ],
)
def test_a_fault_in_another_file_is_told(folder, name, old, new, told):
    path = folder / name
    path.write_text(path.read_text("utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CampaignError) as raised:
        load_answers(folder)
    assert told in str(raised.value)


def test_a_missing_folder_is_told(tmp_path):
    with pytest.raises(CampaignError, match="fichier illisible"):
        load_answers(tmp_path)
