import pytest
import typer

from experiments.errors import InputError
from nudge.cli.console import campaign_file, identifier_of, user_errors
from nudge.errors import CampaignError, Problem


def test_errors_are_told_in_french_without_a_traceback(capsys):
    with pytest.raises(typer.Exit) as caught, user_errors():
        raise CampaignError(Problem(place="campagne.yaml", column="fin", what="absent", mend="oui"))
    assert caught.value.exit_code == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "Erreur : campagne.yaml, « fin » : absent → oui" in told.err


def test_errors_of_experiments_end_the_command_too():
    with pytest.raises(typer.Exit), user_errors():
        raise InputError("no such column")


def test_a_campaign_is_named_by_itself_its_folder_or_its_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "tri"
    folder.mkdir()
    (folder / "campagne.yaml").write_text("identifiant: tri-2027\n", encoding="utf-8")
    for name in ("tri", str(folder), "tri/campagne.yaml"):
        assert identifier_of(name) == "tri-2027"
    assert identifier_of("tri-2027") == "tri-2027"
    assert campaign_file("tri-2027") is None


@pytest.mark.parametrize("name", ["rien/campagne.yaml", "dossier/absent", "autre.yml"])
def test_a_path_to_nothing_is_refused(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CampaignError, match="pouce campaign new"):
        identifier_of(name)


def test_a_file_without_an_identifier_is_refused(tmp_path):
    path = tmp_path / "campagne.yaml"
    path.write_text("titre: Tri\n", encoding="utf-8")
    with pytest.raises(CampaignError, match="identifiant"):
        identifier_of(str(path))
