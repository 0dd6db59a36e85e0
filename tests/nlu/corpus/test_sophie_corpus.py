from itertools import chain, combinations
from pathlib import Path

import pytest

import datasets
from nlu.corpus.checks import check_corpus
from nlu.corpus.loading import labels_of, load_corpus
from nlu.corpus.taxonomy import load_taxonomy
from nlu.corpus.utterance import read_utterances

SOPHIE = Path(__file__).parents[3] / "datasets" / "sophie"
SPLITS = ("train", "dev", "test")


@pytest.fixture(scope="module")
def corpus():
    return load_corpus(SOPHIE)


@pytest.fixture(scope="module")
def rows():
    files = (SOPHIE / "utterances").glob("*.jsonl")
    return {path.stem: list(read_utterances(path)) for path in files}


def test_the_taxonomy_has_eight_themes_and_forty_five_intents():
    taxonomy = load_taxonomy(SOPHIE / "intents.yaml")
    assert len(taxonomy.themes) == 8
    assert len(taxonomy.names) == 45
    assert set(taxonomy.theme_of.values()) == set(taxonomy.themes)
    assert taxonomy.out_of_scope == "hors_perimetre"


def test_the_shipped_corpus_passes_every_check():
    assert check_corpus(SOPHIE).violations == ()


def test_the_shipped_corpus_loads_in_one_line(corpus):
    assert isinstance(corpus, datasets.DatasetDict)
    assert list(corpus)[:3] == list(SPLITS)
    taxonomy = load_taxonomy(SOPHIE / "intents.yaml")
    assert labels_of(corpus) == sorted(taxonomy.names)


def test_load_dataset_json_reads_the_same_rows(corpus, tmp_path):
    files = {split: str(SOPHIE / "utterances" / f"{split}.jsonl") for split in corpus}
    read = datasets.load_dataset("json", data_files=files, cache_dir=str(tmp_path))
    for split in corpus:
        assert list(read[split]["text"]) == list(corpus[split]["text"])
        assert list(read[split]["intent"]) == list(corpus[split]["intent"])


def test_no_family_is_in_two_splits(rows):
    families = {split: {row.family for row in members} for split, members in rows.items()}
    assert set(SPLITS) <= set(families)
    for one, other in combinations(families, 2):
        assert not families[one] & families[other], (one, other)


def test_out_of_scope_rows_say_near_or_far_and_no_other_row_does(rows):
    for row in chain.from_iterable(rows.values()):
        expected = {"proche", "lointain"} if row.intent == "hors_perimetre" else {""}
        assert row.subtype in expected, row.text
