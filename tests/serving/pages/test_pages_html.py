"""What every page holds before any script runs."""

import re
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup
from fastapi.testclient import TestClient

from serving.pages.rendering import render_page, static_files
from serving.security.headers import SECURITY_HEADERS

PAGES = ("/sophie", "/cockpit", "/accessibilite")
STYLES = ("site.css", "sophie.css", "cockpit.css")
LEAST_CONTRAST = 4.5


@pytest.fixture(scope="module")
def client(served_pages):
    with TestClient(served_pages.application, follow_redirects=False) as opened:
        yield opened


@pytest.fixture(params=PAGES)
def soup(request, client):
    response = client.get(request.param)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return BeautifulSoup(response.text, "html.parser")


def test_root_leads_to_sophie(client):
    response = client.get("/")
    assert (response.status_code, response.headers["location"]) == (307, "/sophie")


def test_page_is_french_titled_and_has_one_main(soup):
    assert soup.html["lang"] == "fr"
    assert soup.title.text.strip()
    assert len(soup.find_all("main")) == 1
    assert len(soup.find_all("h1")) == 1
    assert soup.find("meta", {"name": "viewport"})["content"] == (
        "width=device-width, initial-scale=1"
    ), "zoom must stay possible"


def test_headings_do_not_skip_a_level(soup):
    levels = [int(one.name[1]) for one in soup.find_all(re.compile("^h[1-6]$"))]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_identifiers_are_unique_and_references_exist(soup):
    names = [one["id"] for one in soup.find_all(id=True)]
    assert len(names) == len(set(names))
    for attribute in ("for", "aria-labelledby", "aria-describedby"):
        for one in soup.find_all(attrs={attribute: True}):
            assert set(one[attribute].split()) <= set(names), one
    for one in soup.select("a[href^='#']"):
        assert one["href"][1:] in names


def test_every_field_has_a_label(soup):
    for field in soup.select("input, select, textarea"):
        assert soup.find("label", {"for": field["id"]}), field


def test_skip_link_comes_first(soup):
    first = soup.find(["a", "button", "input", "textarea"])
    assert (first["href"], first["class"]) == ("#contenu", ["skip"])


def test_nothing_inline_and_nothing_from_elsewhere(soup):
    assert soup.find_all("style") == []
    for one in soup.find_all(True):
        assert not [name for name in one.attrs if name == "style" or name.startswith("on")]
    for script in soup.find_all("script"):
        assert script["src"].startswith("/pages/static/")
        assert not script.text.strip()
    for one in soup.select("link[href], img[src], iframe"):
        assert one.get("href", one.get("src")).startswith(("/pages/static/", "data:,"))


def test_files_that_pages_ask_for_are_served(soup, client):
    for one in soup.select("script[src], link[rel=stylesheet]"):
        response = client.get(one.get("src") or one["href"])
        assert response.status_code == 200
        assert "max-age" in response.headers["cache-control"]
        expected = "text/javascript" if one.name == "script" else "text/css"
        assert response.headers["content-type"].startswith(expected)


@pytest.mark.parametrize("name", ["secret.js", "..%2frendering.py", "%2e%2e/rendering.py", "a%00"])
def test_no_other_file_is_served(client, name):
    assert client.get(f"/pages/static/{name}").status_code == 404


def test_policy_of_content_is_strict(client):
    policy = client.get("/sophie").headers["content-security-policy"]
    assert policy == SECURITY_HEADERS[b"content-security-policy"].decode()
    assert "unsafe" not in policy
    assert "http" not in policy


def test_no_cookie(client):
    assert "set-cookie" not in client.get("/sophie").headers


def test_sophie_says_what_she_is_and_who_else_answers_without_any_script(client):
    soup = BeautifulSoup(client.get("/sophie").text, "html.parser")
    said = soup.main.get_text(" ", strip=True)
    assert "assistant automatique" in said[:200]
    assert "pas une personne" in said[:200]
    assert soup.noscript is not None
    assert "02 31 88 50 00" in said
    assert "à confirmer" in said


def test_log_of_the_conversation_is_announced(client):
    log = BeautifulSoup(client.get("/sophie").text, "html.parser").find(id="log")
    assert (log["role"], log["aria-live"]) == ("log", "polite")


def test_accessibility_page_claims_no_audit(client):
    said = BeautifulSoup(client.get("/accessibilite").text, "html.parser").main.get_text(" ")
    assert "auto-évaluation" in said
    assert "n’ont pas encore été auditées" in said


def test_words_of_data_are_escaped():
    desk = {"phone": "", "phone_note": "", "email": "<b>x</b>", "hours": "<script>"}
    page = render_page("accessibility", here="/accessibilite", desk=desk)
    assert "<b>x</b>" not in page
    assert "&lt;script&gt;" in page


def test_scripts_never_write_markup_nor_keep_anything():
    scripts = {name: one.content.decode() for name, one in static_files().items()}
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function"
        r"|localStorage|sessionStorage|document\.cookie|indexedDB|https?://(?!www\.w3\.org/2000/svg)"
    )
    for name, text in scripts.items():
        assert not forbidden.search(text), name


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return sum(weight * one for weight, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_computed_as_in_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_every_pair_of_colours_can_be_read():
    styles = {name: static_files()[name].content.decode() for name in STYLES}
    colours = dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6});", styles["site.css"]))
    papers = {name: colours[name] for name in ("paper", "pale", "sand", "cream")}
    seen = 0
    for name, text in styles.items():
        for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", text):
            ink = re.search(r"(?<!-)\bcolor: var\(--([a-z]+)\)", body)
            ground = re.search(r"background: var\(--([a-z]+)\)", body)
            assert ink or not ground, f"{name}: {selector.strip()} sets a ground without its ink"
            if not ink or (ink[1] == "paper" and not ground):
                continue
            grounds = [colours[ground[1]]] if ground else papers.values()
            for one in grounds:
                seen += 1
                found = contrast(colours[ink[1]], one)
                assert found >= LEAST_CONTRAST, f"{name}: {selector.strip()} {found:.2f}"
    assert seen > 20
