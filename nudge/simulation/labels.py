"""Columns of text from numbers."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd


def labels(
    names: Sequence[str] | npt.NDArray[np.object_], codes: npt.NDArray[np.int64]
) -> pd.Series:
    """Return the text of each code; -1 is an empty cell."""
    return pd.Series(pd.array(list(names), dtype="str").take(codes, allow_fill=True))


def repeated(text: str, n: int) -> pd.Series:
    """Return the same text ``n`` times."""
    return pd.Series(text, index=pd.RangeIndex(n), dtype="str")
