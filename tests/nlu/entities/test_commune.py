import pytest


@pytest.mark.parametrize(
    ("text", "named", "code"),
    [
        ("je suis à Deauville", "Deauville", "1"),
        ("JE SUIS A DEAUVILLE", "DEAUVILLE", "1"),
        ("c kan le bac jaune a deauvil", "deauvil", "1"),
        ("à Trouville sur Mer demain", "Trouville sur Mer", "6"),
        ("trouvile", "trouvile", "6"),
        ("Trouville s/mer", "Trouville s/mer", "6"),
        ("à St-Gatien", "St-Gatien", "5"),
        ("déchèterie de Touques", "Touques", "4"),
    ],
)
def test_a_commune_is_found_as_it_is_written(values, text, named, code):
    assert values("commune", text) == [(named, code)]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("camion à villers ?", {"Villers-sur-Mer", "Villerville"}),
        ("14800 quel jour", {"Deauville", "Touques"}),
        ("la Touques déborde", {"Touques"}),
    ],
)
def test_what_does_not_settle_the_commune_gives_the_choices(extract, text, labels):
    (found,) = [one for one in extract(text) if one.name == "commune"]
    assert found.value == ""
    assert {one.label for one in found.candidates} == labels


def test_a_name_settles_its_postcode(values):
    assert values("commune", "14800 Touques") == [("14800", "4"), ("Touques", "4")]


def test_a_place_outside_is_another_slot(values):
    assert values("commune_hors_territoire", "collecte à Honfleur") == [
        ("Honfleur", "hors_territoire")
    ]
    assert values("commune", "collecte à Villers-Bocage") == []


@pytest.mark.parametrize("text", ["deux villes voisines", "j'ai trouvé un sac", "la ville"])
def test_an_ordinary_word_is_no_misspelt_commune(values, text):
    assert values("commune", text) == []
