from datetime import date
from pathlib import Path

import pytest

from nlu.entities.extract import extract_entities
from nlu.entities.gazetteer import PlaceName, build_gazetteer
from nlu.entities.resources import build_resources, ordinary_words
from nlu.entities.waste_object import read_waste_objects

SOPHIE = Path(__file__).parents[3] / "datasets" / "sophie"
TODAY = date(2026, 11, 25)  # a Wednesday


@pytest.fixture(scope="session")
def resources():
    ordinary = ordinary_words()
    gazetteer = build_gazetteer(
        {
            "1": "Deauville", "2": "Villers-sur-Mer", "3": "Villerville", "4": "Touques",
            "5": "Saint-Gatien-des-Bois", "6": "Trouville-sur-Mer",
        },
        [
            PlaceName(words="trouville", code="6"),
            PlaceName(words="villers", code="2", ambiguous=True),
            PlaceName(words="villers", code="3", ambiguous=True),
            PlaceName(words="touques", code="4", ambiguous=True),
            PlaceName(words="la touques", code="4", ambiguous=True),
            PlaceName(words="st gatien", code="5"),
            PlaceName(words="14800", code="1"),
            PlaceName(words="14800", code="4"),
        ],
        outside=["Honfleur", "Villers-Bocage"],
        ordinary=ordinary,
    )  # fmt: skip
    return build_resources(
        gazetteer=gazetteer,
        waste_objects=read_waste_objects(SOPHIE / "objects.csv"),
        bin_colours={"jaune": "emballages"},
        ordinary=ordinary,
    )


@pytest.fixture
def extract(resources):
    def run(text, **options):
        return extract_entities(text, resources=resources, today=TODAY, **options)

    return run


@pytest.fixture
def values(extract):
    """Texts and values of one slot of a message."""

    def run(slot, text):
        return [(one.text, one.value) for one in extract(text) if one.name == slot]

    return run
