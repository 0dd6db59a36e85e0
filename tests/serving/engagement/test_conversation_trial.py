"""A trial whose unit is the conversation, from the drawn campaign to its analysis."""

from datetime import UTC, datetime, time, timedelta

import numpy as np
import pandas as pd
import pytest

from experiments.analysis.analyze import analyze
from experiments.analysis.plan import make_plan
from nudge.analysis.run import analyse_stored
from nudge.campaign.load import campaign_from_yaml
from nudge.campaign.template import example
from nudge.imports.import_file import import_file
from nudge.lifecycle.drawing import draw_campaign
from nudge.lifecycle.locking import lock_campaign
from nudge.lifecycle.validation import check_campaign
from nudge.simulation.write_field import field_csv
from nudge.store.campaigns import stored_campaign
from nudge.territory.territory import load_territory
from serving.engagement.arm_counts import arm_counts
from serving.engagement.assignment import assign
from serving.engagement.conversation_rows import conversation_rows
from serving.engagement.field_rows import field_rows
from serving.engagement.running_campaigns import running_campaigns
from serving.simulation.traffic import Habits, play
from serving.simulation.visits import Said, day_of_visits

START = datetime(2027, 3, 2, tzinfo=UTC).date()
NOWHERE = {"commune": None, "tournee": None}
TRIALS, CONVERSATIONS = 150, 400


@pytest.fixture(scope="module")
def trial(api, tmp_path_factory):
    """The packaged example, drawn in the store of a running application."""
    text = example("eco_geste", today=START)
    campaign = campaign_from_yaml(text)
    folder = tmp_path_factory.mktemp("eco")
    (folder / "campagne.yaml").write_text(text, encoding="utf-8")
    steps = {"store": api.store, "territory": load_territory(), "today": START}
    check_campaign(campaign, folder=folder, **steps)
    lock_campaign(campaign, folder=folder, **steps)
    draw_campaign(identifier=campaign.identifier, seed=2027, **steps)
    return campaign, folder


def plan():
    return make_plan(
        outcome="interet", arm="groupe", cluster="unite", control="temoin", estimand="unit",
        estimators=("ols-cr2",), draws=99, influence=False,
    )  # fmt: skip


def repeated(chat, *, effect, seed):
    """Estimates of trials in which each conversation is assigned as the service assigns it."""
    rng = np.random.default_rng(seed)
    found = []
    for repetition in range(TRIALS):
        given = [
            assign(chat, conversation=f"p_{repetition}_{number}", places=NOWHERE)
            for number in range(CONVERSATIONS)
        ]
        nudged = np.array([not one.arm.control for one in given])
        chance = 0.2 + effect * nudged
        rows = pd.DataFrame(
            {
                "unite": [one.zone for one in given],
                "groupe": [one.arm.identifier for one in given],
                "interet": (rng.random(CONVERSATIONS) < chance).astype(int),
            }
        )
        found.append(analyze(rows, plan()).estimates[0])
    return found


def test_without_effect_few_trials_find_one(api, trial):
    chat = running_campaigns(api.store, today=START)[0]
    found = repeated(chat, effect=0.0, seed=1)
    wrong = sum(one.p_value < 0.05 for one in found)
    # 7.5 expected of 150; outside 1 to 17 once in a thousand.
    assert 1 <= wrong <= 17


def test_intervals_cover_the_truth(api, trial):
    chat = running_campaigns(api.store, today=START)[0]
    found = repeated(chat, effect=0.15, seed=2)
    covered = sum(one.ci_low <= 0.15 <= one.ci_high for one in found)
    assert covered >= 133
    assert np.mean([one.estimate for one in found]) == pytest.approx(0.15, abs=0.012)


def test_from_the_interface_to_the_locked_plan(api, trial, monkeypatch):
    """Three simulated days, then export, import and analysis as any other campaign."""
    campaign, folder = trial
    clock = [datetime.combine(START, time(), tzinfo=UTC)]
    monkeypatch.setattr(type(api.services), "now", lambda _self: clock[0].astimezone(UTC))
    requests = [Said(text="redevance", intent="redevance_pro")]
    turns = []
    for number, wave in enumerate(campaign.follow_up_waves):
        day = day_of_visits(
            requests, day=wave.start + timedelta(days=number), visits=130, seed=number,
            communes={"14220": 1.0},
        )  # fmt: skip
        turns.append(
            play(
                day,
                post=lambda path, body: api.call("POST", path, path[4:], json=body),
                set_clock=lambda at: clock.__setitem__(0, at),
                seed=number,
                habits=Habits(interest=0.1, effect=0.5, stops=0.1, rates=0),
                eco_requests=[Said(text="un conseil ?", intent="ecogeste_conseil")],
            )
        )
    turns = pd.concat(turns)
    rows = conversation_rows(api.store, campaign.identifier)
    web = turns[turns["channel"] == "web"]
    assert len(rows) == web["session"].nunique()
    counts = arm_counts(rows, campaign)
    shown = turns.loc[turns["arm"] == "eco-geste", "session"].nunique()
    assert counts.arms[1].conversations == shown
    assert counts.arms[0].opted_out == 0
    assert counts.arms[1].opted_out > 0
    assert counts.p_ratio > 1e-4

    end = datetime.combine(campaign.end, time(), tzinfo=UTC) + timedelta(days=2)
    field = field_rows(rows, campaign, now=end)
    path = folder / "conversation.csv"
    path.write_text(field_csv(field), encoding="utf-8")
    assert import_file(api.store, campaign=campaign.identifier, path=path).n_new == len(rows)
    analysed = analyse_stored(
        api.store, campaign.identifier, folder=folder, today=end.date(), tracked=False
    )
    effect = analysed.result.primary.estimates[0]
    expected = rows.groupby("groupe")["interet"].mean()
    assert effect.estimate == pytest.approx(expected["eco-geste"] - expected["temoin"])
    assert abs(effect.estimate - 0.5) < 4 * effect.std_error
    assert stored_campaign(api.store, campaign.identifier).status == "close"
