import pytest
import typer
from typer.testing import CliRunner

from nudge.cli.sheets import sheets_command
from nudge.instruments.catalogue import INSTRUMENTS
from nudge.store.campaigns import save_allocation, save_campaign, save_zones, set_status
from nudge.store.database import open_store, writing
from nudge.store.locks import save_lock
from nudge.territory.nesting import clusters_of
from nudge.territory.territory import load_territory

CAMPAIGN = """
version: 1
identifiant: bacs-jaunes
titre: Bacs jaunes
objectif: Savoir si la carte améliore le tri.
famille: qualite
critere_principal: bac_bien_trie
population: Logements avec bac
tirage: {unite: rue}
groupes:
  - {identifiant: temoin, titre: Témoin, temoin: oui}
  - {identifiant: carte, titre: Carte, levier: comparaison_sociale, canal: carte_porte}
debut: 2027-06-01
fin: 2027-06-30
vagues:
  - {nom: suivi, type: suivi, debut: 2027-06-14, fin: 2027-06-25}
"""
app = typer.Typer()
app.command()(sheets_command)


@pytest.fixture
def drawn():
    """Make a folder with a store in which streets are drawn, control first or last."""

    def make(folder, *, control_first=True):
        folder.mkdir()
        zones = clusters_of(load_territory(), unit="rue").head(6)
        arms = ["temoin", "carte"] if control_first else ["carte", "temoin"]
        with writing(open_store(f"sqlite:///{folder / 'pouce.db'}")) as connection:
            save_campaign(connection, identifier="bacs-jaunes", title="Bacs", yaml=CAMPAIGN,
                          status="validee", simulation=False, folder=str(folder))  # fmt: skip
            save_zones(connection, "bacs-jaunes", zones)
            save_lock(connection, "bacs-jaunes", plan_sha256="0", zones_sha256="0", record={})
            drawn = {zone: arms[place % 2] for place, zone in enumerate(zones["zone_id"])}
            save_allocation(connection, "bacs-jaunes", drawn)
            set_status(connection, "bacs-jaunes", "en_cours")
        return folder

    return make


def command(folder, *arguments):
    store = f"sqlite:///{folder / 'pouce.db'}"
    return CliRunner().invoke(app, ["bacs-jaunes", "--store", store, *map(str, arguments)])


def files(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_swapping_the_arms_of_the_zones_changes_no_byte(drawn, tmp_path):
    written = []
    for control_first in (True, False):
        folder = drawn(tmp_path / str(control_first), control_first=control_first)
        done = command(folder, "--wave", "suivi", "--checks-per-zone", 6)
        assert done.exit_code == 0, done.output
        written.append(files(folder / "fiches"))
    assert written[0] == written[1]
    assert any(name.endswith(".pdf") for name in written[0])


def test_the_options_choose_folder_and_kinds_of_files(drawn, tmp_path):
    folder = drawn(tmp_path / "a")
    done = command(folder, "--wave", "suivi", "--output", tmp_path / "b", "--no-csv", "--xlsx",
                   "--checks-per-zone", 2)  # fmt: skip
    assert done.exit_code == 0, done.output
    assert {name.rsplit(".", 1)[1] for name in files(tmp_path / "b")} == {"pdf", "xlsx"}
    assert not (folder / "fiches").exists()
    assert sorted(done.stdout.split()) == sorted(
        str(tmp_path / "b" / name) for name in files(tmp_path / "b")
    )


def test_an_unknown_wave_leaves_with_status_2(drawn, tmp_path):
    done = command(drawn(tmp_path / "a"), "--wave", "hiver")
    assert done.exit_code == 2
    assert "« suivi »" in done.stderr


def test_an_instrument_without_sheet_gives_a_blank_file(drawn, tmp_path):
    folder = drawn(tmp_path / "a")
    done = command(folder, "--instrument", "consentement", "--xlsx")
    assert done.exit_code == 0, done.output
    assert set(files(folder / "fiches")) == {"consentement.csv", "consentement.xlsx"}
    titles, first, *_ = files(folder / "fiches")["consentement.csv"].decode("utf-8-sig").split()
    assert set(titles.split(";")) == set(INSTRUMENTS["consentement"].column_names)
    assert first.startswith("rue-")


def test_the_wave_or_the_instrument_must_be_named(drawn, tmp_path):
    folder = drawn(tmp_path / "a")
    assert "--wave" in command(folder).stderr
    unknown = command(folder, "--instrument", "pesee")
    assert unknown.exit_code == 2
    assert "refus_camion" in unknown.stderr
