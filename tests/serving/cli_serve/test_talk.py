from datetime import date

import pandas as pd
import pytest
from typer.testing import CliRunner

from nudge.campaign.load import campaign_from_yaml
from nudge.campaign.template import example
from nudge.lifecycle.drawing import draw_campaign
from nudge.lifecycle.locking import lock_campaign
from nudge.lifecycle.validation import check_campaign
from nudge.territory.territory import load_territory
from serving.cli_serve.app import app
from serving.engagement.conversation_rows import conversation_rows
from serving.runtime import model as model_module
from serving.store.api_keys import all_keys
from serving.store.database import open_serving_store
from serving.store.tables import exposure

CAMPAIGN = "eco-geste-sophie"


@pytest.fixture
def talk(tmp_path, monkeypatch):
    """Run the command on a store of its own, without a model unless one stands in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.delenv("POUCE_MODEL", raising=False)
    store = f"sqlite:///{tmp_path / 'pouce.db'}"

    def run(*texts, options=()):
        said = [word for text in texts for word in ("--text", text)]
        return CliRunner().invoke(app, ["talk", *said, "--store", store, *options])

    run.store = open_serving_store(store)
    return run


@pytest.fixture
def with_model(monkeypatch, stand_in_engine):
    engine = stand_in_engine()
    monkeypatch.setattr(model_module, "choose_engine", lambda _folder: engine)
    monkeypatch.setattr(model_module, "resolve_model", lambda _wanted: engine)
    return ["--model", "essai"]


@pytest.fixture
def running(talk, tmp_path):
    """The packaged example, running from today."""
    text = example("eco_geste", today=date.today())
    folder = tmp_path / "eco"
    folder.mkdir()
    (folder / "campagne.yaml").write_text(text, encoding="utf-8")
    campaign = campaign_from_yaml(text)
    steps = {"store": talk.store, "territory": load_territory(), "today": date.today()}
    check_campaign(campaign, folder=folder, **steps)
    lock_campaign(campaign, folder=folder, **steps)
    draw_campaign(identifier=campaign.identifier, **steps)


def test_a_conversation_without_a_model_is_handed_over_and_its_key_revoked(talk, no_model):
    done = talk("bonjour", "je veux un humain", options=["--model", no_model])
    assert done.exit_code == 0, done.output
    assert "> bonjour" in done.stdout
    assert "assistant automatique" in done.stdout
    assert "conseiller" in done.stdout.split("> je veux un humain")[1]
    (key,) = all_keys(talk.store)
    assert key.revoked_at is not None
    assert key.scopes == {"messages"}


def test_a_text_that_is_the_label_of_a_choice_is_a_click(talk, with_model):
    done = talk(
        "quand passe le bac jaune à Deauville ?", "Deauville, secteur 1", options=with_model
    )
    assert done.exit_code == 0, done.output
    assert "Deauville, secteur 1. Prochaines collectes" in done.stdout.replace("\u00a0", " ")


def test_each_arm_is_met_by_new_conversations_and_all_are_counted(talk, running, with_model):
    done = talk("redevance", "stop", "redevance", options=["--each-arm", *with_model])
    assert done.exit_code == 0, done.output
    assert "SIMULATION" in done.stdout
    control, nudged = (
        next(part for part in done.stdout.split("Groupe tiré au sort")[1:] if title in part)
        for title in ("« Réponse seule »", "« Réponse, puis éco-geste »")
    )
    nudged = nudged.split("Journal")[0]
    assert "Une idée simple" not in control.split("Journal")[0]
    assert nudged.count("Une idée simple") == 1
    assert "message d'essai" in nudged.replace("’", "'")
    # Offered before « stop », never again after it.
    assert "Une idée simple" not in nudged.split("> stop")[1]

    rows = conversation_rows(talk.store, CAMPAIGN)
    counts = rows["groupe"].value_counts()
    told = done.stdout.replace("\u00a0", " ").split("Journal des expositions")[1]
    assert set(counts.index) == {"temoin", "eco-geste"}
    for title, arm in (("Réponse seule", "temoin"), ("Réponse, puis éco-geste", "eco-geste")):
        assert f"{title} : {counts[arm]} conversation" in told
    assert (rows["desinscription"] == 1).all()
    with talk.store.engine.connect() as connection:
        logged = pd.DataFrame(connection.execute(exposure.select()).mappings().all())
    assert len(logged) == len(rows)
    # No arm was chosen: the last conversation is the first of its arm.
    last = logged.sort_values("at")["arm"].iloc[-1]
    assert counts[last] == 1


def test_without_a_running_campaign_there_is_no_arm_to_show(talk, with_model):
    done = talk("redevance", options=["--each-arm", *with_model])
    assert done.exit_code == 2
    assert "aucune campagne en cours" in done.output
    assert all_keys(talk.store) == []


def test_a_conversation_that_enters_no_arm_is_shown_and_said_so(talk, running, with_model):
    done = talk("ma collecte a été manquée", options=["--each-arm", *with_model])
    assert done.exit_code == 2
    assert "> ma collecte a été manquée" in done.stdout
    assert "aucun groupe" in done.output
    assert all(key.revoked_at is not None for key in all_keys(talk.store))
