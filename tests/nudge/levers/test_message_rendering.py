import re

import pytest

from nudge.errors import CampaignError
from nudge.levers.catalogue import lever_of, levers
from nudge.levers.lever import MessageTemplate
from nudge.levers.message import render_message
from nudge.levers.norm_figure import norm_figure

MESSAGES = [
    (lever.identifier, message) for lever in levers().values() for message in lever.messages
]


def examples(template, framing):
    return framing | {one.name: one.example for one in template.variables if not one.norm_figure}


def own_text(body, **settings):
    return MessageTemplate(
        identifier="propre", channel="carte_porte", subject="Votre tri", body=body, **settings
    )


@pytest.mark.parametrize(
    ("lever", "template"), MESSAGES, ids=lambda one: getattr(one, "identifier", one)
)
def test_every_message_renders_easily_read_and_framed(lever, template, framing, share, mean, own):
    message = render_message(
        template,
        norm=mean if lever == "rapport_eau" else share,
        reference=share,
        own=own,
        variables=examples(template, framing),
    )
    assert message.reading.score >= 60
    assert message.reading.advice == ()
    assert framing["expediteur"] in message.text
    assert message.text.endswith(
        f"Pour ne plus recevoir ces messages\u00a0: {framing['desinscription']}"
    )
    assert "{{" not in message.text + message.subject
    assert not re.search(r" [;:!?%»]", message.text + message.subject)
    if any(one.norm_figure for one in template.variables):
        assert "du 3 au 28\u00a0juin 2027" in message.text or "30\u00a0juin 2027" in message.text
        assert re.search(
            r"calculé sur \d+\u00a0(?:bacs sortis|logements comparables)", message.text
        )
    if template.channel == "chat":
        assert message.text.startswith("Je suis Sophie, un assistant automatique.")


def test_the_figure_shown_is_the_computed_one(framing, share, checks):
    template = lever_of("comparaison_sociale").message("carte_rue")
    text = render_message(template, norm=share, variables=examples(template, framing)).text
    assert "70\u00a0% des bacs de tri sortis" in text
    assert "calculé sur 40\u00a0bacs sortis de 20\u00a0logements" in text
    other = norm_figure(checks(green=0.9), scope="rue")
    text = render_message(template, norm=other, variables=examples(template, framing)).text
    assert "90\u00a0% des bacs de tri sortis" in text


def test_a_percentage_typed_in_a_variable_is_refused(framing):
    template = own_text("Un geste : {{ consigne }}")
    with pytest.raises(CampaignError, match="variable consigne : chiffre de norme tapé"):
        render_message(
            template, norm=None, variables=framing | {"consigne": "80 % de la rue le fait."}
        )


def test_a_claim_split_between_text_and_variable_is_refused(framing):
    template = own_text("Dans votre rue, {{ valeur }} sur 10 trient.")
    with pytest.raises(CampaignError, match="chiffre de norme tapé à la main : « 9 sur 10 »"):
        render_message(template, norm=None, variables=framing | {"valeur": "9"})


def test_a_claim_typed_in_the_scope_of_a_figure_is_refused(framing, checks):
    figure = norm_figure(checks(), scope="la rue, où 95 % trient")
    with pytest.raises(CampaignError, match="périmètre du chiffre : chiffre de norme tapé"):
        render_message(own_text("Ici : {{ norme.part }}."), norm=figure, variables=framing)


def test_a_value_with_braces_is_shown_and_not_run(framing):
    template = own_text("Un geste : {{ consigne }}")
    message = render_message(
        template, norm=None, variables=framing | {"consigne": "{{ norme.part }}"}
    )
    assert "{{ norme.part }}" in message.text


def test_missing_unknown_and_identifying_values_are_told_at_once(framing):
    template = own_text("{{ consigne }}")
    values = {"expediteur": "Mairie", "nom": "Martin", "autre": "x", "consigne": " "}
    with pytest.raises(CampaignError) as caught:
        render_message(template, norm=None, variables=values)
    columns = {problem.column for problem in caught.value.problems}
    assert columns == {"consigne", "desinscription", "nom", "autre"}


def test_a_figure_must_be_there_and_of_the_right_kind(framing, mean):
    template = own_text("Dans votre rue : {{ norme.part }}.")
    with pytest.raises(CampaignError, match=r"« norme.part » : ce message affiche un chiffre"):
        render_message(template, norm=None, variables=framing)
    with pytest.raises(CampaignError, match=r"écrivez \{\{ norme.moyenne \}\}"):
        render_message(template, norm=mean, variables=framing)


def test_a_low_share_is_not_held_up_as_the_norm(framing, checks):
    template = lever_of("comparaison_sociale").message("carte_rue")
    low = norm_figure(checks(green=0.4), scope="rue")
    with pytest.raises(CampaignError, match=r"inférieure à 50\u00a0%.*levier « rappel »"):
        render_message(template, norm=low, variables=examples(template, framing))


def test_sophie_says_that_she_is_automatic_once(framing):
    sender = {"expediteur": "Sophie, l'assistante de la Communauté de communes"}
    template = own_text("Bonjour.\nMerci pour votre tri.")
    text = render_message(template, norm=None, variables=framing | sender).text
    assert text.startswith("Je suis Sophie, un assistant automatique.")
    told = own_text("Ici Sophie, assistante automatique. Merci pour votre tri.")
    text = render_message(told, norm=None, variables=framing | sender).text
    assert text.count("automatique") == 1
    plain = render_message(template, norm=None, variables=framing).text
    assert "Sophie" not in plain


def test_a_simulated_figure_marks_the_message(framing, checks):
    figure = norm_figure(checks(), scope="rue", simulated=True)
    text = render_message(own_text("Ici : {{ norme.part }}."), norm=figure, variables=framing).text
    assert text.startswith("SIMULATION")


def test_a_postal_address_may_stand_in_the_way_to_opt_out_only(framing):
    way = framing | {"desinscription": "écrivez au 12 rue de la Mairie."}
    text = render_message(own_text("Merci."), norm=None, variables=way).text
    assert "12 rue de la Mairie" in text
    with pytest.raises(CampaignError, match="désigne un foyer"):
        render_message(own_text("Merci au 12 rue de la Mairie."), norm=None, variables=framing)
    with pytest.raises(CampaignError, match="récompense"):
        render_message(
            own_text("Merci."), norm=None, variables=framing | {"expediteur": "Un cadeau"}
        )
