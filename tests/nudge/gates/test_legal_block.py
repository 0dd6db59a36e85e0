import pytest

from nudge.gates.legal_block import check


@pytest.mark.parametrize(
    ("field", "empty"),
    [
        ("base_legale", None),
        ("finalite", ""),
        ("responsable", " "),
        ("categories_de_donnees", []),
        ("conservation_mois", None),
        ("notice", ""),
        ("canal_opposition", ""),
        ("aipd", ""),
    ],
)
def test_each_field_of_the_register_is_needed(context_of, field, empty, campaign_of):
    result = check(context_of(campaign_of(**{f"juridique__{field}": empty})))
    assert [problem.column for problem in result.reasons] == [f"juridique, {field}"]


def test_an_addressed_message_rests_on_consent_alone(context_of, campaign_of):
    campaign = campaign_of("eau", juridique__base_legale="mission_interet_public")
    assert "le consentement" in check(context_of(campaign)).reasons[0].what


def test_checks_by_dwelling_are_personal_data(context_of, campaign_of):
    campaign = campaign_of(juridique__base_legale="sans_donnee_personnelle")
    assert "données personnelles" in check(context_of(campaign)).reasons[0].what


def test_a_site_without_personal_data_needs_less(context_of, campaign_of):
    assert check(context_of(campaign_of("cendrier"))).passed
