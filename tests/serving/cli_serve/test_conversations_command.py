from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest
from typer.testing import CliRunner

from nudge.campaign.load import campaign_from_yaml
from nudge.campaign.template import example
from nudge.imports.import_file import import_file
from nudge.lifecycle.drawing import draw_campaign
from nudge.lifecycle.locking import lock_campaign
from nudge.lifecycle.validation import check_campaign
from nudge.territory.territory import load_territory
from serving.cli_serve.app import app
from serving.engagement.nudging import offer
from serving.engagement.running_campaigns import running_campaigns
from serving.store.database import recording

CAMPAIGN = "eco-geste-sophie"
NOWHERE = {"commune": None, "tournee": None}


@pytest.fixture
def week(serving_store, tmp_path, monkeypatch):
    """The packaged example, begun a week ago, with forty conversations then and four just now."""
    monkeypatch.chdir(tmp_path)
    start = date.today() - timedelta(days=7)
    text = example("eco_geste", today=start)
    campaign = campaign_from_yaml(text)
    folder = tmp_path / "eco"
    folder.mkdir()
    (folder / "campagne.yaml").write_text(text, encoding="utf-8")
    steps = {"store": serving_store, "territory": load_territory(), "today": start}
    check_campaign(campaign, folder=folder, **steps)
    lock_campaign(campaign, folder=folder, **steps)
    draw_campaign(identifier=CAMPAIGN, **steps)
    chats = running_campaigns(serving_store, today=date.today())
    now = datetime.now(UTC)
    with recording(serving_store) as connection:
        for number in range(44):
            offer(
                connection, chats, conversation=f"p_{number:032x}", places=NOWHERE,
                message=f"m_{number}", intent="redevance_pro",
                at=now - timedelta(days=4 if number < 40 else 0),
            )  # fmt: skip
    return folder


def run(*arguments, store):
    url = store.engine.url.render_as_string(hide_password=False)
    return CliRunner().invoke(app, ["conversations", *map(str, arguments), "--store", url])


def test_conversations_followed_for_a_day_make_a_file_that_is_imported(serving_store, week):
    path = week / "conversation.csv"
    done = run(week, "--output", path, store=serving_store)
    assert done.exit_code == 0, done.output
    assert "SIMULATION" in done.stdout
    assert "40 conversations suivies" in done.stdout.replace("\u00a0", " ")
    assert len(pd.read_csv(path)) == 40
    assert import_file(serving_store, campaign=CAMPAIGN, path=path).n_new == 40
    # Later there are more of them, and those of before are the same.
    again = run(CAMPAIGN, "--output", path, store=serving_store)
    assert again.exit_code == 0, again.output
    assert import_file(serving_store, campaign=CAMPAIGN, path=path).n_new == 0


def test_a_place_that_cannot_be_written_is_told(serving_store, week):
    done = run(week, "--output", week / "absent" / "conversation.csv", store=serving_store)
    assert done.exit_code == 2
    assert "n'existe pas" in done.output.replace("’", "'")
