import json
from datetime import date

import pytest
from typer.testing import CliRunner

from nudge.campaign.load import load_campaign
from nudge.campaign.template import example
from nudge.cli.app import app
from nudge.imports.import_file import import_file
from nudge.lifecycle.drawing import draw_campaign
from nudge.lifecycle.locking import lock_campaign
from nudge.lifecycle.validation import check_campaign
from nudge.simulation.stored_campaign import simulate_stored
from nudge.store.database import open_store
from nudge.territory.territory import load_territory

TODAY = date(2026, 12, 1)


@pytest.fixture
def campaign(tmp_path):
    """A running campaign whose simulated field is imported, and the address of its store."""

    def build(truth=""):
        folder = tmp_path / "essai"
        folder.mkdir()
        (folder / "campagne.yaml").write_text(example("comparaison"), encoding="utf-8")
        url = f"sqlite:///{tmp_path / 'pouce.db'}"
        store, territory = open_store(url), load_territory()
        plan = load_campaign(folder / "campagne.yaml")
        settings = {"folder": folder, "store": store, "territory": territory, "today": TODAY}
        check_campaign(plan, **settings)
        lock_campaign(plan, **settings)
        draw_campaign(store, plan.identifier, territory=territory, today=TODAY, seed=3)
        path = None
        if truth:
            path = tmp_path / "verite.yaml"
            path.write_text(truth, encoding="utf-8")
        written = simulate_stored(
            store, plan.identifier, territory, truth_path=path, seed=7, units_per_zone=30
        )
        for file in written.files.values():
            import_file(store, campaign=plan.identifier, path=file)
        return folder, url

    return build


def run(*arguments):
    return CliRunner().invoke(app, ["monitor", *map(str, arguments)], env={"COLUMNS": "160"})


def test_a_sound_campaign_ends_with_0_and_writes_its_page(campaign):
    folder, url = campaign()

    result = run(folder, "--store", url, "--date", "2027-07-01")

    assert result.exit_code == 0, result.output
    assert "Accord entre contrôleurs" in result.output
    assert "SIMULATION" in result.output
    page = (folder / "suivi" / "suivi.html").read_text(encoding="utf-8")
    assert "Aucune alerte." in page
    assert json.loads((folder / "suivi" / "suivi.json").read_text(encoding="utf-8"))["sections"]


def test_an_alert_ends_with_1_and_is_logged_once(campaign):
    folder, url = campaign(
        "groupes: {comparaison: {reclamations_pour_100_logements: 8}, "
        "temoin: {reclamations_pour_100_logements: 0}}"
    )

    first = run(folder, "--store", url, "--date", "2027-07-01")
    second = run(folder, "--store", url, "--date", "2027-07-01")

    assert (first.exit_code, second.exit_code) == (1, 1)
    assert "ALERTE" in first.output
    assert "une personne décide" in first.output
    assert "Inscrit au journal" in first.output
    assert "Inscrit au journal" not in second.output


def test_levels_by_arm_are_refused_while_the_campaign_runs(campaign):
    folder, url = campaign()

    result = run(folder, "--store", url, "--unblind")

    assert result.exit_code == 2
    assert "restent cachés" in result.stderr
    assert not (folder / "suivi").exists()


def test_sensitivity_goes_with_specificity(campaign):
    folder, url = campaign()

    result = run(folder, "--store", url, "--sensitivity", "0.9")

    assert result.exit_code == 2
    assert "vont ensemble" in result.stderr
