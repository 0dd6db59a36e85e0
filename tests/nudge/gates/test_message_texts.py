import pytest

from nudge.campaign.tidier import Tidier
from nudge.gates.message_texts import check
from nudge.levers.catalogue import levers

OWN_TEXT = {"groupes__1__message__modele": None, "groupes__1__message__chiffre_de": None,
            "groupes__1__message__variables": None}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Triez mieux, sinon une amende.", "amende"),
        ("Les bacs refusés ne seront pas collectés.", "sanction"),
        ("Un cadeau pour les meilleurs.", "récompense"),
        ("Ne soyez pas un mauvais voisin.", "juge"),
        ("80 % de vos voisins trient bien.", "chiffre de norme tapé"),
        ("Bravo au 12 rue des Bains.", "désigne un foyer"),
    ],
)
def test_a_text_that_is_no_nudge_is_refused(context_of, text, told, campaign_of):
    result = check(context_of(campaign_of(**OWN_TEXT, groupes__1__message__texte=text)))
    assert any(told in problem.what for problem in result.reasons)


def test_a_plain_text_passes(context_of, campaign_of):
    text = "Merci de déposer vos emballages en vrac."
    assert check(context_of(campaign_of(**OWN_TEXT, groupes__1__message__texte=text))).passed


def test_variables_are_read_like_the_text(context_of, campaign_of):
    campaign = campaign_of(groupes__1__message__variables={"consigne": "Sinon, une amende."})
    assert "amende" in check(context_of(campaign)).reasons[0].what


def test_missing_and_superfluous_variables_are_named(context_of, campaign_of):
    campaign = campaign_of(groupes__1__message__variables={"conseil": "En vrac."})
    told = [problem.what for problem in check(context_of(campaign)).reasons]
    assert told == ["le message attend « consigne »", "le message n'emploie pas « conseil »"]


def test_descriptions_are_read_too_but_may_rule_things_out(context_of, campaign_of):
    fined = campaign_of(groupes__1__tidier__deroulement="Un agent dresse une amende.")
    assert "tidier, deroulement" in check(context_of(fined)).reasons[0].column
    free = campaign_of(groupes__1__tidier__deroulement="Dépôt d'une carte, sans amende.")
    assert check(context_of(free)).passed


def test_unknown_levers_templates_and_channels_are_refused(context_of, campaign_of):
    for path, value, told in (
        ("levier", "amende", "n'existe pas"),
        ("canal", "sms", "ne convient pas"),
        ("message__modele", "carte_or", "n'a pas de modèle"),
    ):
        result = check(context_of(campaign_of(**{f"groupes__1__{path}": value})))
        assert told in result.reasons[0].what


def test_a_lever_that_speaks_to_persons_needs_an_addressed_arm(context_of, campaign_of):
    campaign = campaign_of("eau", groupes__1__adresse_individuellement=False)
    assert "logements désignés" in check(context_of(campaign)).reasons[0].what


def test_deliveries_may_be_described_and_discounts_may_not(context_of, campaign_of):
    given = campaign_of(groupes__1__tidier__fidelite_prevue="Chaque remise est notée.")
    assert check(context_of(given)).passed
    cheaper = campaign_of(groupes__1__tidier__deroulement="Une remise de 5 euros est accordée.")
    assert not check(context_of(cheaper)).passed


@pytest.mark.parametrize("lever", sorted(levers()))
def test_what_levers_propose_as_a_description_passes(context_of, campaign_of, lever):
    known = levers()[lever].tidier
    items = {name: getattr(known, name) for name in Tidier.model_fields}
    campaign = campaign_of(groupes__1__tidier=items)
    assert check(context_of(campaign)).passed
