from tokenizers import Tokenizer, models, pre_tokenizers

from nlu.encoder.vocabulary_trimming import is_kept_without_words, select_pieces, spellings

PIECES = ["<unk>", "▁", "a", "e", "u", "'", "▁l", "eau", "▁eau", "▁Wasser", "水", "▁20", "24"]


def test_pieces_that_french_words_use_are_kept_and_others_dropped():
    tokenizer = Tokenizer(models.Unigram([(p, -float(len(PIECES) - i)) for i, p in
                                          enumerate(PIECES)], unk_id=0))  # fmt: skip
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    kept = [PIECES[i] for i in select_pieces(tokenizer, PIECES, ["eau"], special_ids=[0])]
    assert "▁Wasser" not in kept
    assert "水" not in kept
    assert {"<unk>", "▁eau", "eau", "▁l", "'", "▁20", "24", "a"} <= set(kept)


def test_words_are_met_with_clitics_capitals_and_without_accents():
    forms = set(spellings(["été"]))
    assert {"été", "ete", "Été", "ETE", "l'été", "d’été", "-été"} <= forms


def test_numbers_punctuation_and_emoji_are_kept_without_a_word_list():
    assert all(map(is_kept_without_words, ["▁2024", "...)", "🙂", "é", "?!"]))
    assert not any(map(is_kept_without_words, ["▁und", "水", "да"]))
