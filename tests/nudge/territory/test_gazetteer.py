import pytest

from nudge.territory.gazetteer import find_commune, plain


def codes(territory, text: str) -> list[str]:
    return [one.code_insee for one in find_commune(territory, text)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Deauville", "14220"),
        ("DEAUVILLE", "14220"),
        ("dauville", "14220"),
        ("deauvile", "14220"),
        ("Trouville/Mer", "14715"),
        ("trouville s/mer", "14715"),
        ("trouvile sur mer", "14715"),
        ("tourgeville", "14701"),
        ("Tourgevile", "14701"),
        ("Bénerville", "14059"),
        ("benerville sur mer", "14059"),
        ("villers-sur-mer", "14754"),
        ("villerssurmer", "14754"),
        ("Villerville", "14755"),
        ("villervile", "14755"),
        ("st gatien", "14578"),
        ("Saint Gatien des bois", "14578"),
        ("St. Pierre-Azif", "14645"),
        ("j'habite à Saint-Arnoult depuis trois ans", "14557"),
        ("bonjour, je suis à tourgevile", "14701"),
        ("14754", "14754"),
    ],
)
def test_a_name_however_written_gives_its_commune(territory, text, code):
    found = find_commune(territory, text)
    assert [one.code_insee for one in found] == [code]
    assert not found[0].ambiguous


def test_every_official_name_is_found(territory):
    for commune in territory.communes.itertuples():
        assert codes(territory, commune.nom) == [commune.code_insee]


def test_a_postcode_is_not_a_commune(territory):
    found = find_commune(territory, "14800")
    assert {one.code_insee for one in found} == {"14220", "14557", "14699", "14701", "14731"}
    assert all(one.ambiguous for one in found)
    assert set(codes(territory, "14910")) == {"14059", "14079"}


def test_a_postcode_shared_outside_the_territory_is_ambiguous(territory):
    (only,) = find_commune(territory, "14130")
    assert only.ambiguous
    assert "hors du territoire" in only.remark
    (alone,) = find_commune(territory, "14360")
    assert not alone.ambiguous


def test_villers_may_be_villerville(territory):
    found = find_commune(territory, "villers")
    assert {one.code_insee for one in found} == {"14754", "14755"}
    assert all(one.ambiguous for one in found)


def test_touques_is_also_a_river(territory):
    (found,) = find_commune(territory, "la Touques")
    assert found.code_insee == "14699"
    assert found.ambiguous
    assert "fleuve" in found.remark


@pytest.mark.parametrize(
    ("text", "code"), [("14640 villers", "14754"), ("Touques (14800)", "14699")]
)
def test_name_and_postcode_together_settle_it(territory, text, code):
    (found,) = find_commune(territory, text)
    assert found.code_insee == code
    assert not found.ambiguous


def test_name_and_postcode_that_disagree_are_ambiguous(territory):
    (found,) = find_commune(territory, "14360 Deauville")
    assert found.code_insee == "14220"
    assert found.ambiguous


@pytest.mark.parametrize(
    "text",
    ["", "?", "Honfleur", "Villers-Bocage", "Bonneville-sur-Touques", "75001", "dans les villes",
     "quand passe le camion"],
)  # fmt: skip
def test_elsewhere_and_nowhere_give_nothing(territory, text):
    assert find_commune(territory, text) == []


def test_two_communes_in_a_sentence(territory):
    found = find_commune(territory, "de Deauville à Trouville")
    assert {one.code_insee for one in found} == {"14220", "14715"}


def test_a_typo_scores_below_the_name(territory):
    assert find_commune(territory, "blonville")[0].score == 1
    assert 0.85 <= find_commune(territory, "blonvile")[0].score < 1


def test_plain_text():
    assert plain("St-Arnoult, l'Œuvre n°2 s/Mer") == "saint arnoult l oeuvre n 2 sur mer"
