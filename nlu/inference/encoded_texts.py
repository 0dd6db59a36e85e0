"""Messages as token ids, and the padded batches that a network reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from nlu.classifier.scoring import MOST_CHARACTERS, ScoringRules, clean_text, readable_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedTexts:
    """Messages as token ids.

    Attributes
    ----------
    texts : tuple of str
        As received.
    token_ids : tuple of tuple of int
        Ids of each; empty for a message without a letter or digit, which no network reads.
    truncated : tuple of bool
        True when the end of the message is not read.
    """

    texts: tuple[str, ...]
    token_ids: tuple[tuple[int, ...], ...]
    truncated: tuple[bool, ...]

    @property
    def readable(self) -> list[int]:
        """Places of the messages that have tokens."""
        return [row for row, ids in enumerate(self.token_ids) if ids]

    def take(self, rows: Sequence[int]) -> "EncodedTexts":
        """The messages at ``rows``, in that order."""
        return EncodedTexts(
            texts=tuple(self.texts[row] for row in rows),
            token_ids=tuple(self.token_ids[row] for row in rows),
            truncated=tuple(self.truncated[row] for row in rows),
        )


def encode_texts(tokenizer: Tokenizer, rules: ScoringRules, texts: Sequence[str]) -> EncodedTexts:
    """Normalise and tokenise messages; nothing is padded.

    Parameters
    ----------
    tokenizer : tokenizers.Tokenizer
        Without truncation nor padding.
    rules : ScoringRules
        Prefix and length.
    texts : sequence of str
        Any messages.
    """
    readable = readable_rows(texts)
    encodings = tokenizer.encode_batch([clean_text(rules, texts[row]) for row in readable])
    token_ids: list[tuple[int, ...]] = [()] * len(texts)
    truncated = [False] * len(texts)
    for row, encoding in zip(readable, encodings, strict=True):
        ids = encoding.ids
        too_long = len(ids) > rules.max_length
        token_ids[row] = tuple([*ids[: rules.max_length - 1], ids[-1]] if too_long else ids)
        truncated[row] = too_long or len(texts[row]) > MOST_CHARACTERS
    return EncodedTexts(texts=tuple(texts), token_ids=tuple(token_ids), truncated=tuple(truncated))


def pad(token_ids: Sequence[Sequence[int]], pad_id: int) -> tuple[npt.NDArray[np.int64], ...]:
    """Ids and attention mask, shape (n, longest), padded on the right."""
    lengths = np.fromiter(map(len, token_ids), np.int64, len(token_ids))
    mask = np.arange(lengths.max(initial=1)) < lengths[:, None]
    ids = np.full(mask.shape, pad_id, np.int64)
    ids[mask] = np.fromiter((token for row in token_ids for token in row), np.int64, lengths.sum())
    return ids, mask.astype(np.int64)


def plain_tokenizer(tokenizer: Any) -> Tokenizer:
    """A copy of a tokeniser that neither truncates nor pads."""
    plain = Tokenizer.from_str(tokenizer.to_str())
    plain.no_truncation()
    plain.no_padding()
    return plain
