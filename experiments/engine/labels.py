"""Text labels and codes of a key column, the same whatever engine and type the values have."""

import math
import re
from collections.abc import Iterable
from decimal import Decimal

import numpy as np

from experiments.engine.grouped_table import Codes, Labels
from experiments.engine.row_source import Column

_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")
_WHOLE = re.compile(r"-?(0|[1-9]\d*)(\.0+)?")


def label_codes(values: Column) -> tuple[Labels, Codes]:
    """Sorted distinct labels of the values, and each value's code; -1 where it is missing.

    Whole numbers are written without ``.0`` (13.0 is "13") and truth values as "true" and
    "false", whether they came as such or as text. Labels sort as numbers if all are plain
    numbers without leading zeros ("2" before "10"), otherwise as text ("01", "02", "2A").
    """
    if values.dtype.kind in "iu":
        numbers, inverse = np.unique(values, return_inverse=True)
        return np.array([str(number) for number in numbers.tolist()], dtype=object), inverse
    distinct, codes = _distinct(values)
    texts = _plain(distinct)
    if all(map(_NUMBER.fullmatch, texts)):
        order = sorted(range(len(texts)), key=lambda i: (Decimal(texts[i]), texts[i]))
    else:
        order = sorted(range(len(texts)), key=texts.__getitem__)
    rank = np.full(len(texts) + 1, -1, dtype=np.int64)
    rank[order] = np.arange(len(texts))
    return np.array([texts[i] for i in order], dtype=object), rank[codes]


def _distinct(values: Column) -> tuple[list[str], Codes]:
    """Texts of the distinct values in any order, and codes into them; -1 where missing."""
    if values.dtype.kind == "f":
        # Adding zero makes minus zero, which equals it, plus zero.
        numbers, codes = np.unique(values + 0.0, return_inverse=True, equal_nan=True)
        missing = np.isnan(numbers)
        return _texts(numbers[~missing].tolist()), np.where(missing[codes], -1, codes)
    index: dict[object, int] = {}
    codes = np.fromiter(
        (-1 if _is_missing(value) else index.setdefault(value, len(index)) for value in values),
        dtype=np.int64,
        count=len(values),
    )
    return _texts(index), codes


def _is_missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _texts(values: Iterable[object]) -> list[str]:
    return [str(value + 0.0 if isinstance(value, float) else value) for value in values]


def _plain(texts: list[str]) -> list[str]:
    """Texts with whole numbers and truth values written one way, unless two would merge."""
    if all(map(_WHOLE.fullmatch, texts)):
        plain = ["0" if whole == "-0" else whole for whole in (x.split(".")[0] for x in texts)]
    elif {text.lower() for text in texts} <= {"true", "false"}:
        plain = [text.lower() for text in texts]
    else:
        return texts
    return plain if len(set(plain)) == len(texts) else texts
