import pytest


@pytest.mark.parametrize(
    ("slot", "text", "found"),
    [
        ("adresse", "au 14 bis rue de la Mer à Deauville", [("14 bis rue de la Mer", None)]),
        ("adresse", "jabite rue des bains a touques", [("rue des bains", None)]),
        ("adresse", "avenue du Général de Gaulle", [("avenue du Général de Gaulle", None)]),
        ("adresse", "quatorze rue victor hugo svp", [("quatorze rue victor hugo", None)]),
        ("adresse", "à la place du sac", []),
        ("adresse", "dans ma rue il pleut", []),
        ("numero_demande", "dossier n° R-1042", [("R-1042", "R-1042")]),
        ("numero_demande", "ma demande 4417 est close ?", [("4417", "4417")]),
        ("numero_demande", "demande de 3 bacs", []),
        ("numero_demande", "bac n° 55123", []),
        ("urgence", "c'est urgent !", [("c'est urgent", "urgent")]),
        ("urgence", "rien d'urgent", []),
        ("urgence", "des produits dangereux", []),
        ("user_category", "en maison de vacances", [("maison de vacances", "resident_secondaire")]),
        ("user_category", "je suis restorateur", [("restorateur", "professionnel")]),
        ("couleur_etiquette", "une étiquette rouge", [("rouge", "rouge")]),
        ("couleur_etiquette", "autocolant oranj", [("oranj", "orange")]),
        ("couleur_etiquette", "une voiture rouge", []),
        ("quantite", "j'ai deux mètres cubes", [("deux mètres cubes", "2 m3")]),
        ("quantite", "2m3 de terre", [("2m3", "2 m3")]),
        ("quantite", "cinq matelas", [("cinq", "5")]),
        ("volume", "un bac de 240 l", [("240 l", "240 l")]),
        ("volume", "deux cent quarante litres", [("deux cent quarante litres", "240 l")]),
        ("volume", "10 litres de peinture", []),
        ("montant", "1 200 euros", [("1 200 euros", "1200 EUR")]),
        ("flux", "le bac jaune", [("bac jaune", "emballages")]),
        ("flux", "le bac gris", [("bac gris", "")]),
        ("flux", "les biodechets", [("biodechets", "biodechets")]),
    ],
)  # fmt: skip
def test_a_slot_is_found_with_its_value(values, slot, text, found):
    got = values(slot, text)
    assert [text for text, _ in got] == [text for text, _ in found]
    assert [value for _, value in got if found[0][1] is not None] == [
        value for _, value in found if value is not None
    ]
