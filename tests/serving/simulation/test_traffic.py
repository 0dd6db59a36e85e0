from dataclasses import replace
from datetime import date

import pytest

from serving.simulation.traffic import Habits, RefusedTurnError, play
from serving.simulation.visits import Said, day_of_visits

DAY = date(2027, 3, 2)
ECO = [Said(text="un conseil ?", intent="ecogeste_conseil")]
ANSWERED = Said(text="redevance", intent="redevance_pro")


class Sophie:
    """Answers everything, shows the eco-gesture of an arm, and notes what it was told."""

    def __init__(self, *, arm="", kinds=("answer",), status=200):
        self.arm, self.kinds, self.status, self.heard, self.times = arm, kinds, status, [], []

    def __call__(self, path, body):
        self.heard.append((path, body))
        place = min(len(self.heard), len(self.kinds)) - 1
        first = "session_id" not in body
        self.content = {
            "session_id": body.get("session_id", f"s_{len(self.heard)}"),
            "understanding": {"intent": "x", "confidence": 0.9, "decision": "answer"},
            "next_action": {"kind": self.kinds[place]},
            "quick_replies": [
                {"label": "Trouville", "payload": "commune:14715"},
                {"label": "Deauville", "payload": "commune:14220"},
            ],
            "nudge": {"arm": self.arm} if self.arm and first else None,
        }
        self.status_code = 201 if path == "/v1/feedback" and self.status == 200 else self.status
        self.headers = {"Server-Timing": "model;dur=3.5, answer;dur=1.25"}
        return self

    def json(self):
        return self.content


def held(sophie, *, visits=1, said=ANSWERED, **habits):
    planned = day_of_visits([said], day=DAY, visits=visits, communes={"14220": 1}, seed=3)
    planned = [replace(one, channel="web", requests=one.requests[:1]) for one in planned]
    never = {"interest": 0, "effect": 0, "stops": 0, "rates": 0}
    return play(
        planned, post=sophie, set_clock=sophie.times.append, habits=Habits(**{**never, **habits}),
        eco_requests=ECO, seed=5,
    )  # fmt: skip


def test_a_turn_is_noted_with_its_phases_and_its_hour():
    sophie = Sophie()
    turn = held(sophie).iloc[0]
    assert (turn["said"], turn["intent"], turn["next_action"]) == ("redevance_pro", "x", "answer")
    assert (turn["model_ms"], turn["answer_ms"]) == (3.5, 1.25)
    assert sophie.times == [turn["at"]]
    assert turn["at"].date() == DAY


def test_a_question_is_answered_by_a_click_on_her_own_commune():
    sophie = Sophie(kinds=("ask_slot", "answer"))
    turns = held(sophie)
    assert sophie.heard[1][1]["payload"] == "commune:14220"
    assert turns["said"].isna().tolist() == [False, True]
    assert turns["session"].nunique() == 1


def test_questions_without_end_are_left_and_so_is_a_hand_over():
    assert len(held(Sophie(kinds=("clarify",)))) == 8
    assert len(held(Sophie(kinds=("hand_over",)), interest=1)) == 1


def test_an_eco_gesture_adds_its_effect_to_the_same_persons():
    bare = held(Sophie(), visits=2_000, interest=0.1, effect=0.2)
    shown = held(Sophie(arm="eco"), visits=2_000, interest=0.1, effect=0.2)
    asked, moved = (
        set(turns.loc[turns["said"] == "ecogeste_conseil", "visit"]) for turns in (bare, shown)
    )
    assert len(asked) / 2_000 == pytest.approx(0.1, abs=0.02)
    assert len(moved) / 2_000 == pytest.approx(0.3, abs=0.03)
    # What a person would do does not depend on her arm: nobody is lost.
    assert asked < moved


def test_some_stop_and_some_rate():
    sophie = Sophie(arm="eco")
    turns = held(sophie, stops=1, rates=1)
    assert sophie.heard[1][1]["payload"] == "intent:nudge_stop"
    path, body = sophie.heard[2]
    assert path == "/v1/feedback"
    assert body["rating"] == turns["rating"].iloc[-1]


def test_speech_has_no_punctuation():
    sophie = Sophie()
    said = Said(text="C'est quand, le bac jaune ?", intent="collecte_calendrier")
    planned = day_of_visits([said], day=DAY, visits=1, communes={"14220": 1}, seed=3)
    planned = [replace(one, channel="voice", requests=one.requests[:1]) for one in planned]
    play(planned, post=sophie, set_clock=lambda _at: None, habits=Habits(interest=0, rates=0),
         eco_requests=ECO, seed=5)  # fmt: skip
    assert sophie.heard[0][1]["text"] == "c'est quand le bac jaune"


def test_a_refusal_stops_the_simulation():
    with pytest.raises(RefusedTurnError, match="429"):
        held(Sophie(status=429))
