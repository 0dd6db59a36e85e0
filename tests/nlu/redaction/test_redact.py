import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.redaction.redact import redact
from nlu.redaction.vocabulary import build_vocabulary

VOCABULARY = build_vocabulary(
    ["Deauville", "Saint-Pierre-Azif", "Villers-sur-Mer"],
    ordinary=frozenset(
        ["je", "suis", "bonjour", "pour", "la", "benne", "le", "bac", "jaune", "merci"]
    ),
)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Je suis Mme Dupont.", "Je suis Mme [NOM]."),
        ("je m'appelle jean dupont et j'attends", "je m'appelle [NOM] et j'attends"),
        ("c'est madame le goff à l'appareil", "c'est madame [NOM] à l'appareil"),
        ("Merci.\nCordialement,\nJ. Lefèvre", "Merci.\nCordialement,\n[NOM]"),
        ("Mon mari Ewen passera", "Mon mari [NOM] passera"),
        ("ça s'écrit d u p o n t", "ça s'écrit [NOM]"),
        ("au 06 12 34 56 78 svp", "au [TELEPHONE] svp"),
        ("+33 (0)6.12.34.56.78", "[TELEPHONE]"),
        ("0612345678", "[TELEPHONE]"),
        ("zéro six douze trente-quatre cinquante-six soixante-dix-huit", "[TELEPHONE]"),
        ("0 6 1 2 3 4 5 6 7 8", "[TELEPHONE]"),
        ("écrivez à a.b@free.fr.", "écrivez à [COURRIEL]."),
        ("mon mail c'est jean point dupont arobase orange point fr", "mon mail c'est [COURRIEL]"),
        ("iban FR76 3000 6000 0112 3456 7890 189", "iban [IBAN]"),
        ("fr7630006000011234567890189", "[IBAN]"),
        ("carte 4970 1012 3456 7890", "carte [CARTE]"),
        ("voiture ab 123 cd", "voiture [PLAQUE]"),
        ("AB-123-CD", "[PLAQUE]"),
        ("ma 4L 1234 AB 14", "ma 4L [PLAQUE]"),
        ("j'habite 12 bis rue des Bains à Deauville", "j'habite [ADRESSE] à Deauville"),
        ("douze rue des bains", "[ADRESSE]"),
        ("né le 3 mars 1950", "né le [NAISSANCE]"),
        ("née le 03/03/50", "née le [NAISSANCE]"),
        ("secu 2 50 03 14 118 042 37", "secu [NIR]"),
    ],
)
def test_personal_data_is_replaced_and_the_rest_stays(text, kept):
    assert redact(text).text == kept


@pytest.mark.parametrize(
    "text",
    [
        "Mon bac n° 1234567 de 240 litres est cassé",
        "dossier R-1042 du 12/03/2025 à 8h30",
        "le bac jaune de Saint-Pierre-Azif le 14 juillet",
        "14800 Deauville, rue Victor Hugo, avenue du Général de Gaulle",
        "2 m3 et 12 sacs pour 1 200,50 euros",
        "Bonjour madame, bonjour monsieur le maire",
        "la salle Jean Moulin est ouverte",
        "cerfa n° 13404*07, norme EN 840, pneus 205/55 R16",
        "du 01/04/2025 12h au 31.10.2025 18h",
        "je suis locataire à Villers-sur-Mer",
        "Cordialement, un habitant",
        "compteur 123456789 relevé 241 m3",
    ],
)
def test_what_the_service_needs_is_never_taken(text):
    assert redact(text).text == text
    assert redact(text, vocabulary=VOCABULARY).text == text


def test_with_a_vocabulary_an_unknown_capital_is_a_name_and_a_place_is_not():
    text = "La plage plaît à Tarquinia comme à Deauville."
    assert redact(text).text == text
    assert redact(text, vocabulary=VOCABULARY).text == "La plage plaît à [NOM] comme à Deauville."


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("c'est évariste boitard de touques", "c'est [NOM] de touques"),
        ("slt c gwendolen pr mon bac", "slt c [NOM] pr mon bac"),
        ("M. et Mme Van der Meulen attendent", "M. et Mme [NOM] attendent"),
        ("madame n'dour n'est pas là", "madame [NOM] n'est pas là"),
        ("Mon gendre, Evariste, viendra", "Mon gendre, [NOM], viendra"),
        ("Mes enfants Evariste et Gwendolen viennent", "Mes enfants [NOM] et [NOM] viennent"),
        ("Nom : Boitard\nPrénom : Evariste", "Nom : [NOM]\nPrénom : [NOM]"),
        ("NOM BOITARD PRENOM EVARISTE OBJET bac", "NOM [NOM] PRENOM [NOM] OBJET bac"),
        ("Demandeur : Evariste Boitard\nMotif : bac", "Demandeur : [NOM]\nMotif : bac"),
        ("De : E. Boitard <e.boitard@exemple.fr>", "De : [NOM] <[COURRIEL]>"),
        ("Evariste Boitard, 06 39 98 12 34", "[NOM], [TELEPHONE]"),
        ("Le bac fuit.\nLa présidente, Evariste Boitard", "Le bac fuit.\nLa présidente, [NOM]"),
        ("Le bac fuit.\nEvariste Boitard\nEnvoyé de mon iPhone",
         "Le bac fuit.\n[NOM]\nEnvoyé de mon iPhone"),
        ("votre agent, un certain boulanger, refuse", "votre agent, un certain [NOM], refuse"),
        ("au nom de euh boitard", "au nom de euh [NOM]"),
        ("JE SUIS EVARISTE BOITARD ET J'ATTENDS", "JE SUIS [NOM] ET J'ATTENDS"),
    ],
)  # fmt: skip
def test_after_a_cue_an_unheard_name_goes_whole(text, kept):
    assert redact(text).text == kept


@pytest.mark.parametrize(
    "text",
    [
        "Demandeur : le syndic\nMotif : local inondé",
        "Titulaire : la SCI des Dunes",
        "De la part de la mairie de Touques",
        "un certain nombre de bacs, un certain temps",
        "comment s'appelle le centre de tri",
        "mon voisin met tout dans le jaune",
        "bonjour c'est possible d'avoir un bac",
        "Bonjour Sophie, merci Deauville !",
        "Le nom de la rue est effacé",
        "je suis plombier à touques",
        "ramassez moi ça 12 m3",
    ],
)
def test_a_cue_without_a_name_takes_nothing(text):
    assert redact(text).text == text


def test_what_the_caller_needs_is_kept():
    text = "Mon dossier 06 12 34 56 78 au 06 99 99 99 99"
    assert redact(text, protected=[(12, 26)]).text == "Mon dossier 06 12 34 56 78 au [TELEPHONE]"


def test_spans_are_those_of_the_original():
    text = "Mme Dupont, e\u0301crivez : a@b.fr, te\u0301l. 06 12 34 56 78"
    found = redact(text).spans
    assert [(one.kind, text[one.start : one.end]) for one in found] == [
        ("NOM", "Dupont"),
        ("COURRIEL", "a@b.fr"),
        ("TELEPHONE", "06 12 34 56 78"),
    ]


PIECES = st.sampled_from(
    ["Mme Dupont", "06 12 34 56 78", "a@b.fr", "[NOM]", "[TELEPHONE", "rue des Bains", "12",
     "né le", "3/3/50", "zéro six", "quatre-vingt", "Cordialement,\n", "jean", "Jean", "d u p o n",
     "FR76", "AB-123-CD", "\x00", "\ud83d", "\u200b", "█", "M.", "nom :", "LE", "'", "arobase"]
)  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(text=st.lists(PIECES | st.text(max_size=6), max_size=10).map(" ".join))
def test_redacting_again_changes_nothing_and_spans_are_in_order(text):
    once = redact(text, vocabulary=VOCABULARY)
    assert redact(once.text, vocabulary=VOCABULARY).text == once.text
    assert all(0 <= one.start < one.end <= len(text) for one in once.spans)
    assert all(one.end <= two.start for one, two in zip(once.spans, once.spans[1:], strict=False))
    place, rebuilt = 0, ""
    for one in once.spans:
        rebuilt += text[place : one.start] + f"[{one.kind}]"
        place = one.end
    assert rebuilt + text[place:] == once.text


def test_the_end_of_a_huge_text_is_dropped_and_not_kept_unread():
    found = redact("a " * 5_000_000 + "06 12 34 56 78")
    assert found.truncated
    assert len(found.text) <= 20_000
    assert not redact("court").truncated


def test_twice_the_text_takes_about_twice_the_time():
    for piece in (
        "mme ",
        "Jean Dupont ",
        "06 ",
        "a@a.",
        "zero ",
        "A. ",
        "1 ",
        "b ",
        "fr76 a ",
        "nom : ",
        "le nom a ",
        "abcdefg hij 0612345678 ",
        "c'est ",
        "\n-- ",
        "de la ",
    ):
        times = []
        for length in (4000, 16000):
            text = piece * (length // len(piece))
            started = time.perf_counter()
            redact(text, vocabulary=VOCABULARY)
            times.append(time.perf_counter() - started)
        assert times[1] < 12 * times[0] + 0.2, piece


@pytest.mark.parametrize("text", ["Aa " * 400, "Zed Xab " * 300 + "06 12 34 56 78"])
def test_a_long_chain_of_names_is_neither_cut_nor_left(text):
    redacted = redact(f"Bonjour, {text}").text
    assert not {"Aa", "Zed", "Xab"} & set(redacted.split())
    assert redact(redacted).text == redacted
