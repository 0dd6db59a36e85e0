from typing import Any

import pandas as pd
import pytest

from nudge.analysis.deviations import deviations
from nudge.analysis.evidence_grade import evidence_grade
from nudge.campaign.load import campaign_from_fields

ARMS = {f"r{n}": "temoin" if n < 10 else "carte" for n in range(20)}


def listed(campaign_fields: dict[str, Any], **changes: Any) -> tuple[Any, ...]:
    settings: dict[str, Any] = {
        "arms": ARMS, "measured": list(ARMS), "waves": ["reference", "suivi-1", "suivi-2"],
        "delivered": pd.DataFrame(), "sample_ratio": None, "amendments": (), "declared": (),
        "early": False,
    }  # fmt: skip
    return deviations(campaign_from_fields(campaign_fields), **(settings | changes))


def deliveries(wrong: int, right: int) -> pd.DataFrame:
    zones = ["r0"] * wrong + ["r10"] * right
    return pd.DataFrame({"zone_id": zones, "bras": "carte", "remis": True})


def test_nothing_happened(campaign_fields: dict[str, Any]) -> None:
    assert listed(campaign_fields) == ()


@pytest.mark.parametrize(("lost", "serious"), [(1, False), (2, True)])
def test_more_than_a_tenth_of_an_arm_lost_is_serious(
    campaign_fields: dict[str, Any], lost: int, serious: bool
) -> None:
    (found,) = listed(campaign_fields, measured=list(ARMS)[lost:])
    assert found.serious is serious
    assert "Sans message" in found.text


def test_missing_waves(campaign_fields: dict[str, Any]) -> None:
    (one,) = listed(campaign_fields, waves=["reference", "suivi-1"])
    assert "« suivi-2 »" in one.text
    assert not one.serious
    (reference,) = listed(campaign_fields, waves=["suivi-1", "suivi-2"])
    assert "référence" in reference.text
    assert not reference.serious


@pytest.mark.parametrize(("wrong", "serious"), [(5, False), (6, True)])
def test_messages_in_the_wrong_zones(
    campaign_fields: dict[str, Any], wrong: int, serious: bool
) -> None:
    (found,) = listed(campaign_fields, delivered=deliveries(wrong, 100 - wrong))
    assert found.serious is serious


def test_messages_that_did_not_arrive_do_not_mix_groups(campaign_fields: dict[str, Any]) -> None:
    assert listed(campaign_fields, delivered=deliveries(50, 50).assign(remis=False)) == ()


def test_amendments_come_first(campaign_fields: dict[str, Any]) -> None:
    found = listed(campaign_fields, early=True, amendments=[(1, "dates décalées", False)])
    assert [one.kind for one in found] == ["amendement", "ecart"]
    assert found[0].text == "Avenant n° 1 : dates décalées"


def test_grades(campaign_fields: dict[str, Any]) -> None:
    def grade(fields: dict[str, Any], found: tuple[Any, ...] = (), **options: bool) -> str:
        campaign = campaign_from_fields(campaign_fields | fields)
        settings = {"locked": True, "estimated": True, **options}
        return evidence_grade(campaign, deviations=found, **settings)[0]

    matched = {
        "conception": "appariee_non_randomisee",
        "groupes": [
            {**arm, "zones": [f"r{place}"]} for place, arm in enumerate(campaign_fields["groupes"])
        ],
    }
    only = [wave for wave in campaign_fields["vagues"] if wave["type"] == "suivi"]
    assert grade({}) == "A"
    assert grade({}, listed(campaign_fields, early=True)) == "B"
    assert grade({}, locked=False) == "B"
    assert grade({}, estimated=False) == "D"
    assert grade(matched) == "B"
    assert grade({**matched, "vagues": only}) == "D"
    assert grade({"conception": "avant_apres"}) == "C"
    assert grade({"conception": "descriptive"}) == "D"
