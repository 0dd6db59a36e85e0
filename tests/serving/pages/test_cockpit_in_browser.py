"""The cockpit as an official opens it."""

import pytest
from pydantic import TypeAdapter

from serving.cockpit.cockpit import Cockpit

KEY = "pouce_essai"


def breakdown(dimension, **cells):
    return {
        "dimension": dimension,
        "total": 404,
        "cells": [{"value": value.lstrip("_"), "n": n} for value, n in cells.items()],
        "hidden": sum(n is None for n in cells.values()),
    }


def share(n, of):
    return {"n": n, "of": of, "share": n / of, "low": 0.61, "high": 0.79}


def figures(only, *, told):
    """Figures as the service gives them; with ``told``, enough opinions to show their mean."""
    unknown = {"n": None, "of": 30, "share": None, "low": None, "high": None}
    answer = {
        "year": 2026,
        "only": only,
        "requests": 404,
        "volumes": [
            breakdown("month", **{"2026-01": 150, "2026-02": 254}),
            breakdown("channel", telephone=221, chatbot=178, courrier=5),
            breakdown("theme", tri_dechets=400, eau_assainissement=None, non_type=None),
            breakdown("nature", information=None, reclamation=None),
            breakdown("commune", _14220=300, petites_communes=104),
        ],
        "complaints": [] if only else [breakdown("channel", telephone=61)],
        "delays": {
            "counts": breakdown("delay", dans_le_delai=300, hors_delai=104),
            "within": share(300, 404),
            "target_hours": {"telephone": 1.0},
            "synthetic": True,
        },
        "satisfaction": {
            "response_rate": share(12, 120) if told else unknown,
            "mean": 4.25 if told else None,
            "low": 3.9 if told else None,
            "high": 4.6 if told else None,
            "opinions": 12 if told else None,
        },
        "coverage_v1": share(70, 100),
        "bot_share": share(178, 404),
        "containment": {
            "contained": share(80, 120) if told else None,
            "resolved": share(7, 10) if told else None,
            "response_rate": share(20, 80) if told else None,
        },
        "notes": ["Un effectif de 1 à 4 n'est pas montré."],
    }
    kind = TypeAdapter(Cockpit)
    return kind.dump_python(kind.validate_python(answer), mode="json")


def answering(*, told):
    def answer(query):
        theme = query.get("theme")
        return figures({"dimension": "theme", "value": theme} if theme else None, told=told)

    return answer


@pytest.fixture(autouse=True)
def many_opinions(site):
    site.script.figures = answering(told=True)


def open_cockpit(page, site, query=""):
    page.goto(f"{site.address}/cockpit{query}")
    page.get_by_label("Votre clé d’accès").fill(KEY)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="2026").wait_for()


def rows(page, title):
    table = page.get_by_role("region", name=title, exact=True).get_by_role("table")
    return [row.inner_text().split() for row in table.get_by_role("row").all()]


def test_key_goes_in_a_header_and_nowhere_else(page, site):
    addresses = []
    page.on("request", lambda one: addresses.append(one.url))
    open_cockpit(page, site)
    assert site.script.keys == [f"Bearer {KEY}"]
    assert not [one for one in addresses if KEY in one]
    assert KEY not in page.content()
    assert page.evaluate("document.getElementById('key').value") == ""
    page.reload()
    assert page.get_by_label("Votre clé d’accès").is_visible(), "a reload forgets the key"


def test_key_has_no_name_so_that_no_form_can_send_it(page, site):
    page.goto(f"{site.address}/cockpit")
    assert page.locator("#key").get_attribute("name") is None
    assert page.locator("#key").get_attribute("type") == "password"


def test_refused_key_is_told_and_asked_again(page, site):
    site.script.needs_key = "une autre"
    page.goto(f"{site.address}/cockpit")
    page.get_by_label("Votre clé d’accès").fill(KEY)
    page.keyboard.press("Enter")
    page.get_by_text("n’ouvre pas le tableau de bord").wait_for()
    assert page.get_by_label("Votre clé d’accès").is_visible()
    assert page.locator(".figure").count() == 0


def test_figures_stand_in_tables_that_name_their_values(page, site):
    open_cockpit(page, site)
    assert rows(page, "Demandes par mois")[1:] == [
        ["Janvier", "150", "37", "%"],
        ["Février", "254", "63", "%"],
    ]
    assert rows(page, "Demandes par commune")[1:] == [
        ["Deauville", "300", "74", "%"],
        ["Petites", "communes,", "regroupées", "104", "26", "%"],
    ]
    assert rows(page, "Réclamations par canal")[1][:2] == ["Téléphone", "61"]


def test_hidden_numbers_are_said_hidden(page, site):
    open_cockpit(page, site)
    themes = page.get_by_role("region", name="Demandes par thème")
    assert themes.get_by_text("masqué", exact=True).count() == 2
    assert themes.get_by_text("2 nombres sont masqués.").is_visible()
    natures = page.get_by_role("region", name="Demandes par nature")
    assert natures.get_by_text("Le détail est masqué en entier").is_visible()
    assert natures.get_by_role("table").count() == 0


def test_satisfaction_never_stands_without_its_response_rate(page, site):
    open_cockpit(page, site)
    said = page.locator(".facts").inner_text().replace("\u00a0", " ")
    assert "4,3 sur 5" in said
    assert "Taux de réponse : 10 % (12 sur 120 conversations)" in said
    assert "25 %" in said, "those who told whether it was settled"


def test_too_few_opinions_make_no_mean(page, site):
    site.script.figures = answering(told=False)
    open_cockpit(page, site)
    said = page.locator(".facts").inner_text()
    assert "Trop peu d’avis" in said
    assert "sur 5" not in said
    assert "Non montré" in said


def test_demonstration_commitments_are_marked(page, site):
    open_cockpit(page, site)
    assert page.locator(".facts .demonstration").count() == 1
    promised = page.get_by_role("region", name="Délais promis")
    assert promised.get_by_text("Donnée de démonstration").is_visible()


def test_filter_is_asked_of_the_service_and_kept_in_the_address(page, site):
    open_cockpit(page, site)
    page.get_by_label("Ne compter que").select_option("theme:tri_dechets")
    page.get_by_role("button", name="Afficher").click()
    page.get_by_role("heading", name="2026 : Tri et déchets particuliers").wait_for()
    assert site.script.queries == [{"year": "2026"}, {"year": "2026", "theme": "tri_dechets"}]
    assert "only=theme%3Atri_dechets" in page.url
    assert page.get_by_role("region", name="Demandes par thème").count() == 0
    page.reload()
    assert page.get_by_label("Ne compter que").input_value() == "theme:tri_dechets"


def test_key_can_be_forgotten(page, site):
    open_cockpit(page, site)
    page.get_by_role("button", name="Fermer et oublier la clé").click()
    assert page.locator(".figure").count() == 0
    assert page.get_by_label("Votre clé d’accès").is_visible()
    page.get_by_role("button", name="Afficher").click()
    page.get_by_text("Donnez d’abord votre clé.").wait_for()
    assert len(site.script.queries) == 1


@pytest.mark.parametrize("width", [360, 640, 1280])
def test_it_fits_the_screen_and_axe_finds_nothing_serious(page, site, serious, width):
    page.set_viewport_size({"width": width, "height": 740})
    open_cockpit(page, site)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert serious() == []


def test_paper_keeps_figures_and_drops_what_is_pressed(page, site):
    open_cockpit(page, site)
    page.emulate_media(media="print")
    assert page.get_by_role("region", name="Demandes par mois").is_visible()
    assert not page.get_by_role("button", name="Fermer et oublier la clé").is_visible()
    assert not page.locator("#filters").is_visible()


def test_accessibility_page_passes_axe(page, site, serious):
    page.goto(f"{site.address}/accessibilite")
    assert serious() == []
