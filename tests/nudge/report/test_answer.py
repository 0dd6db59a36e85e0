import math
from html import unescape

import pytest

from nudge.report.answer import answer
from nudge.report.compose import compose
from nudge.report.conclusion import conclusions
from nudge.report.html import render_html


def said(result):
    found = answer(result)
    return tuple(
        " ".join(texts).replace("\u00a0", " ").replace("\u202f", " ")
        for texts in (found.sentences, found.details)
    )


def test_the_answer_is_told_out_of_a_hundred(benefit):
    sentence, details = said(benefit)
    assert sentence == (
        "Sur 100 bacs contrôlés, 7 de plus sont bien triés ; nous sommes raisonnablement sûrs "
        "que l'effet vrai est entre 2 et 12 de plus."
    )
    assert "une amélioration de plus de 12,1 points" in details
    assert "Non exclu : une amélioration entre 2,0 points et 12,1 points" in details


def test_a_wide_interval_does_not_settle_and_says_what_it_excludes(inconclusive):
    sentence, details = said(inconclusive)
    assert sentence.startswith("L'essai ne permet pas de trancher.")
    assert "qu'entre 4 de moins et 8 de plus sont bien triés" in sentence
    assert "Exclu : une amélioration de plus de 8,3 points" in details
    assert "Non exclu : une différence de zéro" in details


def test_fewer_of_something_bad_is_an_improvement(harm, changed, make):
    better = make["estimate"](-0.03, -0.05, -0.01, outcome="pav_deborde")
    fewer = changed(harm, outcomes=(changed(harm.primary, estimates=(better,)),))
    sentence, details = said(fewer)
    assert "3 de moins montrent un débordement" in sentence
    assert "entre 1 et 5 de moins" in sentence
    assert "une amélioration de plus de 5,0 points" in details
    assert conclusions(fewer.primary)[0].verdict == "benefit"
    assert "dégradation de plus de 8,8 points" in said(harm)[1]


def test_one_bin_is_singular(benefit, changed, make):
    one = make["estimate"](0.014, 0.006, 0.022)
    sentence, _ = said(changed(benefit, outcomes=(changed(benefit.primary, estimates=(one,)),)))
    assert "1 de plus est bien trié ;" in sentence
    assert "entre 1 et 2 de plus" in sentence


@pytest.mark.parametrize(
    ("low", "high", "base", "reach"),
    [(0.003, 0.054, "1 000", "entre 3 et 54 de plus"),
     (-0.003, 0.08, "1 000", "entre 3 de moins et 80 de plus"),
     (0.00004, 0.05, "100 000", "entre 4 et 5 000 de plus")],
)  # fmt: skip
def test_rounding_neither_takes_zero_in_nor_leaves_it_out(
    benefit, changed, make, low, high, base, reach
):
    one = make["estimate"]((low + high) / 2, low, high)
    sentence, _ = said(changed(benefit, outcomes=(changed(benefit.primary, estimates=(one,)),)))
    assert f"ur {base} bacs contrôlés" in sentence
    assert reach in sentence


def test_a_measured_outcome_keeps_its_unit(water):
    sentence, details = said(water)
    assert "4,2 m³ de moins en moyenne que dans le groupe « Témoin »" in sentence
    assert "entre 1,1 m³ et 7,3 m³ de moins" in sentence
    assert "ur 100" not in sentence
    assert "une amélioration de plus de 7,3 m³" in details


def test_each_arm_has_its_sentence_and_the_correction_decides(three_arms):
    first, second = answer(three_arms).sentences
    assert first.startswith("« Carte de comparaison » : sur 100 bacs contrôlés, 8 de plus")
    assert "La conclusion tient après correction pour 2 comparaisons" in first
    assert "ne permet pas de trancher : après correction pour 2 comparaisons" in second
    assert "exclu : une différence de zéro" not in answer(three_arms).details[1].split("Non")[0]


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(0.02, math.inf, "est d'au moins 2 de plus"), (-math.inf, -0.02, "est d'au moins 2 de moins"),
     (-0.02, math.inf, "au plus 2 de moins, sans limite vers le haut"),
     (-math.inf, math.inf, "ne donnent de limite à l'effet d'aucun côté")],
)  # fmt: skip
def test_an_end_without_bound_is_said(benefit, changed, make, low, high, words):
    value = 0.05 if high > 0.05 else -0.05
    one = make["estimate"](value, low, high, p_value=0.01, std_error=None)
    sentence, details = said(
        changed(benefit, outcomes=(changed(benefit.primary, estimates=(one,)),))
    )
    assert words in sentence
    assert "inf" not in sentence + details


def test_another_level_is_not_called_reasonably_sure(benefit, changed, make):
    one = make["estimate"](0.07, 0.03, 0.11, level=0.9)
    sentence, _ = said(changed(benefit, outcomes=(changed(benefit.primary, estimates=(one,)),)))
    assert "sûrs à 90 %" in sentence
    assert "raisonnablement" not in sentence


def test_groups_that_were_not_drawn_get_a_reserve(benefit, changed, make):
    arms = [
        {"identifiant": "temoin", "titre": "Témoin", "temoin": True, "zones": ["rue-1"]},
        make["arm"]("carte", "Carte", zones=["rue-2"]),
    ]
    chosen = changed(
        benefit,
        grade="B",
        campaign=make["campaign"](conception="appariee_non_randomisee", groupes=arms),
    )
    assert "pas été tirés au sort" in said(chosen)[1]


def test_a_broken_comparison_is_only_an_observed_gap(benefit, changed):
    sentence, _ = said(changed(benefit, grade="D"))
    assert "écart observé de +7,0" in sentence
    assert "aucune conclusion sur la cause" in sentence
    assert "effet vrai" not in sentence


def test_a_description_gives_levels_and_no_cause(benefit, changed):
    described = changed(benefit, grade="D", outcomes=(changed(benefit.primary, estimates=()),))
    sentence, _ = said(described)
    assert "niveau observé" in sentence
    assert "68,0 %" in sentence
    assert "aucune conclusion sur la cause" in sentence


def test_no_report_says_that_there_is_no_effect(any_result):
    text = unescape(render_html(compose(any_result))).lower()
    for words in ("pas d'effet", "pas d’effet", "aucun effet", "sans effet"):
        assert words not in text
