import pytest
from typer.testing import CliRunner

from nudge.cli.app import app
from nudge.store.campaigns import allocation, stored_campaign
from nudge.store.database import open_store


@pytest.fixture(scope="module")
def life(tmp_path_factory):
    """The packaged example, taken to « en cours » by the commands that a manager types."""
    work = tmp_path_factory.mktemp("vie")
    url = f"sqlite:///{work / 'pouce.db'}"
    folder = work / "eco"

    def run(command, *arguments):
        done = CliRunner().invoke(app, [command, str(folder), *arguments, "--store", url])
        assert done.exit_code == 0, done.output
        return done.output

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(work)
        done = CliRunner().invoke(app, ["new", str(folder), "--example", "eco_geste"])
        assert done.exit_code == 0, done.output
        said = {command: run(command) for command in ("check", "lock", "draw", "verify")}
        yield run, said, open_store(url), folder


def test_conversations_are_drawn_like_zones_and_anyone_may_verify(life):
    _, said, store, _ = life
    stored = stored_campaign(store, "eco-geste-sophie")
    assert stored.status == "en_cours"
    assert stored.title.startswith("SIMULATION")
    arms = list(allocation(store, "eco-geste-sophie").values())
    assert (arms.count("temoin"), arms.count("eco-geste")) == (100, 100)
    assert "Identique" in said["verify"]
    assert "Sophie parle du" in said["draw"]
    assert "sheets" not in said["draw"]


def test_its_measures_are_imported_and_analysed_like_any_other(life):
    run, _, store, folder = life
    run("simulate", "--effect", "0.9", "--seed", "3")
    run("import", str(folder / "simulation" / "conversation.csv"))
    told = run("analyse", "--no-track")
    assert "SIMULATION" in told
    assert "Niveau de preuve : A" in told
    assert stored_campaign(store, "eco-geste-sophie").status == "close"
