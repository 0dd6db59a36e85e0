"""Restricted likelihood of nested random intercepts with known sampling variances, in O(N)."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import log, pi

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import minimize

from experiments.errors import AssumptionError, InputError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Nesting:
    """Groups within groups; level 0 is the outermost.

    Attributes
    ----------
    names
        Name of each of the L levels.
    members
        Group code of each effect at each level, L arrays of shape (N,).
    parents
        For level l > 0, the level l - 1 group that holds each of its groups; for level 0 empty.
    sizes
        Number of groups at each level.
    """

    names: tuple[str, ...]
    members: tuple[Ints, ...]
    parents: tuple[Ints, ...]
    sizes: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NestedFit:
    """Fit of y = mu + nested intercepts + sampling error.

    Attributes
    ----------
    components
        Variance of each level, outermost first, shape (L,).
    mean
        Generalised least squares estimate of mu.
    precision
        1' S^-1 1, with S the covariance of the effects.
    row_weights
        S^-1 1, shape (N,).
    log_likelihood
        Restricted, with the term log|X'X| / 2 as metafor counts it.
    """

    components: Floats
    mean: float
    precision: float
    row_weights: Floats
    log_likelihood: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sweep:
    """One pass over the tree: block sums of S^-1 1 and S^-1 (y - mu), and their likelihood."""

    mean: float
    precision: float
    row_weights: Floats
    log_likelihood: float
    gradient: Floats


def nesting(levels: Mapping[str, npt.ArrayLike], *, n: int) -> Nesting:
    """Read the levels, outermost first; a label is taken within its group of the level before.

    Raises
    ------
    InputError
        No level, or labels that are missing or not one for each of the ``n`` effects.
    AssumptionError
        Two levels with the same groups, or an outermost level of a single group.
    """
    members: list[Ints] = []
    for name, labels in levels.items():
        code = group_codes(labels, name=f"level '{name}'", n=n)
        if members:
            code = np.unique(members[-1] * (code.max() + 1) + code, return_inverse=True)[1]
        members.append(code)
    if not members:
        message = "levels: at least one is needed, such as {'study': labels}"
        raise InputError(message)
    sizes = [int(code.max()) + 1 for code in members]
    names = tuple(levels)
    if sizes[0] < 2:
        message = f"level '{names[0]}' holds a single group: nothing to pool over"
        raise AssumptionError(message)
    for place, (outer, inner) in enumerate(pairwise(sizes)):
        if outer == inner:
            message = (
                f"levels '{names[place]}' and '{names[place + 1]}' have the same groups, so their "
                "variances cannot be told apart; leave one out"
            )
            raise AssumptionError(message)
    parents = [np.empty(0, dtype=np.int64)]
    for outer_code, inner_code in pairwise(members):
        first = np.unique(inner_code, return_index=True)[1]
        parents.append(outer_code[first])
    return Nesting(names=names, members=tuple(members), parents=tuple(parents), sizes=tuple(sizes))


def group_codes(labels: npt.ArrayLike, *, name: str, n: int) -> Ints:
    """Codes 0, 1, … of ``n`` labels, shape (n,); a missing label or a wrong number raises."""
    values = np.asarray(labels)
    if values.shape != (n,):
        message = f"{name}: {values.shape} labels for {n} effects"
        raise InputError(message)
    codes: Ints = np.asarray(pd.factorize(values)[0], dtype=np.int64)
    if codes.min() < 0:
        message = f"{name}: the label of row {int(codes.argmin()) + 1} is missing"
        raise InputError(message)
    return codes


def fit_nested(effects: Floats, variances: Floats, tree: Nesting) -> NestedFit:
    """Restricted maximum likelihood from several starts, by L-BFGS-B with the exact score.

    The covariance is never formed: a group's variance is added to its members' by a rank-one
    update, so that each evaluation is a few passes over the rows.
    """
    unit = float(np.median(variances))
    centre = float(np.average(effects, weights=1 / variances))
    y, v = (effects - centre) / np.sqrt(unit), variances / unit
    depth = len(tree.names)

    def objective(components: Floats) -> tuple[float, Floats]:
        sweep = _sweep(y, v, tree, components)
        return -sweep.log_likelihood, -sweep.gradient

    total = max(float(np.var(y)) - float(v.mean()), 0.1 * float(np.var(y)), 1e-3)
    shares = [np.full(depth, 1 / depth), *(0.1 + 0.8 * np.eye(depth))]
    fits = [
        minimize(
            objective, total * share, jac=True, method="L-BFGS-B", bounds=[(0, None)] * depth,
            options={"ftol": 1e-15, "gtol": 1e-10, "maxiter": 1000, "maxls": 50},
        )
        for share in shares
    ]  # fmt: skip
    best = min(fits, key=lambda fit: float(fit.fun))
    components = np.asarray(best.x, dtype=np.float64)
    sweep = _sweep(y, v, tree, components)
    constant = (len(y) - 1) * log(2 * pi * unit) - log(len(y))
    return NestedFit(
        components=unit * components,
        mean=float(centre + np.sqrt(unit) * sweep.mean),
        precision=sweep.precision / unit,
        row_weights=sweep.row_weights / unit,
        log_likelihood=sweep.log_likelihood - constant / 2,
    )


def _sweep(y: Floats, v: Floats, tree: Nesting, components: Floats) -> _Sweep:
    depth, weights = len(tree.names), 1 / v
    ones, sums = weights, weights * y
    squares, log_det = float(weights @ y**2), float(np.log(v).sum())
    # before: 1' S^-1 1 of each group without its own variance; after: with it, beside 1' S^-1 y.
    before: list[Floats] = [np.empty(0)] * depth
    after: list[tuple[Floats, Floats]] = [(ones, sums)] * depth
    code = tree.members[-1]
    for level in reversed(range(depth)):
        ones = _group_sums(code, ones, tree.sizes[level])
        sums = _group_sums(code, sums, tree.sizes[level])
        before[level] = ones
        growth = 1 + components[level] * ones
        log_det += float(np.log(growth).sum())
        squares -= float(components[level] * (sums**2 / growth).sum())
        ones, sums = ones / growth, sums / growth
        after[level] = (ones, sums)
        code = tree.parents[level]
    precision = float(ones.sum())
    mean = float(sums.sum()) / precision
    rss = squares - precision * mean**2
    gradient = np.empty(depth)
    carried_one, carried_rest = np.zeros(1), np.zeros(1)
    place = np.zeros(tree.sizes[0], dtype=np.int64)
    for level in range(depth):
        ones, sums = after[level]
        # Sums over each group of S^-1 1 and of S^-1 (y - mean), ancestors' effects removed.
        block_one = ones - ones * carried_one[place]
        block_rest = sums - mean * ones - ones * carried_rest[place]
        own = _block_traces(level, ones, before, components, tree)
        gradient[level] = -0.5 * (
            own.sum() - (block_one @ block_one) / precision - block_rest @ block_rest
        )
        carried_one = carried_one[place] + components[level] * block_one
        carried_rest = carried_rest[place] + components[level] * block_rest
        place = tree.parents[level + 1] if level + 1 < depth else tree.members[-1]
    return _Sweep(
        mean=mean,
        precision=precision,
        row_weights=weights * (1 - carried_one[tree.members[-1]]),
        log_likelihood=-0.5 * (log_det + log(precision) + rss),
        gradient=gradient,
    )


def _group_sums(code: Ints, values: Floats, size: int) -> Floats:
    return np.bincount(code, values, size).astype(np.float64, copy=False)


def _block_traces(
    level: int, ones: Floats, before: list[Floats], components: Floats, tree: Nesting
) -> Floats:
    """1_g' S^-1 1_g for each group g of one level, adding its ancestors' variances one by one."""
    own, cross = ones.copy(), ones.copy()
    ancestor = np.arange(tree.sizes[level])
    for upper in reversed(range(level)):
        ancestor = tree.parents[upper + 1][ancestor]
        growth = 1 + components[upper] * before[upper][ancestor]
        own -= components[upper] * cross**2 / growth
        cross /= growth
    return own
