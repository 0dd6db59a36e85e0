from pathlib import Path

import pytest

from nlu.entities.folding import fold
from nlu.entities.phrase_index import find_phrases
from nlu.entities.waste_object import (
    index_waste_objects,
    read_waste_objects,
    safety_categories,
)
from nlu.errors import InputError

OBJECTS = Path(__file__).parents[3] / "datasets" / "sophie" / "objects.csv"
HEADER = "objet,synonymes,fautes,destination,categorie,origine\n"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("un vieux canapé-lit", "canapé"),
        ("jai un matela", "matelas"),
        ("des ceringues", "seringue"),
        ("mon frigot", "réfrigérateur"),
        ("les boîtes à pizza grasses", "boîte à pizza"),
        ("bouteil de gaz", "bouteille de gaz"),
        ("plaques ondulées en fibrocimment", "fibrociment"),
    ],
)
def test_an_object_is_found_under_its_many_spellings(values, text, name):
    assert [value for _, value in values("type_dechet", text)] == [name]


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("j'ai trouvé une seringue", "dasri"),
        ("une plaque d'amiante", "amiante"),
        ("bonbonne de gaz", "gaz"),
        ("4 pneus", "pneu"),
        ("un frigo", "deee"),
        ("du white-spirit", "dangereux"),
        ("des produits toxiques", "dangereux"),
    ],
)
def test_a_dangerous_object_calls_for_its_instructions(extract, resources, text, category):
    assert safety_categories(extract(text), resources.waste) == (category,)


def test_an_ordinary_object_calls_for_none(extract, resources):
    assert safety_categories(extract("un pot de yaourt"), resources.waste) == ()


def test_each_spelling_of_the_list_is_found_whole_and_leads_to_its_object():
    objects = read_waste_objects(OBJECTS)
    assert len(objects) >= 300
    waste = index_waste_objects(objects)
    for one in objects:
        for spelling in (one.name, *one.synonyms, *one.misspellings):
            words = fold(spelling).words()
            (found,) = find_phrases(words, waste.index)
            assert one.name in found.values, spelling
            assert (found.first, found.last) == (0, len(words) - 1), spelling


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("pile,,,piles,explosif,x\n", ("2", "categorie", "explosif")),
        ("pile,,,lune,courant,x\n", ("2", "destination", "lune")),
        (",,,,courant,x\n", ("2", "objet")),
        ("pile,,,,courant,x\npile,,,,courant,x\n", ("pile", "twice")),
    ],
)
def test_a_wrong_row_is_told_with_its_place(tmp_path, row, words):
    path = tmp_path / "objects.csv"
    path.write_text(HEADER + row, encoding="utf-8")
    with pytest.raises(InputError) as told:
        read_waste_objects(path)
    assert all(word in str(told.value) for word in ("objects.csv", *words))
