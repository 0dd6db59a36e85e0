import pytest

from nudge.levers.message_text import check_message_text
from nudge.levers.norm_claims import typed_norm_claims


@pytest.mark.parametrize(
    "text",
    [
        "80 % de vos voisins trient bien.",
        "80% de vos voisins trient bien.",
        "80\u00a0% trient", "80\u202f％ trient", "8\u200b0 ％ trient", "٨٠ ٪ trient",
        "Quatre-vingts pour cent trient.",
        "80 pourcent de la rue trie.", "80 pct des foyers",
        "9 foyers sur 10 trient bien.", "Neuf sur dix trient bien.", "Neuf s\u200bur dix",
        "Un bac sur deux est bien trié.", "Neuf fois sur dix, le bac est bon.",
        "Trois quarts des bacs sont bien triés.", "Les trois quarts de la rue trie.",
        "Deux tiers des foyers participent.", "La moitié des foyers trie.",
        "Un tiers des bacs", "½ des foyers ; ¾ des bacs", "9/10 trient", "9⁄10 trient",
        "LA PLUPART DE VOS VOISINS trient bien.", "La grande majorité des habitants trie.",
        "Presque tous vos voisins trient.", "Tous les foyers trient.",
        "Votre rue trie deux fois mieux.", "10 fois plus de tri",
    ],
)  # fmt: skip
def test_a_typed_norm_claim_is_refused_with_its_mend(text):
    problems = check_message_text(text)
    assert problems, text
    assert "chiffre de norme tapé à la main" in problems[0].what
    assert "{{ norme.part }}" in problems[0].mend


@pytest.mark.parametrize(
    "text",
    [
        "Dans votre rue, {{ norme.part }} des bacs sont bien triés.",
        "Collecte une semaine sur deux, 7 jours sur 7, 24 h sur 24, 24/24.",
        "Appelez le 02 31 00 00 00 avant le 12/06/2027.",
        "Rendez-vous le 3 juin à 14 h 30 pour deux heures.",
        "Posez la bouteille sur le bac et un sac sur un autre.",
        "La plupart des emballages se trient.",
        "Un quart d'heure suffit.",
        "Remise des résultats en juin ; la réduction des déchets compte.",
        "Au nom de la commune, merci aux 12 communes.",
        "Madame, Monsieur,\nMonsieur le Maire vous salue.",
        "Je suis Sophie, un assistant automatique. Bonjour !",
    ],
)
def test_plain_sentences_pass(text):
    assert check_message_text(text) == []


def test_a_figure_cannot_be_completed_by_hand():
    for text in ("9{{ norme.part }}", "{{ norme.part }}0", "{{ norme.part }} %"):
        assert check_message_text(text), text


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Vous risquez une amende.", "sanction"),
        ("Vous risquez une amen\u00adde.", "sanction"),
        ("Le tri est une OBLIGATION.", "sanction"),
        ("Attention aux pénalités et au refus de collecte.", "sanction"),
        ("Votre bac ne sera pas collecté.", "sanction"),
        ("Une contravention est possible.", "sanction"),
        ("Vous devez trier.", "sanction"),
        ("Un bon d'achat vous attend.", "récompense"),
        ("Un cadeau pour les meilleurs.", "récompense"),
        ("Une remise de 5 euros sur la facture", "récompense"),
        ("Un café offert !", "récompense"),
        ("Vous êtes de mauvais trieurs.", "honte"),
        ("Ces incivilités nous coûtent.", "honte"),
        ("Le 12 rue des Bains trie mal.", "désigne un foyer"),
        ("L'appartement 4 trie mal.", "désigne un foyer"),
        ("Mme Martin trie bien.", "désigne un foyer"),
        ("La famille Durand trie bien.", "désigne un foyer"),
        ("Bonjour {{ prenom }}", "désigne un foyer"),
        ("Au {{ Numero_Rue }}", "désigne un foyer"),
        ("Sophie vous souhaite une bonne journée.", "assistant automatique"),
        ("Merci\n\N{PARTY POPPER}", "pictogramme"),
        ("Bonjour {{ nom", "accolades"),
        ("{{ norme.part|replace('7', '9') }}", "valeurs nommées"),
        ("{% if norme %}oui{% endif %}", "valeurs nommées"),
        ("{{- Prénom -}}", "désigne un foyer"),
        ("{{ norme.part.real }}", "chiffre inconnu"),
        ("{% raw %}80{% endraw %} % trient", "tapé à la main"),
        ("{{ 7 * 11 }}", "valeurs nommées"),
        ("{{ norme.__class__ }}", "chiffre inconnu"),
        ("{{ norme }}", "chiffre inconnu"),
    ],
)
def test_what_a_nudge_never_says(text, what):
    problems = check_message_text(text, place="bras carte")
    assert any(what in problem.what for problem in problems), [str(one) for one in problems]
    assert all(problem.place == "bras carte" and problem.mend for problem in problems)


def test_all_problems_come_at_once():
    text = "80 % trient. Sinon amende. Un cadeau attend le 3 rue Verte."
    assert len(check_message_text(text)) == 4


def test_claims_are_shown_in_reading_order():
    assert typed_norm_claims("La moitié des bacs, puis 20 %") == ["la moitie des", "20 %"]
