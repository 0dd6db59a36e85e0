"""A real public table without control group: described, never explained."""

from html import unescape

import pytest

from nudge.report.answer import answer
from nudge.report.compose import compose
from nudge.report.decision import decide
from nudge.report.html import render_html

CAUSAL = ("l'effet vrai", "grâce", "l'effet mesuré", "a permis", "efficace", "améliore le tri")


@pytest.fixture
def page(orange_county):
    told = unescape(render_html(compose(orange_county)))
    return told.replace("\u00a0", " ").replace("\u202f", " ")


def test_the_county_table_is_before_and_after_without_a_cause(orange_county, page):
    change = orange_county.before_after
    assert change.before == pytest.approx(495 / 1497)
    assert change.after == pytest.approx(695 / 1468)
    assert change.ci_low > 0.05
    sentence = answer(orange_county).sentences[0]
    assert "47 sont bien triés après, contre 33 avant" in sentence
    assert "avant/après" in sentence
    assert "aucune conclusion sur la cause" in sentence
    assert "C : évolution observée" in page


def test_no_causal_word_anywhere_in_the_report(page):
    lowered = page.lower()
    for words in CAUSAL:
        assert words not in lowered


def test_a_tiny_p_changes_nothing(orange_county, changed):
    sure = changed(
        orange_county,
        before_after=changed(orange_county.before_after, ci_low=0.1420, ci_high=0.1425),
    )
    assert answer(sure).sentences == answer(orange_county).sentences
    assert decide(sure)[0].rule.code == "sans_comparaison"


def test_the_decision_is_to_measure_with_a_control_group(orange_county, page):
    assert decide(orange_county)[0].rule.action == "prolonger"
    assert "zones témoins tirées au sort" in page
    assert "Rien n'est étendu au territoire" in page


def test_every_wave_is_listed_and_drawn(page):
    for week in range(1, 9):
        assert f'scope="row">semaine {week}<' in page
    assert "Niveau observé, vague par vague, sans groupe témoin." in page


def test_a_wave_of_few_bins_is_not_shown(orange_county, changed):
    waves = orange_county.before_after.waves.copy()
    waves.loc[2, ["moyenne", "unites"]] = [0.987, 3]
    few = changed(orange_county, before_after=changed(orange_county.before_after, waves=waves))
    report = compose(few)
    table = next(one for one in report.tables() if one.key == "avant-apres")
    assert table.rows[2][2:] == ("non montré (moins de 5)", "moins de 5")
    assert "semaine 3" not in set(table.data["vague"])
    assert "98,7" not in render_html(report)
