import pytest

from nudge.levers.catalogue import lever_of, levers
from nudge.levers.plausible_effect import detectable_against_evidence, plausible_range


def test_quality_has_no_verified_size_for_any_lever_so_the_anchors_serve():
    for lever in levers().values():
        assert plausible_range(lever, "qualite") is None
        low, high, source = detectable_against_evidence(lever, "qualite")
        assert (low, high) == (1.4, 8.7)
        assert "aucune étude vérifiée propre à ce levier" in source
        assert "DellaVigna et Linos 2022" in source


def test_a_lever_with_evidence_answers_with_its_own_range():
    comparison = lever_of("comparaison_sociale")
    low, high, source = detectable_against_evidence(comparison, "participation")
    assert (low, high) == (1.4, 2.8)
    assert "Nomura" in source
    assert detectable_against_evidence(comparison, "quantite", share=False)[:2] == (7.0, 12.0)


def test_points_and_percentages_are_never_mixed():
    comparison = lever_of("comparaison_sociale")
    # Votes in an ashtray are participation but no share: a range in points does not apply.
    assert plausible_range(comparison, "participation", share=False) is None
    assert detectable_against_evidence(comparison, "participation", share=False)[:2] == (8.0, 33.4)
    assert detectable_against_evidence(lever_of("rappel"), "quantite")[:2] == (1.4, 8.7)


@pytest.mark.parametrize("lever", levers().values(), ids=lambda one: one.identifier)
def test_each_upper_bound_is_a_printed_effect_of_a_controlled_verified_study(lever):
    studied = {one.study: one for one in lever.evidence if one.effect is not None}
    for effect in lever.plausible_effects:
        assert 0 < effect.low <= effect.high
        assert effect.family in lever.families
        cited = [one for study, one in studied.items() if study in effect.source]
        assert cited, "the source names a study of the lever"
        for study in cited:
            assert study.controlled
            assert study.status == "verified"
            assert study.unit == effect.unit
            assert abs(study.effect) in {effect.low, effect.high}
