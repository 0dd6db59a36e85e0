import typer
from typer.testing import CliRunner

from nudge.analysis.result_file import save_result
from nudge.cli.portfolio import portfolio_command


def run(*arguments):
    app = typer.Typer()
    app.command()(portfolio_command)
    return CliRunner().invoke(app, [str(one) for one in arguments])


def test_folders_and_files_are_read_each_once(make, tmp_path):
    for name, effect in (("rue-2027", 0.02), ("carte-2028", 0.05)):
        save_result(make(name, [effect]), tmp_path / name / "analyse" / "resultat.json")
    one = tmp_path / "rue-2027" / "analyse" / "resultat.json"
    done = run(tmp_path, one, "--output", tmp_path / "sortie")
    assert done.exit_code == 0, done.output
    page = (tmp_path / "sortie" / "portefeuille.html").read_text(encoding="utf-8")
    assert "2\u00a0campagnes." in page
    assert "Deux campagnes seulement" in page


def test_two_results_of_one_campaign_are_refused(make, tmp_path):
    for folder in ("ici", "la"):
        save_result(make("rue-2027", [0.02]), tmp_path / folder / "analyse" / "resultat.json")
    refused = run(tmp_path, "--output", tmp_path / "sortie")
    assert refused.exit_code == 2
    assert "deuxième résultat" in refused.stderr
    assert not (tmp_path / "sortie").exists()


def test_a_folder_without_results_says_what_to_name(tmp_path):
    refused = run(tmp_path)
    assert refused.exit_code == 2
    assert "pas de résultat de campagne" in refused.stderr
