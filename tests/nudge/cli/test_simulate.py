from datetime import date

import pytest
import yaml
from typer.testing import CliRunner

from nudge.campaign.load import load_campaign
from nudge.campaign.template import example
from nudge.cli.app import app
from nudge.lifecycle.drawing import draw_campaign
from nudge.lifecycle.locking import lock_campaign
from nudge.lifecycle.validation import check_campaign
from nudge.simulation.truth import Truth
from nudge.store.database import open_store
from nudge.territory.territory import load_territory

TODAY = date(2026, 12, 1)


@pytest.fixture
def campaign(tmp_path):
    """A folder whose campaign is checked and locked, and the address of its store."""

    def build(*, drawn=True, simulated=True):
        folder = tmp_path / "essai"
        folder.mkdir()
        text = example("comparaison")
        if not simulated:
            text = text.replace("simulation: oui", "simulation: non")
        (folder / "campagne.yaml").write_text(text, encoding="utf-8")
        url = f"sqlite:///{tmp_path / 'pouce.db'}"
        store, territory = open_store(url), load_territory()
        plan = load_campaign(folder / "campagne.yaml")
        settings = {"folder": folder, "store": store, "territory": territory, "today": TODAY}
        check_campaign(plan, **settings)
        if simulated:
            lock_campaign(plan, **settings)
            if drawn:
                draw_campaign(store, plan.identifier, territory=territory, today=TODAY, seed=3)
        return folder, url

    return build


def run(*arguments):
    return CliRunner().invoke(app, ["simulate", *map(str, arguments)])


def waves(folder):
    text = (folder / "simulation" / "controle_bac.csv").read_text(encoding="utf-8")
    lines = [line.split(",") for line in text.splitlines()]
    place = lines[0].index("vague")
    return {line[place] for line in lines[1:]}


def test_after_the_draw_all_waves_are_written_with_the_truth(campaign):
    folder, url = campaign()

    result = run(folder, "--store", url, "--units", 10)

    assert result.exit_code == 0, result.output
    assert waves(folder) == {"reference", "suivi-1", "suivi-2", "suivi-3"}
    written = {path.name for path in (folder / "simulation").iterdir()}
    assert written == {
        "controle_bac.csv", "distribution.csv", "reclamation.csv", "verite.json", "verite.yaml",
    }  # fmt: skip
    for name in ("controle_bac", "distribution", "reclamation"):
        assert f"pouce campaign import {folder}" in result.output
        assert f"{name}.csv" in result.output
    assert "effet vrai de « comparaison »" in result.output


def test_before_the_draw_only_reference_waves_are_written(campaign):
    folder, url = campaign(drawn=False)

    result = run(folder, "--store", url, "--units", 10)

    assert result.exit_code == 0, result.output
    assert waves(folder) == {"reference"}
    assert not (folder / "simulation" / "distribution.csv").exists()
    assert "pouce campaign draw" in result.output


def test_a_real_campaign_takes_no_simulated_rows(campaign):
    folder, url = campaign(simulated=False)

    result = run(folder, "--store", url)

    assert result.exit_code == 2
    assert "n'est pas une simulation" in result.stderr
    assert not (folder / "simulation").exists()


def test_the_written_truth_gives_the_same_field_again(campaign, tmp_path):
    folder, url = campaign()
    run(folder, "--store", url, "--units", 10, "--seed", 5)
    truth = folder / "simulation" / "verite.yaml"

    result = run(
        folder, "--store", url, "--units", 10, "--seed", 5,
        "--truth", truth, "--output", tmp_path / "encore",
    )  # fmt: skip

    assert result.exit_code == 0, result.output
    one = (folder / "simulation" / "controle_bac.csv").read_bytes()
    assert (tmp_path / "encore" / "controle_bac.csv").read_bytes() == one


def test_a_faulty_truth_is_refused_before_anything_is_written(campaign, tmp_path):
    folder, url = campaign()
    faulty = tmp_path / "verite.yaml"
    faulty.write_text("groupes: {inconnu: {effet: 0.1}}", encoding="utf-8")

    result = run(folder, "--store", url, "--truth", faulty)

    assert result.exit_code == 2
    assert "groupe inconnu : « inconnu »" in result.stderr
    assert not (folder / "simulation").exists()


def test_the_example_is_a_truth():
    result = run("--show-example")

    assert result.exit_code == 0
    assert result.output.startswith("# Vérité d'une SIMULATION")
    assert Truth.model_validate(yaml.safe_load(result.output)).spillover > 0


def test_a_campaign_must_be_named():
    assert run().exit_code == 2


def test_the_effect_can_be_said_in_one_word(campaign):
    folder, url = campaign()

    assert run(folder, "--store", url, "--units", 10, "--effect", 0.09).exit_code == 0
    truth = yaml.safe_load((folder / "simulation" / "verite.yaml").read_text(encoding="utf-8"))
    assert truth["groupes"]["comparaison"]["effet"] == 0.09

    twice = run(folder, "--effect", 0.09, "--store", url, "--truth", folder / "campagne.yaml")
    assert twice.exit_code == 2
    assert "garder l'un des deux" in twice.stderr
