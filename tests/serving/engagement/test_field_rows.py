from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest

from nudge.campaign.load import campaign_from_yaml
from nudge.campaign.template import example
from nudge.errors import CampaignError
from nudge.instruments.catalogue import INSTRUMENTS
from serving.engagement.field_rows import field_rows

NOW = datetime(2027, 2, 10, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def campaign():
    return campaign_from_yaml(example("eco_geste"))


def rows(*exposed):
    at = pd.to_datetime(list(exposed), utc=True)
    return pd.DataFrame(
        {
            "conversation": [f"p_{number}" for number in range(len(exposed))],
            "unite": "conversation-007",
            "date": at.tz_convert("Europe/Paris").date,
            "exposition": at,
            "interet": [number % 2 for number in range(len(exposed))],
        }
    )


def test_a_row_is_what_the_instrument_asks_for(campaign):
    found = field_rows(rows("2027-02-03T10:00Z", "2027-01-10T10:00Z"), campaign, now=NOW)
    assert tuple(found.columns) == INSTRUMENTS["conversation"].column_names
    assert found["foyer_id"].tolist() == ["p_1", "p_0"]
    assert found["vague"].tolist() == ["mois-1", "mois-2"]
    assert found["interet"].tolist() == [True, False]


def test_a_conversation_is_written_once_it_can_no_longer_change(campaign):
    young = NOW - timedelta(hours=23)
    old = NOW - timedelta(hours=25)
    found = field_rows(rows(young, old), campaign, now=NOW)
    assert found["foyer_id"].tolist() == ["p_1"]


def test_the_wave_is_that_of_the_day_in_paris_and_others_are_left_out(campaign):
    # 23:30 UTC on 31 January is already February in Paris.
    shown = rows("2027-01-31T23:30Z", "2027-01-31T22:30Z", "2026-12-31T10:00Z")
    found = field_rows(shown, campaign, now=NOW).set_index("foyer_id")
    assert found["vague"].to_dict() == {"p_1": "mois-1", "p_0": "mois-2"}
    assert found.loc["p_0", "date"].date() == date(2027, 2, 1)


def test_a_campaign_that_draws_streets_has_no_such_file():
    streets = campaign_from_yaml(example("comparaison"))
    with pytest.raises(CampaignError, match="ne tire pas de conversations"):
        field_rows(rows("2027-02-03T10:00Z"), streets, now=NOW)
