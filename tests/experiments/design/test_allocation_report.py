import re

import pytest

from experiments.design.allocation_report import arm_counts, render_allocation_report
from experiments.design.draw import draw
from experiments.design.trial_design import TrialDesign


def drawn_from(zones, **fields):
    base = {"name": "x", "cluster": "zone", "unit": "bin", "size": "bins", "seed": 3}
    return draw(TrialDesign(**{**base, **fields}), zones)


@pytest.fixture
def near():
    return {"coordinates": {"latitude": "lat", "longitude": "lon"}, "distance": 400.0}


def test_the_report_stands_alone_and_says_what_was_drawn(zones):
    drawn = drawn_from(
        zones,
        name="Stickers <2026> & letters",
        arms=("control", "sticker"),
        strata=("habitat",),
        constraint={"covariates": ("income", "flats"), "keep": 0.1},
    )
    html = render_allocation_report(drawn)
    assert "Stickers &lt;2026&gt; &amp; letters" in html
    assert drawn.fingerprint in html
    assert html.count("<svg") == 1
    assert "http" not in html.replace("http://www.w3.org", "")
    assert "src=" not in html
    assert "(bins in brackets)" in html
    assert "balance score (l2) on income, flats, at most" in html
    for label, arm in drawn.allocation.items():
        assert re.search(rf"<td>{label}</td><td>{arm}</td><td>(urban|rural)</td>", html)


def test_counts_add_up_by_stratum(zones):
    counts = arm_counts(drawn_from(zones, arms=("c", "t"), strata=("habitat",)))
    assert [count.name for count in counts] == ["rural", "urban", "All"]
    assert [count.clusters for count in counts] == [(6, 6), (6, 6), (12, 12)]
    assert sum(counts[-1].units) == zones.bins.sum()
    assert counts[0].units[0] + counts[1].units[0] == counts[2].units[0]


def test_neighbours_are_mapped_and_listed_with_the_buffers_left_out(zones, near):
    drawn = drawn_from(zones, arms=("c", "t"), buffers={"rule": "exclude", **near})
    html = render_allocation_report(drawn)
    assert html.count("<svg") == 2
    assert f"Left out: {', '.join(drawn.declared.excluded)}." in html
    assert "within 400 m" in html
    first = drawn.declared.excluded[0]
    assert re.search(rf"<td>{first}</td><td>left out</td><td>Z", html)
    assert "The design names no covariate" not in html


def test_every_rule_has_its_report(zones, near):
    merged = drawn_from(zones, arms=("c", "t"), buffers={"rule": "no_adjacent_arms", **near})
    assert "merged and drawn together" in render_allocation_report(merged)
    listed = drawn_from(
        zones,
        arms=("c", "t"),
        size=None,
        buffers={"rule": "forbid", "neighbours": (("Z01", "Z02"),), "max_contacts": 0},
    )
    html = render_allocation_report(listed)
    assert "At most 0 contacts are allowed" in html
    assert "The design names no covariate" in html
    factorial = drawn_from(zones, factorial={"factors": ("sticker", "letter")})
    html = render_allocation_report(factorial)
    assert "00 carries neither, 10 carries sticker, 01 carries letter, 11 carries both." in html
    pairs = drawn_from(zones.head(8), arms=("c", "t"), pairs={"match_on": ("income",)})
    html = render_allocation_report(pairs)
    assert "Matched set" in html
    assert "16 (all of them)" in html


def test_warnings_and_remainders_are_in_the_report(zones):
    html = render_allocation_report(drawn_from(zones.head(5), arms=("c", "t")))
    assert "20 admissible allocations" in html
    assert "5 units do not divide 1:1" in html
