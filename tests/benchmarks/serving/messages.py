"""Messages that no training saw, in an order that does not depend on their intent."""

import random
from pathlib import Path

from nlu.corpus.loading import load_corpus

SPLITS = ("dev", "blind")


def corpus_messages() -> list[str]:
    corpus = load_corpus(Path(__file__).parents[3] / "datasets" / "sophie")
    texts = [text for split in SPLITS for text in corpus[split]["text"]]
    random.Random(0).shuffle(texts)
    return texts
