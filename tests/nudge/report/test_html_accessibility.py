"""WCAG 2.1 AA checks that a machine can make on the page."""

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from nudge.report.compose import compose
from nudge.report.html import environment, render_html

VOID = {"meta", "img", "br", "link", "input", "hr"}
PAGE_COLOUR = "#ffffff"


class Page(HTMLParser):
    """Elements in order, with attributes, parents and text."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.stack = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        parents = tuple(one["tag"] for one in self.stack)
        one = {"tag": tag, "attrs": dict(attrs), "text": "", "parents": parents}
        self.elements.append(one)
        if tag not in VOID:
            self.stack.append(one)

    def handle_endtag(self, tag):
        assert self.stack, tag
        assert self.stack.pop()["tag"] == tag

    def handle_data(self, data):
        for one in self.stack:
            one["text"] += data

    def all(self, *tags):
        return [one for one in self.elements if one["tag"] in tags]


@pytest.fixture(scope="module")
def text(any_result):
    return render_html(compose(any_result))


@pytest.fixture(scope="module")
def page(text):
    found = Page(text)
    assert not found.stack
    return found


def test_language_title_and_one_h1(page, any_result):
    assert page.all("html")[0]["attrs"]["lang"] == "fr"
    assert len(page.all("h1")) == 1
    assert any_result.campaign.shown_title in page.all("title")[0]["text"].replace("\u00a0", " ")


def test_headings_never_skip_a_level(page):
    levels = [int(one["tag"][1]) for one in page.all("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_landmarks_and_a_skip_link_that_leads_somewhere(page):
    assert [len(page.all(tag)) for tag in ("main", "header", "footer", "nav")] == [1, 1, 1, 1]
    identifiers = [one["attrs"]["id"] for one in page.elements if "id" in one["attrs"]]
    assert len(identifiers) == len(set(identifiers))
    targets = [one["attrs"]["href"] for one in page.all("a")]
    assert targets[0] == "#reponse"
    assert {target.removeprefix("#") for target in targets} <= set(identifiers)
    named = [one["attrs"]["aria-labelledby"] for one in page.elements
             if "aria-labelledby" in one["attrs"]]  # fmt: skip
    assert set(named) <= set(identifiers)


def test_tables_have_captions_scopes_and_a_region_one_can_reach(page):
    tables = page.all("table")
    assert len(page.all("caption")) == len(tables) > 0
    assert all(one["text"].strip() for one in page.all("caption"))
    assert all(one["attrs"].get("scope") in {"col", "row"} for one in page.all("th"))
    regions = [one for one in page.all("div") if one["attrs"].get("class") == "scroll"]
    assert len(regions) == len(tables)
    assert all(one["attrs"]["tabindex"] == "0" for one in regions)
    assert all(one["attrs"]["data-label"].strip() for one in page.all("td"))


def test_figures_have_a_text_that_carries_their_numbers(page):
    for image in page.all("img"):
        assert len(image["attrs"]["alt"]) > 40
        assert re.search(r"\d", image["attrs"]["alt"])
        assert image["attrs"]["src"].startswith("data:image/svg+xml;base64,")
    assert len(page.all("figcaption")) == len(page.all("img")) > 0


def test_the_page_stands_alone_without_script(page, text):
    assert not page.all("script", "link", "iframe")
    assert "http://" not in text
    assert "https://" not in text
    assert "url(" not in text


def luminance(colour):
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_every_text_colour_stands_out_from_every_background_it_may_meet():
    style = environment().get_template("page_style.css.jinja").render()
    rules = re.findall(r"\{([^{}]*)\}", style)
    pale = {PAGE_COLOUR}
    texts, pairs = set(), []
    for rule in rules:
        back = re.search(r"background:\s*(#[0-9a-f]{6})", rule)
        text = re.search(r"(?<![-a-z])color:\s*(#[0-9a-f]{6})", rule)
        if text and back:
            pairs.append((text[1], back[1]))
        elif text:
            texts.add(text[1])
        elif back:
            pale.add(back[1])
    pairs += [(text, back) for text in texts for back in pale]
    assert len(pairs) > 5
    assert all(contrast(*pair) >= 4.5 for pair in pairs)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_nothing_is_fixed_wider_than_a_phone():
    style = environment().get_template("page_style.css.jinja").render()
    wide = [float(size) for size in re.findall(r"(?<!max-)width:\s*([\d.]+)rem", style)]
    assert all(size <= 20 for size in wide)
    assert "max-width: 40rem" in style
    assert "@media print" in style


def test_simulation_is_said_in_title_banner_figures_and_synthetic_zones(three_arms):
    page = Page(render_html(compose(three_arms)))
    assert page.all("title")[0]["text"].startswith("SIMULATION")
    assert page.all("h1")[0]["text"].startswith("SIMULATION")
    banner = [one for one in page.all("div") if one["attrs"].get("class") == "simulation"]
    assert len(banner) == 1
    warnings = " ".join(
        one["text"] for one in page.all("div") if one["attrs"].get("class") == "warning"
    )
    assert "simulées" in warnings
    assert "synthétiques" in warnings


def test_user_text_is_escaped(benefit, changed, make):
    odd = changed(benefit, campaign=make["campaign"](titre="<b>Rues & tri</b>"))
    text = render_html(compose(odd))
    assert "&lt;b&gt;Rues &amp; tri&lt;/b&gt;" in text
    assert "<b>" not in text
