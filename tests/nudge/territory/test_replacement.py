import os
import shutil
from pathlib import Path

import pytest

from nudge.errors import CampaignError
from nudge.territory.neighbours import neighbours_of
from nudge.territory.replacement import replace_territory
from nudge.territory.territory import load_territory

ZONES = """\
zone_id,nom,type_zone,code_insee,sous_secteur_id,tournee_id,n_logements,n_residences_secondaires,\
type_habitat,latitude,longitude,synthetique,source,date_maj
R1,Rue A,rue,14220,,T1,40,20,mixte,49.3600,0.0700,non,service,2027-01-15
R2,Rue B,rue,14220,,T1,30,10,mixte,49.3610,0.0700,non,service,2027-01-15
R3,Rue C,rue,14220,,T1,12,0,collectif,49.3700,0.0700,non,service,2027-01-15
"""
ROUNDS = """\
tournee_id,nom,flux,jour,semaine,synthetique,source
T1,Nord,omr,lundi+jeudi,toutes,non,service
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    real = tmp_path / "real"
    real.mkdir()
    (real / "zones.csv").write_text(ZONES, encoding="utf-8")
    (real / "tournees.csv").write_text(ROUNDS, encoding="utf-8")
    return real


def snapshot(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_real_lists_take_the_place_of_invented_ones(source, folder):
    done = replace_territory(source, folder)
    territory = load_territory(folder)
    assert territory.zones["zone_id"].tolist() == ["R1", "R2", "R3"]
    assert not territory.synthetic
    assert territory.fingerprint == done.territory.fingerprint
    assert done.supplied == ("tournees.csv", "zones.csv")
    assert len(territory.communes) == 12


def test_neighbours_come_from_coordinates_when_not_supplied(source, folder):
    done = replace_territory(source, folder)
    assert done.neighbours_computed
    pairs = neighbours_of(done.territory, unit="rue").to_numpy().tolist()
    assert pairs == [["R1", "R2"], ["R2", "R1"]]
    assert not done.territory.neighbours["synthetique"].any()


def test_supplied_neighbours_are_kept(source, folder):
    header = "zone_id,voisin_id,distance_m,synthetique\n"
    (source / "voisinages.csv").write_text(header + "R1,R3,900,non\nR3,R1,900,non\n")
    done = replace_territory(source, folder)
    assert not done.neighbours_computed
    assert done.territory.neighbours["distance_m"].tolist() == [900, 900]


def test_former_files_are_kept_beside(source, folder):
    before = snapshot(folder)
    done = replace_territory(source, folder)
    assert snapshot(Path(done.previous)) == before
    assert {path.name for path in folder.parent.iterdir()} == {
        "real", "territory", Path(done.previous).name,
    }  # fmt: skip
    assert (folder / "README.md").exists()


def test_one_faulty_row_changes_nothing(source, folder):
    (source / "zones.csv").write_text(ZONES.replace("30,10,mixte", "30,31,mixte"))
    before = snapshot(folder)
    with pytest.raises(CampaignError) as caught:
        replace_territory(source, folder)
    (problem,) = caught.value.problems
    assert (problem.place, problem.row) == ("zones.csv", 3)
    assert problem.column == "n_residences_secondaires"
    assert snapshot(folder) == before
    assert {path.name for path in folder.parent.iterdir()} == {"real", "territory"}


def test_failed_exchange_puts_everything_back(source, folder, monkeypatch):
    before = snapshot(folder)
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self.name.startswith(".territory-") and Path(target) == folder:
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(CampaignError, match="n'ont pas changé"):
        replace_territory(source, folder)
    assert snapshot(folder) == before
    assert {path.name for path in folder.parent.iterdir()} == {"real", "territory"}


def test_new_destination_takes_the_communes_of_the_repository(source, tmp_path):
    done = replace_territory(source, tmp_path / "deep" / "new")
    assert done.previous == ""
    assert (tmp_path / "deep" / "new" / "zones.schema.json").exists()
    assert len(done.territory.communes) == 12


def test_misnamed_file_is_refused_with_its_right_name(source, folder):
    (source / "tournees.csv").rename(source / "tournée.csv")
    with pytest.raises(CampaignError, match=r"le nommer tournees\.csv"):
        replace_territory(source, folder)


@pytest.mark.parametrize("case", ["absent", "empty", "same"])
def test_unusable_source_is_refused(folder, tmp_path, case):
    (tmp_path / "empty").mkdir()
    source = {"absent": tmp_path / "absent", "empty": tmp_path / "empty", "same": folder}[case]
    before = snapshot(folder)
    with pytest.raises(CampaignError):
        replace_territory(source, folder)
    assert snapshot(folder) == before


def test_a_folder_of_other_things_is_never_exchanged(source, folder):
    (folder / "photos").mkdir()
    with pytest.raises(CampaignError, match="photos"):
        replace_territory(source, folder)
    assert (folder / "photos").is_dir()


def test_a_link_to_the_territory_stays_a_link(source, folder, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(folder)
    replace_territory(source, link)
    assert link.is_symlink()
    assert load_territory(link).zones["zone_id"].tolist() == ["R1", "R2", "R3"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_unreadable_file_is_told(source, folder):
    (source / "zones.csv").chmod(0)
    with pytest.raises(CampaignError, match="ne peut pas être lu"):
        replace_territory(source, folder)


def test_source_may_be_a_copy_of_a_whole_territory(folder, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    before = load_territory(folder).fingerprint
    assert replace_territory(copy, folder).territory.fingerprint == before
