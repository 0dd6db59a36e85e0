import pytest

from nudge.gates import completeness, consort_items, intervention_description
from nudge.gates.evidence_grade import best_grade


def test_a_field_left_to_fill_in_is_named(context_of, campaign_of):
    campaign = campaign_of(objectif="À REMPLIR", groupes__1__tidier__ou="à remplir plus tard")
    columns = [problem.column for problem in completeness.check(context_of(campaign)).reasons]
    assert columns == ["objectif", "groupes, n° 2, tidier, ou"]


@pytest.mark.parametrize(
    ("change", "number"),
    [
        ({"titre": "Se comparer à sa rue"}, "1a"),
        ({"groupes__1__tidier": None}, "5"),
        ({"puissance": None}, "7a"),
        ({"responsable_campagne": ""}, "10a"),
        ({"juridique__base_legale": None}, "10c"),
    ],
)
def test_items_of_the_checklist_that_the_plan_leaves_empty(context_of, campaign_of, change, number):
    result = consort_items.check(context_of(campaign_of(**change)))
    assert [problem.what.split()[1] for problem in result.reasons] == [number]


def test_the_checklist_covers_what_a_plan_can_fill(campaign_of):
    numbers = [item.number for item in consort_items.consort_items(campaign_of())]
    expected = ["1a", "2a", "3a", "4a", "5", "6a", "7a", "8b", "9", "10a", "10b", "10c", "12a"]
    assert numbers == expected


@pytest.mark.parametrize("title", ["tirage au sort par rue", "rues tirées au sort", "randomisé"])
def test_titles_that_name_the_draw(context_of, campaign_of, title):
    assert consort_items.check(context_of(campaign_of(titre=f"Essai : {title}"))).passed


def test_a_nudge_is_described_before_it_starts(context_of, campaign_of):
    absent = intervention_description.check(context_of(campaign_of(groupes__1__tidier=None)))
    assert "TIDieR absente" in absent.reasons[0].what
    empty = campaign_of(groupes__1__tidier__fidelite_prevue="")
    found = intervention_description.check(context_of(empty))
    assert [problem.column for problem in found.reasons] == [
        "groupes, comparaison, tidier, fidelite_prevue"
    ]


def test_what_is_known_afterwards_may_wait(context_of, campaign_of):
    campaign = campaign_of(groupes__1__tidier__fidelite_observee="")
    assert intervention_description.check(context_of(campaign)).passed


def test_the_best_grade_follows_the_conception():
    grades = [best_grade(one).split(" : ")[1][0] for one in (
        "randomisee", "appariee_non_randomisee", "avant_apres", "descriptive"
    )]  # fmt: skip
    assert grades == ["A", "B", "C", "D"]


def test_the_degradation_that_halts_has_a_default_for_shares_only(context_of, campaign_of):
    assert campaign_of().stopping_degradation == 0.05
    water = campaign_of("eau", arret__effet_boomerang=None)
    assert water.stopping_degradation is None
    (problem,) = completeness.check(context_of(water)).reasons
    assert problem.column == "arret, effet_boomerang"
    assert "m³" in problem.mend


def test_a_title_claims_no_draw_that_there_is_not(context_of, campaign_of):
    plan = {"conception": "avant_apres", "groupes__0": None, "tirage__strates": []}
    campaign = campaign_of(**plan)
    (problem,) = consort_items.check(context_of(campaign)).reasons
    assert (problem.column, "randomis" in problem.mend) == ("titre", True)
    honest = campaign_of(titre="Avant et après la carte", **plan)
    assert consort_items.check(context_of(honest)).passed
