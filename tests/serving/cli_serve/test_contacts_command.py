from typer.testing import CliRunner

from serving.cli import app
from serving.settings import Settings

SAMPLE = Settings().datasets / "contacts" / "contacts_synthetiques.csv"


def run(*arguments):
    return CliRunner().invoke(app, ["serve", "contacts", "import", *map(str, arguments)])


def test_an_export_is_imported_and_counted(tmp_path):
    store = f"sqlite:///{tmp_path / 'pouce.db'}"
    done = run(SAMPLE, "--store", store)
    assert done.exit_code == 0
    assert "926" in done.output
    assert "0" in run(SAMPLE, "--store", store).output


def test_a_refused_export_leaves_the_list_of_its_faults(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text("pseudonyme,date,canal\nu1,hier,svi\n", encoding="utf-8")
    done = run(path, "--store", f"sqlite:///{tmp_path / 'pouce.db'}")
    assert done.exit_code == 2
    assert "hier" in (tmp_path / "export-erreurs.csv").read_text(encoding="utf-8")
