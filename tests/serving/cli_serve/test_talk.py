from typer.testing import CliRunner

from serving.cli_serve.app import app
from serving.store.api_keys import all_keys
from serving.store.database import open_serving_store


def test_a_conversation_without_a_model_is_handed_over_and_its_key_revoked(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    store = f"sqlite:///{tmp_path / 'pouce.db'}"
    done = CliRunner().invoke(
        app, ["talk", "--text", "bonjour", "--text", "je veux un humain", "--store", store]
    )
    assert done.exit_code == 0, done.output
    assert "> bonjour" in done.stdout
    assert "assistant automatique" in done.stdout
    assert "conseiller" in done.stdout.split("> je veux un humain")[1]
    (key,) = all_keys(open_serving_store(store))
    assert key.revoked_at is not None
    assert key.scopes == {"messages"}
