import re

import pytest

from nudge.instruments.catalogue import INSTRUMENTS
from nudge.instruments.instrument import table_schema


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_each_instrument_says_what_it_holds(name: str) -> None:
    one = INSTRUMENTS[name]
    assert one.name == name
    assert set(one.key) <= set(one.column_names)
    assert all(one.column(key).required for key in one.key)
    for column in one.columns:
        assert column.title
        assert column.description.endswith(".")
        if column.kind == "number" or (column.minimum is not None and column.name != "rang"):
            assert column.unit, f"{column.name} has no unit"


def test_schema_is_frictionless() -> None:
    schema = table_schema("controle_bac")
    assert schema["primaryKey"] == ["controle_id"]
    assert schema["missingValues"] == [""]
    presence = next(field for field in schema["fields"] if field["name"] == "presente")
    assert presence["trueValues"] == ["oui"]


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("verre", True),
        ("verre|sac_ferme", True),
        ("verre|", False),
        ("verreverre", False),
        ("bouteille", False),
        ("verre sac_ferme", False),
    ],
)
def test_error_codes(text: str, fits: bool) -> None:
    pattern = INSTRUMENTS["controle_bac"].column("codes_erreur").pattern
    assert pattern is not None
    assert bool(re.fullmatch(pattern, text)) is fits


def test_unknown_column() -> None:
    with pytest.raises(KeyError):
        INSTRUMENTS["controle_bac"].column("adresse")
