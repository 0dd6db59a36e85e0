import pytest
import typer
from typer.testing import CliRunner

from nudge.analysis.result_file import save_result
from nudge.campaign.load import campaign_to_yaml
from nudge.cli.report import report_command
from nudge.store.campaigns import save_campaign
from nudge.store.database import open_store, writing


@pytest.fixture
def stored(tmp_path, monkeypatch):
    """A campaign in a store, with its folder."""
    monkeypatch.setenv("POUCE_STORE", f"sqlite:///{tmp_path / 'pouce.db'}")

    def put(result):
        campaign = result.campaign
        folder = tmp_path / campaign.identifier
        folder.mkdir()
        text = campaign_to_yaml(campaign)
        (folder / "campagne.yaml").write_text(text, encoding="utf-8")
        with writing(open_store()) as connection:
            save_campaign(
                connection, identifier=campaign.identifier, title=campaign.title, yaml=text,
                status=result.status, simulation=campaign.simulation, folder=str(folder),
            )  # fmt: skip
        return folder

    return put


def run(*arguments):
    app = typer.Typer()
    app.command()(report_command)
    return CliRunner().invoke(app, [str(one) for one in arguments])


def test_the_report_is_written_beside_the_campaign(stored, benefit):
    folder = stored(benefit)
    save_result(benefit, folder / "analyse" / "resultat.json")
    done = run(folder, "--no-pdf")
    assert done.exit_code == 0, done.output
    assert "7 de plus sont bien triés" in done.stdout
    assert (folder / "rapport" / "rapport.html").is_file()
    assert not (folder / "rapport" / "rapport.pdf").exists()
    assert "11a à compléter" in done.stderr
    assert "consort.yaml" in done.stderr
    (folder / "consort.yaml").write_text("11a: relevés à l'aveugle\n", encoding="utf-8")
    again = run("carte-2027", "--no-pdf", "--output", folder / "ailleurs")
    assert "provisoire" not in again.stderr
    assert "relevés à l" in (folder / "ailleurs" / "rapport.html").read_text(encoding="utf-8")


def test_a_simulation_says_so_first(stored, three_arms):
    folder = stored(three_arms)
    save_result(three_arms, folder / "analyse" / "resultat.json")
    assert run(folder, "--no-pdf").stdout.startswith("SIMULATION – ")


def test_without_an_analysis_the_command_says_what_to_run(stored, benefit):
    folder = stored(benefit)
    refused = run(folder)
    assert refused.exit_code == 2
    assert "pouce campaign analyse" in refused.stderr
    assert not (folder / "rapport").exists()
