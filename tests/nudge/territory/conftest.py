"""A writable copy of the repository's territory, and a way to spoil its files."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from nudge.territory.table_schema import REPOSITORY_FOLDER
from nudge.territory.territory import Territory, load_territory

Edit = Callable[[str, str, str], int]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "territory"
    shutil.copytree(REPOSITORY_FOLDER, copy)
    return copy


@pytest.fixture(scope="module")
def territory() -> Territory:
    return load_territory(REPOSITORY_FOLDER)


@pytest.fixture
def edit(folder: Path) -> Edit:
    """Replace a text that occurs once in a file, and return its line."""

    def replace(file: str, old: str, new: str) -> int:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, (file, old, text.count(old))
        path.write_text(text.replace(old, new), encoding="utf-8")
        return text[: text.index(old)].count("\n") + 1

    return replace
