import json

import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from nudge.cli.import_file import import_command
from nudge.store.campaigns import save_allocation, save_campaign, save_zones, set_status
from nudge.store.database import open_store, writing
from nudge.store.locks import save_lock
from nudge.store.observations import count_observations

CAMPAIGN = """
version: 1
identifiant: bacs-jaunes
titre: Bacs jaunes
simulation: oui
objectif: Savoir si la carte améliore le tri.
famille: qualite
critere_principal: bac_bien_trie_agrege
population: Logements avec bac
tirage: {unite: rue}
groupes:
  - {identifiant: temoin, titre: Témoin, temoin: oui}
  - {identifiant: carte, titre: Carte, levier: comparaison_sociale, canal: carte_porte}
debut: 2027-06-01
fin: 2027-06-30
vagues:
  - {nom: reference, type: reference, debut: 2027-05-10, fin: 2027-05-21}
  - {nom: suivi, type: suivi, debut: 2027-06-14, fin: 2027-06-25}
"""
HEADER = "zone_id,vague,date,n_controles,n_non_presentes,n_vert,n_orange,n_rouge"
app = typer.Typer()
app.command()(import_command)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "campagne.yaml").write_text(CAMPAIGN)
    url = f"sqlite:///{tmp_path / 'pouce.db'}"
    monkeypatch.setenv("POUCE_STORE", url)
    with writing(open_store(url)) as connection:
        save_campaign(connection, identifier="bacs-jaunes", title="Bacs", yaml=CAMPAIGN,
                      status="validee", simulation=True, folder=str(tmp_path))  # fmt: skip
        save_zones(connection, "bacs-jaunes", pd.DataFrame({"zone_id": ["a-1", "a-2"]}))
        save_lock(connection, "bacs-jaunes", plan_sha256="0", zones_sha256="0", record={})
        save_allocation(connection, "bacs-jaunes", {"a-1": "temoin", "a-2": "carte"})
        set_status(connection, "bacs-jaunes", "en_cours")
    return tmp_path


def command(*arguments):
    return CliRunner().invoke(app, [str(one) for one in arguments])


def counts(folder):
    return count_observations(open_store(), campaign="bacs-jaunes")


def write(folder, *lines):
    path = folder / "terrain.csv"
    path.write_text("\n".join([HEADER, *lines]) + "\n")
    return path


@pytest.mark.parametrize("named", ["bacs-jaunes", "folder", "file"])
def test_a_campaign_is_named_by_identifier_folder_or_file(folder, named):
    path = write(folder, "a-1,reference,2027-05-12,10,3,4,2,1")
    campaign = {"folder": folder, "file": folder / "campagne.yaml"}.get(named, named)
    done = command(campaign, path)
    assert done.exit_code == 0, done.output
    assert "Instrument reconnu : comptage_bacs" in done.stdout
    assert "1\u00a0ligne nouvelle" in done.stdout
    assert counts(folder) == {"comptage_bacs": 1}
    assert "0\u00a0ligne nouvelle, 1\u00a0déjà connue" in command(campaign, path).stdout


def test_a_refused_file_says_why_and_leaves_with_status_2(folder):
    path = write(folder, "a-1,reference,2027-05-12,9,3,4,2,1", "b,reference,2027-05-12,0,0,0,0,0")
    done = command("bacs-jaunes", path, "--errors", folder / "erreurs")
    assert done.exit_code == 2
    assert done.stdout == ""
    assert "terrain.csv, ligne 2, « n_controles »" in done.stderr
    assert "terrain.csv, ligne 3, « zone_id »" in done.stderr
    assert "Refusé : 2\u00a0problèmes" in done.stderr
    assert (folder / "erreurs" / "terrain-erreurs.csv").is_file()
    assert (folder / "erreurs" / "terrain-a-corriger.xlsx").is_file()
    assert counts(folder) == {}


def test_a_long_list_of_problems_is_cut_on_the_screen_only(folder):
    path = write(folder, *(f"b-{place},reference,2027-05-12,0,0,0,0,0" for place in range(50)))
    done = command("bacs-jaunes", path)
    assert done.stderr.count("« zone_id »") == 20
    assert "et 30\u00a0autres problèmes" in done.stderr
    listed = (folder / "terrain-erreurs.csv").read_text(encoding="utf-8-sig")
    assert listed.count("zone_id") == 50


def test_json_holds_the_whole_report(folder):
    path = write(folder, "a-1,reference,2027-05-12,10,3,4,2,1")
    report = json.loads(command("bacs-jaunes", path, "--json").stdout)
    assert (report["instrument"], report["n_new"], report["n_problems"]) == ("comptage_bacs", 1, 0)
    path = write(folder, "a-1,reference,2027-05-30,10,3,4,2,1")
    report = json.loads(command("bacs-jaunes", path, "--json").stdout)
    assert report["problems"][0]["column"] == "date"


def test_errors_outside_the_rows_are_told_in_french(folder):
    for arguments, said in [
        (("inconnue", write(folder, "x")), "campagne inconnue"),
        (("bacs-jaunes", folder / "absent.csv"), "vérifier le chemin"),
        (("bacs-jaunes", folder / "campagne.yaml"), "format inconnu"),
    ]:
        done = command(*arguments)
        assert done.exit_code == 2
        assert said in done.stderr
