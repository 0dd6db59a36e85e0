import csv
from pathlib import Path

import pandas as pd
import pytest

from nudge.campaign.load import campaign_from_yaml
from nudge.imports.import_file import RefusedImportError, import_file
from nudge.store.campaigns import save_allocation, save_campaign, save_zones, set_status
from nudge.store.database import open_store, writing
from nudge.store.locks import save_lock

ZONES = [f"rue-14220-{number:03d}" for number in range(1, 13)]
CAMPAIGN = """
version: 1
identifiant: bacs-jaunes
titre: Bacs jaunes
simulation: oui
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
  - {nom: reference, type: reference, debut: 2027-05-10, fin: 2027-05-21}
  - {nom: suivi, type: suivi, debut: 2027-06-14, fin: 2027-06-25}
"""
CHECK = {
    "controle_id": "c1", "zone_id": ZONES[0], "foyer_id": "f1", "vague": "reference",
    "date": "2027-05-12", "presente": "oui", "couleur": "vert", "codes_erreur": "",
    "controleur": "agent-1", "rang": "1", "meteo": "sec",
}  # fmt: skip


def make_store(folder: Path, *, drawn: bool = True, conception: str = "randomisee"):
    """A store with one locked campaign, drawn or not."""
    folder.mkdir(exist_ok=True)
    text = f"{CAMPAIGN}conception: {conception}\n"
    store = open_store(f"sqlite:///{folder / 'pouce.db'}")
    campaign = campaign_from_yaml(text)
    zones = pd.DataFrame({"zone_id": ZONES, "nom": ZONES, "tournee_id": "t1"})
    with writing(store) as connection:
        save_campaign(
            connection,
            identifier=campaign.identifier,
            title=campaign.shown_title,
            yaml=text,
            status="validee",
            simulation=campaign.simulation,
            folder=str(folder),
        )
        save_zones(connection, campaign.identifier, zones)
        save_lock(connection, campaign.identifier, plan_sha256="0" * 64, zones_sha256="0" * 64,
                  record={})  # fmt: skip
        if drawn:
            arms = {zone: ("temoin", "carte")[place % 2] for place, zone in enumerate(ZONES)}
            save_allocation(connection, campaign.identifier, arms)
            set_status(connection, campaign.identifier, "en_cours")
    return store


@pytest.fixture
def make():
    return make_store


@pytest.fixture
def store(tmp_path):
    return make_store(tmp_path)


@pytest.fixture
def checks():
    return rows_of_checks


@pytest.fixture
def write_csv():
    return write_rows


@pytest.fixture
def refusal():
    return refused


def rows_of_checks(n: int = 3, **changed: str) -> list[dict[str, str]]:
    """Rows of sound bin checks, one dwelling each; ``changed`` goes for all of them."""
    return [
        CHECK
        | {"controle_id": f"c{place}", "foyer_id": f"f{place}", "zone_id": ZONES[place % 12]}
        | changed
        for place in range(1, n + 1)
    ]


def write_rows(path: Path, rows: list[dict[str, str]], *, delimiter=",", encoding="utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as stream:
        table = csv.DictWriter(stream, list(rows[0]), delimiter=delimiter)
        table.writeheader()
        table.writerows(rows)
    return path


def refused(store, path: Path, **options):
    """Import a file that must be refused and return its report."""
    with pytest.raises(RefusedImportError) as caught:
        import_file(store, campaign="bacs-jaunes", path=path, **options)
    return caught.value.report
