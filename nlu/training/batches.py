"""Batches for the Trainer: augmentation, tokenisation and padding on the fly."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from nlu.text.perturbation import perturb


class AugmentingCollator:
    """Turn rows into a padded batch; perturb the texts of training rows.

    Parameters
    ----------
    tokenizer : PreTrainedTokenizerBase
        Fast tokeniser.
    max_length : int
        Tokens kept.
    prefix : str
        Put before each text.
    clean_share : float
        Share of training rows left untouched.
    rates : mapping of str to float
        Probability of each perturbation on the others; empty turns augmentation off.
    seed : int
        Of the perturbations.
    """

    def __init__(
        self,
        tokenizer: Any,
        *,
        max_length: int,
        prefix: str,
        clean_share: float,
        rates: Mapping[str, float],
        seed: int,
    ) -> None:
        self._tokenizer = tokenizer
        self._max_length = max_length
        self._prefix = prefix
        self._clean_share = clean_share
        self._rates = rates
        self._rng = random.Random(seed)  # noqa: S311

    def __call__(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, torch.Tensor]:
        """Tensors ``input_ids``, ``attention_mask`` and ``labels`` of a batch."""
        texts = [self._prefix + self._text(row) for row in rows]
        batch = self._tokenizer(
            texts, truncation=True, max_length=self._max_length, padding=True, return_tensors="pt"
        )
        return {
            "input_ids": batch["input_ids"],
            "attention_mask": batch["attention_mask"],
            "labels": torch.tensor([row["label"] for row in rows], dtype=torch.long),
        }

    def _text(self, row: Mapping[str, Any]) -> str:
        text: str = row["text"]
        if not row["augment"] or not self._rates or self._rng.random() < self._clean_share:
            return text
        return perturb(text, self._rates, self._rng)
