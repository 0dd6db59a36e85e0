"""Time and memory of importing a million bin checks; run by hand.

    python tests/benchmarks/nudge/import_speed.py [--rows 1000000]

Each file is imported by a process of its own, so that its peak memory is its own.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl

from nudge.store.campaigns import save_allocation, save_campaign, save_zones, set_status
from nudge.store.database import open_store, writing

N_ZONES = 240
XLSX_ROWS = 100_000
CAMPAIGN = """
version: 1
identifiant: essai
titre: Essai de vitesse
simulation: oui
objectif: Mesurer la vitesse des imports.
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
  - {nom: reference, type: reference, debut: 2027-05-01, fin: 2027-05-28}
  - {nom: suivi, type: suivi, debut: 2027-06-01, fin: 2027-06-28}
"""


def checks(n: int) -> pl.DataFrame:
    """Return sound synthetic bin checks as text."""
    rng = np.random.default_rng(1)
    place = np.arange(n)
    follow_up = place % 2 == 1
    seen = rng.random(n) < 0.7
    day = rng.integers(1, 29, n)
    colours = np.array(["vert", "orange", "rouge"])[rng.integers(0, 3, n)]
    return pl.DataFrame(
        {
            "controle_id": [f"controle-{one:08d}" for one in place],
            "zone_id": [f"rue-14220-{one % N_ZONES:03d}" for one in place],
            "foyer_id": [f"foyer-{one // 2:07d}" for one in place],
            "vague": np.where(follow_up, "suivi", "reference"),
            "date": [
                f"2027-{'06' if late else '05'}-{one:02d}"
                for late, one in zip(follow_up, day, strict=True)
            ],
            "presente": np.where(seen, "oui", "non"),
            "couleur": np.where(seen, colours, ""),
            "codes_erreur": np.where(seen & (colours != "vert"), "verre|sac_ferme", ""),
            "controleur": [f"agent-{one % 9}" for one in place],
            "rang": np.full(n, 1),
            "meteo": np.full(n, "sec"),
        }
    )


def new_store(folder: Path) -> str:
    """Make a store with one drawn campaign and return its address."""
    url = f"sqlite:///{folder / 'pouce.db'}"
    zones = [f"rue-14220-{number:03d}" for number in range(N_ZONES)]
    with writing(open_store(url)) as connection:
        save_campaign(connection, identifier="essai", title="Essai", yaml=CAMPAIGN,
                      status="validee", simulation=True, folder=str(folder))  # fmt: skip
        save_zones(connection, "essai", pd.DataFrame({"zone_id": zones}))
        arms = {zone: ("temoin", "carte")[place % 2] for place, zone in enumerate(zones)}
        save_allocation(connection, "essai", arms)
        set_status(connection, "essai", "en_cours")
    return url


def measure(path: Path, url: str) -> None:
    """Import one file and print what it took."""
    from nudge.imports.import_file import import_file

    store = open_store(url)
    before = time.process_time(), time.perf_counter()
    report = import_file(store, campaign="essai", path=path)
    cpu, wall = time.process_time() - before[0], time.perf_counter() - before[1]
    peak = peak_mib()
    print(
        f"{path.name}: {report.n_new} rows, {wall:.1f} s on the clock, {cpu:.1f} s of CPU, "
        f"peak {peak:.0f} MiB, file {path.stat().st_size / 2**20:.0f} MiB"
    )


def peak_mib() -> float:
    """Return the peak memory of this process; that of ``getrusage`` holds its parent's too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--one", nargs=2, metavar=("FILE", "STORE"))
    options = parser.parse_args()
    if options.one:
        measure(Path(options.one[0]), options.one[1])
        return
    with tempfile.TemporaryDirectory() as name:
        table = checks(options.rows)
        files = {kind: Path(name, f"checks.{kind}") for kind in ("csv", "parquet", "xlsx")}
        table.write_csv(files["csv"])
        table.with_columns(pl.col("date").str.to_date()).write_parquet(files["parquet"])
        table.head(XLSX_ROWS).to_pandas().to_excel(files["xlsx"], index=False)
        for kind, path in files.items():
            folder = Path(name, kind)
            folder.mkdir()
            command = [sys.executable, __file__, "--one", str(path), new_store(folder)]
            subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
