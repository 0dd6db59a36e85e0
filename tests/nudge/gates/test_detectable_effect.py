import dataclasses

import pytest

from experiments.power.baseline_data import baseline_estimates
from nudge.gates.detectable_effect import check
from nudge.gates.effect_text import significant, size_text
from nudge.gates.planned_trial import detectable, planned_trial, power_for, zones_needed
from nudge.gates.plausible import plausible_of
from nudge.outcomes.catalogue import OUTCOMES

ONE_WAVE = [
    {"nom": "suivi", "type": "suivi", "debut": "2027-03-15", "fin": "2027-04-02"},
]


def plain(text):
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("zones", "icc", "points"), [(40, 0.05, 11.7), (40, 0.02, 9.6), (20, 0.10, 21.2)]
)
def test_the_detectable_effect_is_that_of_the_planning_table(
    context_of, campaign_of, zones, icc, points
):
    """Two arms, 25 bins a zone, one wave, level 0.25, variance p(1-p)[icc + (1-icc)/25]."""
    campaign = campaign_of(
        vagues=ONE_WAVE,
        tirage={"unite": "rue", "eligibilite": {"nombre": zones}},
        puissance={"niveau_attendu": 0.25, "icc": icc, "unites_par_zone": 25},
    )
    design = planned_trial(context_of(campaign))
    assert (design.clusters, design.control_clusters) == (zones // 2, zones // 2)
    control = dataclasses.replace(design, variance_at="control", weighting="size")
    from experiments.power.power_analysis import minimum_detectable_effect

    found = minimum_detectable_effect(control, target=0.8).solution
    assert found is not None
    assert 100 * found == pytest.approx(points, abs=0.3)


def test_no_one_having_accepted_shuts_the_gate_with_the_lines_to_write(context_of, campaign_of):
    campaign = campaign_of(puissance__effet_detectable_accepte=None, puissance__accepte_par=None)
    context = context_of(campaign)
    effect = detectable(context).effect
    (problem,) = check(context).reasons
    assert f"effet_detectable_accepte: {significant(effect)}\n" in problem.mend
    assert "accepte_par: À REMPLIR" in problem.mend


@pytest.mark.parametrize(("factor", "passed"), [(1.04, True), (0.96, True), (1.06, False)])
def test_the_accepted_effect_is_within_five_per_cent(context_of, campaign_of, factor, passed):
    effect = detectable(context_of()).effect
    campaign = campaign_of(puissance__effet_detectable_accepte=factor * effect)
    assert check(context_of(campaign)).passed is passed


def test_the_lines_to_write_are_accepted(context_of, campaign_of):
    written = float(significant(detectable(context_of()).effect))
    assert check(context_of(campaign_of(puissance__effet_detectable_accepte=written))).passed


def test_someone_signs(context_of, campaign_of):
    result = check(context_of(campaign_of(puissance__accepte_par=" ")))
    assert [problem.what for problem in result.reasons] == ["personne n'a signé"]


def test_an_expected_effect_that_will_not_be_seen_is_said_plainly(context_of):
    (warning,) = check(context_of()).warnings
    told = plain(warning)
    assert "Un effet de la taille attendue (1,4 point) ne sera probablement pas vu" in told
    assert f"il faudrait {zones_needed(context_of(), 0.014):,} zones".replace(",", " ") in told


def test_an_expected_effect_that_can_be_seen_raises_no_warning(context_of, campaign_of):
    assert check(context_of(campaign_of(puissance__effet_plausible=0.12))).warnings == ()
    assert power_for(context_of(), detectable(context_of()).effect) == pytest.approx(0.8)


def test_the_evidence_of_the_lever_is_shown(context_of):
    facts = plain(" ".join(check(context_of()).facts))
    assert "Effet plausible : 1,4 point à 8,7 points" in facts
    assert "aucune étude vérifiée propre à ce levier" in facts


def test_per_cents_of_a_lever_turn_to_the_unit_of_the_outcome(campaign_of):
    plausible = plausible_of(campaign_of("eau"))
    assert plausible.low == pytest.approx(0.02 * 45)


def test_imported_reference_waves_replace_assumptions(context_of):
    # Zones that hardly differ: the correlation falls, and so does the detectable effect.
    assumed = detectable(context_of())
    measured = baseline_estimates(n=[25.0] * 40, sum_y=[17.0, 18.0] * 20, sum_yy=[17.0, 18.0] * 20)
    found = detectable(context_of(baseline=measured))
    assert found.measured
    assert found.design.icc == 0
    assert found.design.units == 25
    assert found.effect < assumed.effect


def test_a_second_nudge_shares_the_zones_and_the_level(context_of, campaign_of):
    fields = campaign_of().model_dump(mode="json", by_alias=True, exclude_none=True)
    arms = fields["groupes"]
    more = campaign_of(groupes=[*arms, arms[1] | {"identifiant": "bis"}])
    design = planned_trial(context_of(more))
    assert design.clusters == 13
    assert detectable(context_of(more)).effect > detectable(context_of()).effect


def test_a_measure_that_is_no_share_needs_its_spread(context_of, campaign_of):
    result = check(context_of(campaign_of("cendrier", puissance__ecart_type=None)))
    assert "écart-type manque" in result.reasons[0].what


def test_power_settings_are_needed_where_groups_are_compared(context_of, campaign_of):
    assert "puissance" in check(context_of(campaign_of(puissance=None))).reasons[0].what


def test_without_a_control_there_is_nothing_to_detect(context_of, campaign_of):
    campaign = campaign_of(
        conception="avant_apres",
        puissance=None,
        groupes=[{"identifiant": "carte", "titre": "Carte", "levier": "comparaison_sociale",
                  "canal": "carte_porte"}],
    )  # fmt: skip
    result = check(context_of(campaign))
    assert result.passed
    assert "Sans groupe témoin" in result.facts[0]


def test_sizes_are_said_in_the_unit_of_the_outcome():
    assert plain(size_text(0.0731, OUTCOMES["bac_bien_trie"])) == "7,3 points"
    assert plain(size_text(-0.014, OUTCOMES["bac_bien_trie"])) == "1,4 point"
    assert plain(size_text(0.455, OUTCOMES["megots_au_sol"])) == "0,455 mégots par m²"
    assert significant(0.00001234) == "0.0000123"
