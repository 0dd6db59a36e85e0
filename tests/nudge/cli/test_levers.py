import subprocess
import sys

import typer
from typer.testing import CliRunner

from nudge.cli.levers import levers_command
from nudge.levers.catalogue import levers

app = typer.Typer()
app.command()(levers_command)
runner = CliRunner()


def invoke(*arguments):
    done = runner.invoke(app, list(arguments))
    return done.exit_code, " ".join(done.output.split())


def test_the_list_names_every_lever_and_says_which_need_consent():
    code, text = invoke()
    assert code == 0
    for lever in levers().values():
        assert f"{lever.identifier} : {lever.title}" in text
    assert text.count("accord préalable est exigé") == 2


def test_the_detail_shows_evidence_risks_channels_and_messages():
    code, text = invoke("comparaison_sociale")
    assert code == 0
    assert "Canaux : carte_porte, courrier, affichage." in text
    assert "318 rues" in text
    assert "n'a modifié la contamination observée" in text
    assert "participation : 1,4 à 2,8 points" in text
    assert "qualité du tri : aucune taille vérifiée pour ce levier" in text
    assert "1,4 à 8,7 points" in text
    assert "Effet boomerang" in text
    assert "{{ norme.part }} des bacs de tri sortis" in text
    assert "calculé, jamais tapé" in text


def test_a_design_without_control_group_is_shown_as_such():
    _, text = invoke("valorisation")
    assert "Comté d'Orange 2018 (Floride) [qualité du tri ; sans groupe témoin ; vérifié]" in text
    assert "groupe témoin non précisé ; déclaré" in text


def test_an_unknown_lever_leaves_with_status_2_and_a_suggestion():
    code, text = invoke("engagment")
    assert code == 2
    assert "vouliez-vous « engagement » ?" in text


def test_the_command_is_loaded_without_heavy_libraries():
    code = (
        "import sys, nudge.cli.levers; "
        "print([one for one in ('pandas', 'numpy', 'jinja2') if one in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
