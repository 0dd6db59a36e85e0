import pytest

from nudge.levers.reading_level import reading_level
from nudge.levers.syllables import syllable_count

# Counted by hand.
COUNTS = {
    1: "donnent eau bac tri trient verre rue rues bien moins oui nuit août feuille longue guide "
    "quand œuf cœur vieille viande vous est les aime aiment plus yeux donne lieu soin l'eau qu'il",
    2: "trier triez poubelle bouteille papier carton plastique collecte commune quartier voisin "
    "merci cuisine accueil soleil idée lycée pays foyer moyen crayon client clients souvent "
    "moment vraiment consomment maïs Noël poème créer mangeons messages jouer semaine "
    "Deauville tuyau système jusqu'au alcool",
    3: "emballage emballages réaction océan essayer nettoyer février ouvrier qualité assistant "
    "recevoir habitants paysage Villerville aujourd'hui rendez-vous oubliez",
    4: "information situation consommation communauté déchèterie automatique",
    7: "intercommunalité",
}


@pytest.mark.parametrize(
    ("word", "syllables"),
    [(word, number) for number, words in COUNTS.items() for word in words.split()],
)
def test_syllables_of_known_words(word, syllables):
    assert syllable_count(word) == syllables


def test_numbers_count_a_syllable_a_digit_and_nothing_counts_less_than_one():
    assert syllable_count("72") == 2
    assert syllable_count("pst") == 1


def test_the_formula_is_kandel_and_moles():
    level = reading_level("Le chat boit du lait. Il dort sur le lit.")
    assert (level.words, level.sentences, level.syllables) == (10, 2, 10)
    assert level.score == pytest.approx(207 - 1.015 * 5 - 73.6)
    assert level.easy
    assert level.advice == ()


def test_administrative_prose_is_flagged_with_what_to_change():
    text = (
        "Conformément aux dispositions réglementaires de l'intercommunalité, les administrés sont "
        "invités à procéder à l'acheminement systématique des matériaux valorisables préalablement "
        "à la réalisation hebdomadaire des opérations de collecte."
    )
    level = reading_level(text)
    assert not level.easy
    assert level.score < 40
    assert len(level.long_sentences) == 1
    assert "intercommunalité" in " ".join(level.long_words)
    advice = " ".join(level.advice)
    assert "sous le seuil de 60" in advice
    assert "à couper en deux" in advice
    assert "Mots longs" in advice


def test_short_words_read_easier_than_long_ones_and_short_sentences_than_long_ones():
    easy = reading_level("Triez bien vos bacs. Merci à vous.")
    longer_words = reading_level("Triez convenablement vos contenants. Remerciements anticipés.")
    one_sentence = reading_level("Triez bien vos bacs et merci à vous.")
    assert easy.score > longer_words.score
    assert easy.score > one_sentence.score


def test_lines_end_sentences_and_addresses_are_not_words():
    assert reading_level("Bonjour\nMerci à vous\n").sentences == 2
    with_address = reading_level("Écrivez à contact@exemple.fr ou voyez www.exemple.fr.")
    assert with_address.words == 4
    assert reading_level("").score == 207
