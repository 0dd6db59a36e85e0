import pytest

from experiments.analysis.heterogeneity import Heterogeneity, SubgroupEffect
from nudge.report.decision import RULES, decide


def with_estimate(result, changed, one):
    return changed(result, outcomes=(changed(result.primary, estimates=(one,)),))


def by_habitat(p_value, **effects):
    return Heterogeneity(
        outcome="bac_bien_trie", moderator="type_habitat", kind="factor",
        effects=tuple(
            SubgroupEffect(level=level, contrast="carte vs temoin", estimate=value, std_error=0.02,
                           df=20.0, ci_low=value - 0.04, ci_high=value + 0.04, p_value=0.01,
                           n_clusters=n)
            for level, (value, n) in effects.items()
        ),
        statistic=5.0, df=1.0, df_denominator=20.0, p_value=p_value, warnings=(),
    )  # fmt: skip


# Against a plausible effect of 3 points, the plan's smallest worthwhile effect.
@pytest.mark.parametrize(
    ("value", "low", "high", "action", "code"),
    [
        (0.07, 0.031, 0.109, "deployer", "rentable"),
        (0.07, 0.02, 0.12, "deployer", "ameliore"),
        (0.025, 0.005, 0.045, "prolonger", "ameliore_a_preciser"),
        (0.015, 0.005, 0.025, "adapter", "ameliore_trop_peu"),
        (0.02, -0.04, 0.08, "prolonger", "indecis"),
        (0.0, -0.02, 0.02, "arreter", "rentable_exclu"),
        (-0.05, -0.09, -0.01, "arreter", "degradation"),
    ],
)
def test_interval_against_zero_and_the_worthwhile_effect(
    benefit, changed, make, value, low, high, action, code
):
    plain = changed(benefit, heterogeneity=())
    found = decide(with_estimate(plain, changed, make["estimate"](value, low, high)))[0]
    assert (found.rule.action, found.rule.code) == (action, code)
    assert "3,0\u00a0points" in found.threshold


def test_harm_is_judged_in_the_outcomes_own_direction(harm, changed, make):
    assert decide(harm)[0].rule.action == "arreter"
    fewer = make["estimate"](-0.08, -0.12, -0.04, outcome="pav_deborde")
    assert decide(with_estimate(harm, changed, fewer))[0].rule.action == "deployer"


def test_complaints_beyond_the_threshold_stop_even_what_works(benefit, changed):
    stopped = decide(changed(benefit, complaints={"carte": 2.4}))[0]
    assert (stopped.rule.action, stopped.rule.code) == ("arreter", "reclamations")
    assert decide(changed(benefit, complaints={"carte": 2.0}))[0].rule.action == "deployer"


def test_effective_only_in_a_declared_subgroup_means_adapt(inconclusive, changed):
    differs = by_habitat(0.01, collectif=(-0.01, 20), pavillonnaire=(0.08, 20))
    found = decide(changed(inconclusive, heterogeneity=(differs,)))[0]
    assert (found.rule.action, found.rule.code) == ("adapter", "sous_groupe")
    assert found.subgroups == ("type habitat : pavillonnaire",)


@pytest.mark.parametrize(("p_value", "zones"), [(0.2, 20), (0.01, 4)])
def test_no_interaction_or_too_few_zones_is_no_subgroup(inconclusive, changed, p_value, zones):
    claimed = by_habitat(p_value, collectif=(-0.01, 20), pavillonnaire=(0.08, zones))
    assert decide(changed(inconclusive, heterogeneity=(claimed,)))[0].rule.code == "indecis"


def test_harm_in_a_subgroup_means_adapt_although_the_whole_improves(benefit, changed):
    boomerang = by_habitat(0.001, collectif=(-0.08, 20), pavillonnaire=(0.12, 20))
    found = decide(changed(benefit, heterogeneity=(boomerang,)))[0]
    assert found.rule.code == "degradation_sous_groupe"
    assert found.subgroups == ("type habitat : collectif",)


def test_each_arm_has_its_own_and_the_correction_counts(three_arms):
    assert [one.rule.action for one in decide(three_arms)] == ["deployer", "prolonger"]


def test_costs_give_the_threshold_when_the_plan_has_them(benefit, changed, make):
    costly = changed(
        benefit,
        heterogeneity=(),
        campaign=make["campaign"](
            groupes=[{"identifiant": "temoin", "titre": "Témoin", "temoin": True},
                     make["arm"]("carte", "Carte", cout_par_logement=4.0)],
            economie={"collectes_par_an": 40, "kg_par_bac": 4, "euros_par_tonne_refusee": 200},
        ),
    )  # fmt: skip
    found = decide(costly)[0]
    # 4 euros against at most 40 x 4 kg x 200 euros a tonne = 32 euros: 12.5 points.
    assert found.rule.code == "ameliore_trop_peu"
    assert "12,5\u00a0points" in found.threshold


def test_without_costs_or_hopes_zero_is_the_only_mark(benefit, changed, make):
    bare = changed(benefit, campaign=make["campaign"](puissance=None), heterogeneity=())
    found = decide(bare)[0]
    assert found.rule.code == "ameliore"
    assert "seul zéro sert de repère" in found.threshold


def test_every_rule_is_printed_with_its_next_step():
    assert len({rule.code for rule in RULES}) == len(RULES)
    assert all(rule.situation.endswith(".") and rule.next_step.endswith(".") for rule in RULES)
