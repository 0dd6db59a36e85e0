import pandas as pd
import pytest

from nudge.campaign.load import campaign_from_yaml
from nudge.campaign.template import example
from serving.engagement.arm_counts import arm_counts


@pytest.fixture(scope="module")
def campaign():
    return campaign_from_yaml(example("eco_geste"))


def rows(control, nudged):
    arms = ["temoin"] * control + ["eco-geste"] * nudged
    return pd.DataFrame({"groupe": arms, "desinscription": [1, *[0] * (len(arms) - 1)]})


def test_every_arm_is_counted_in_the_order_of_the_plan(campaign):
    found = arm_counts(rows(30, 26), campaign)
    assert [(one.identifier, one.conversations, one.opted_out) for one in found.arms] == [
        ("temoin", 30, 1), ("eco-geste", 26, 0),
    ]  # fmt: skip
    assert found.p_ratio == pytest.approx(0.5930, abs=1e-4)


def test_a_split_that_the_draw_does_not_explain_is_seen(campaign):
    assert arm_counts(rows(600, 400), campaign).p_ratio < 1e-8
    assert arm_counts(rows(0, 40), campaign).p_ratio < 1e-8


def test_without_conversations_there_is_nothing_to_check(campaign):
    found = arm_counts(rows(1, 0).iloc[:0], campaign)
    assert [one.conversations for one in found.arms] == [0, 0]
    assert found.p_ratio is None
