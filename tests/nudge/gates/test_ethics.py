from datetime import date

import pytest

from nudge.gates.ethics import check


@pytest.mark.parametrize("answer", ["retrait", "emetteur", "transparence", "equite", "relu_par"])
def test_each_question_must_be_answered(context_of, answer, campaign_of):
    result = check(context_of(campaign_of(**{f"ethique__{answer}": "  "})))
    assert [problem.column for problem in result.reasons] == [f"ethique, {answer}"]


@pytest.mark.parametrize("commitment", ["sans_sanction", "sans_stigmatisation"])
def test_each_commitment_must_be_made(context_of, commitment, campaign_of):
    result = check(context_of(campaign_of(**{f"ethique__{commitment}": False})))
    assert f"{commitment}: oui" in result.reasons[0].mend


def test_a_real_campaign_is_published_before_its_first_message(context_of, campaign_of):
    campaign = campaign_of(simulation=False)
    assert check(context_of(campaign, today=date(2027, 2, 28))).passed
    late = check(context_of(campaign, today=date(2027, 3, 1)))
    assert "ne peut plus être publié avant" in late.reasons[0].what


def test_a_review_to_come_is_no_review(context_of, campaign_of):
    campaign = campaign_of(simulation=False, ethique__relu_le="2026-12-24")
    assert "à venir" in check(context_of(campaign)).reasons[0].what


def test_a_review_has_a_day(context_of, campaign_of):
    assert not check(context_of(campaign_of(ethique__relu_le=None))).passed
