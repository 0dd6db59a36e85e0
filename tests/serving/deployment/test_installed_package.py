import tomllib
from pathlib import Path

import pytest

from nudge.territory import table_schema as table_schema_module
from nudge.territory.territory import load_territory
from serving.contacts.export_columns import contact_columns

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("package", ["nlu", "experiments", "nudge", "serving"])
def test_a_package_takes_all_its_files_along(package):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"][package]
    folder = ROOT / package
    taken = {path for pattern in patterns for path in folder.glob(pattern)}
    needed = {
        path for path in folder.rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc"}
        and "deployment" not in path.relative_to(folder).parts
    }  # fmt: skip
    assert sorted(map(str, needed - taken)) == []


@pytest.fixture
def without_repository(monkeypatch, tmp_path):
    """The software as it is installed from a wheel: its own folder holds no data."""
    monkeypatch.setattr(table_schema_module, "REPOSITORY_FOLDER", tmp_path / "datasets")
    monkeypatch.setenv("POUCE_TERRITORY", str(ROOT / "datasets" / "territory"))
    table_schema_module.table_schema.cache_clear()
    contact_columns.cache_clear()
    yield
    table_schema_module.table_schema.cache_clear()
    contact_columns.cache_clear()


def test_a_package_without_its_repository_reads_the_territory_it_is_given(without_repository):
    assert len(load_territory().communes) == 12


def test_the_columns_of_contacts_are_those_of_the_data_folder(
    without_repository, monkeypatch, tmp_path
):
    monkeypatch.setenv("POUCE_SERVE_DATASETS", str(ROOT / "datasets"))
    assert "pseudonyme" in [column.name for column in contact_columns().columns]
    contact_columns.cache_clear()
    monkeypatch.setenv("POUCE_SERVE_DATASETS", str(tmp_path))
    with pytest.raises(FileNotFoundError):
        contact_columns()
