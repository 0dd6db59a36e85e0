"""Cluster covariates as numbers: numeric columns as they are, factors as indicators."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from experiments.design.cluster_frame import ClusterFrame
from experiments.errors import InputError

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class CovariateColumns:
    """Columns of a covariate matrix.

    Attributes
    ----------
    covariates
        Column of the cluster table behind each matrix column, length p.
    levels
        Factor level that each matrix column indicates; empty text for numeric covariates.
    values
        Shape (G, p).
    """

    covariates: tuple[str, ...]
    levels: tuple[str, ...]
    values: Floats


def covariate_columns(
    frame: ClusterFrame,
    names: Sequence[str],
    *,
    categorical: Collection[str] = (),
    reference_level: bool,
) -> CovariateColumns:
    """Matrix of the named covariates.

    Parameters
    ----------
    frame : ClusterFrame
        Clusters.
    names : sequence of str
        Columns; text columns and those in ``categorical`` are factors, levels in sorted order.
    categorical : collection of str
        Columns of numbers that are codes of categories.
    reference_level : bool
        Keep the indicator of a factor's first level: for tables of means, not for scores.

    Raises
    ------
    InputError
        Unknown column, missing value, or a covariate that is the same for all clusters.
    """
    covariates: list[str] = []
    levels: list[str] = []
    values: list[Floats] = []
    for name in names:
        texts = frame.text(name, purpose="covariate")
        if len(set(texts)) == 1:
            raise InputError(
                f"{frame.source}, column {name}: the covariate is constant ({texts[0]} for every "
                "cluster): leave it out of the design"
            )
        if name not in categorical and _mostly_numeric(texts):
            covariates.append(name)
            levels.append("")
            values.append(frame.numbers(name, purpose="covariate"))
            continue
        found = sorted(set(texts))
        for level in found if reference_level else found[1:]:
            covariates.append(name)
            levels.append(level)
            values.append(np.array([float(text == level) for text in texts]))
    matrix = np.column_stack(values) if values else np.empty((len(frame.labels), 0))
    return CovariateColumns(covariates=tuple(covariates), levels=tuple(levels), values=matrix)


def _mostly_numeric(texts: Sequence[str]) -> bool:
    """Whether a column is meant as numbers, so that one slip is an error and not a factor."""
    numeric = sum(any(sign.isdigit() for sign in text) and not _has_word(text) for text in texts)
    return numeric > len(texts) / 2


def _has_word(text: str) -> bool:
    return any(sign.isalpha() and sign not in "eE" for sign in text)
