"""From a declared design and its clusters to the rules of the draw."""

from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from experiments.design import adjacency
from experiments.design.allocation_space import (
    MAX_ENUMERATED,
    AllocationSpace,
    list_allocations,
)
from experiments.design.cluster_frame import ClusterFrame
from experiments.design.constrained_randomisation import (
    BalanceRestriction,
    BalanceScore,
    balance_scores,
    kept_threshold,
    scaled_covariates,
)
from experiments.design.covariate_columns import CovariateColumns, covariate_columns
from experiments.design.matched_pairs import mahalanobis_distances, optimal_pairs
from experiments.design.randomisation import Integers, RandomisationScheme, scheme_from_ratios
from experiments.design.trial_design import Buffers, TrialDesign
from experiments.errors import InputError

# First stream of a seed: candidate allocations. The draw itself uses the streams after it.
CANDIDATES_STREAM = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredSpace:
    """A design met with its clusters.

    Attributes
    ----------
    space
        Rules that allocations meet.
    frame
        The clusters that are randomised, sorted by label.
    excluded
        Labels of clusters left out as buffers.
    units
        Label of the unit of randomisation of each cluster, length G.
    strata
        Label of the stratum or matched set of each cluster, length G.
    edges
        Positions of neighbouring clusters, shape (E, 2).
    notes
        What the reader of the draw should know, such as remainders drawn by lot.
    """

    space: AllocationSpace
    frame: ClusterFrame
    excluded: tuple[str, ...]
    units: tuple[str, ...]
    strata: tuple[str, ...]
    edges: Integers
    notes: tuple[str, ...]


def declared_space(
    design: TrialDesign, frame: ClusterFrame, *, seed: int, max_enumerated: int = MAX_ENUMERATED
) -> DeclaredSpace:
    """Resolve buffers, units, strata, pairs and restrictions of a design.

    Parameters
    ----------
    design : TrialDesign
        What was declared.
    frame : ClusterFrame
        One row a cluster.
    seed : int
        Seed of the candidate allocations from which a share is kept, where there are too many
        to list.
    max_enumerated : int
        Largest number of candidate allocations that is listed in full.

    Raises
    ------
    InputError
        The table does not fit the design: the file, the line or the column, and the mend.
    """
    edges = neighbour_edges(design.buffers, frame)
    rule = design.buffers.rule if design.buffers else None
    excluded: tuple[str, ...] = ()
    if rule == "exclude":
        kept = adjacency.largest_without_neighbours(len(frame.labels), edges)
        left_out = np.setdiff1d(np.arange(len(frame.labels)), kept)
        excluded = tuple(frame.labels[place] for place in left_out)
        frame, edges = frame.subset(kept), edges[:0]
    n_clusters = len(frame.labels)
    unit_of_cluster = np.arange(n_clusters)
    if rule == "no_adjacent_arms":
        unit_of_cluster = adjacency.connected_groups(n_clusters, edges)
    units = _unit_labels(frame, unit_of_cluster)
    strata = _stratum_labels(design, frame, unit_of_cluster, units)
    first = np.unique(unit_of_cluster, return_index=True)[1]
    names, stratum_codes = np.unique(np.array(strata)[first], return_inverse=True)
    _check_sizes(design, frame, names.tolist(), np.bincount(stratum_codes))
    scheme = scheme_from_ratios(stratum_codes, ratios=design.ratios)
    _check_arms(design, frame, scheme)
    space = AllocationSpace(
        clusters=frame.labels,
        arms=design.arms,
        scheme=scheme,
        unit_of_cluster=unit_of_cluster,
        contacts=_contacts(design.buffers, edges),
        units_per_arm=_units_per_arm(design, scheme),
    )
    balance = _balance(design, frame, space, seed=seed, max_enumerated=max_enumerated)
    return DeclaredSpace(
        space=space if balance is None else replace(space, balance=balance),
        frame=frame,
        excluded=excluded,
        units=units,
        strata=strata,
        edges=edges,
        notes=_remainder_notes(design, names.tolist(), scheme.arm_counts),
    )


def neighbour_edges(buffers: Buffers | None, frame: ClusterFrame) -> Integers:
    """Positions of neighbouring clusters as the design declares them, shape (E, 2)."""
    if buffers is None:
        return np.empty((0, 2), dtype=np.int64)
    if buffers.coordinates is not None and buffers.distance is not None:
        at = buffers.coordinates
        if at.latitude and at.longitude:
            latitude = _degrees(frame, at.latitude, limit=90)
            longitude = _degrees(frame, at.longitude, limit=180)
            distances = adjacency.haversine_distances(latitude, longitude)
        else:
            distances = adjacency.euclidean_distances(
                frame.numbers(at.x or "", purpose="coordinate"),
                frame.numbers(at.y or "", purpose="coordinate"),
            )
        return adjacency.edges_within(distances, limit=buffers.distance)
    pairs = [(one, other, "buffers.neighbours") for one, other in buffers.neighbours]
    if buffers.column is not None:
        if buffers.column not in frame.columns:
            raise InputError(
                f"{frame.source}: no column {buffers.column} (neighbours); columns: "
                f"{', '.join(frame.columns)}"
            )
        listed = zip(frame.lines, frame.labels, frame.columns[buffers.column], strict=True)
        pairs = [
            (label, other.strip(), f"{frame.source}, line {line}, column {buffers.column}")
            for line, label, text in listed
            for other in text.split("|")
            if other.strip()
        ]
    return adjacency.edges_between(frame.labels, pairs)


def _degrees(frame: ClusterFrame, column: str, *, limit: float) -> adjacency.Floats:
    values = frame.numbers(column, purpose="coordinate")
    beyond = np.flatnonzero(np.abs(values) > limit)
    if len(beyond):
        place = int(beyond[0])
        raise InputError(
            f"{frame.source}, line {frame.lines[place]} (cluster {frame.labels[place]}), column "
            f"{column}: {values[place]:g} is beyond {limit:g} degrees: use x and y for projected "
            "coordinates"
        )
    return values


def _contacts(buffers: Buffers | None, edges: Integers) -> adjacency.ContactRestriction | None:
    if buffers is None or buffers.max_contacts is None:
        return None
    return adjacency.ContactRestriction(edges=edges, max_contacts=buffers.max_contacts)


def _unit_labels(frame: ClusterFrame, unit_of_cluster: Integers) -> tuple[str, ...]:
    members: dict[int, list[str]] = {}
    for label, unit in zip(frame.labels, unit_of_cluster.tolist(), strict=True):
        members.setdefault(unit, []).append(label)
    return tuple("+".join(members[unit]) for unit in unit_of_cluster.tolist())


def _stratum_labels(
    design: TrialDesign,
    frame: ClusterFrame,
    unit_of_cluster: Integers,
    units: tuple[str, ...],
) -> tuple[str, ...]:
    columns = design.strata
    if design.pairs is not None and design.pairs.column is not None:
        columns = (design.pairs.column,)
    texts = [frame.text(column, purpose="stratum") for column in columns]
    strata = tuple(" / ".join(row) for row in zip(*texts, strict=True)) or ("",) * len(units)
    stratum_of: dict[str, str] = {}
    for place, (unit, stratum) in enumerate(zip(units, strata, strict=True)):
        if stratum_of.setdefault(unit, stratum) != stratum:
            raise InputError(
                f"{frame.source}, line {frame.lines[place]} (cluster {frame.labels[place]}): the "
                f"neighbours {unit} are drawn together but lie in the strata {stratum_of[unit]} "
                f"and {stratum}: drop the strata, or use the rule forbid or exclude"
            )
    if design.pairs is not None and design.pairs.match_on:
        covariates = covariate_columns(
            frame, design.pairs.match_on, categorical=design.categorical, reference_level=False
        )
        return _matched(covariates.values, frame, unit_of_cluster, strata)
    return strata


def _matched(
    covariates: adjacency.Floats,
    frame: ClusterFrame,
    unit_of_cluster: Integers,
    strata: tuple[str, ...],
) -> tuple[str, ...]:
    """Pair labels, from the average covariates of units matched within strata."""
    n_units = int(unit_of_cluster.max()) + 1
    sums = np.zeros((n_units, covariates.shape[1]))
    np.add.at(sums, unit_of_cluster, covariates)
    distances = mahalanobis_distances(sums / np.bincount(unit_of_cluster)[:, None])
    first = np.unique(unit_of_cluster, return_index=True)[1]
    of_unit = np.array(strata)[first]
    pair_of_unit = np.empty(n_units, dtype=object)
    for stratum in sorted(set(strata)):
        members = np.flatnonzero(of_unit == stratum)
        if len(members) % 2:
            where = f"stratum {stratum}" if stratum else "the trial"
            raise InputError(
                f"{frame.source}: {where} has {len(members)} units, which cannot be paired: drop "
                "or add one, or use a constraint on the same covariates instead of pairs"
            )
        for one, other in members[optimal_pairs(distances[np.ix_(members, members)])]:
            label = f"{frame.labels[first[one]]} & {frame.labels[first[other]]}"
            pair_of_unit[[one, other]] = f"{stratum} / {label}" if stratum else label
    return tuple(pair_of_unit[unit_of_cluster].tolist())


def _check_sizes(
    design: TrialDesign, frame: ClusterFrame, names: list[str], sizes: Integers
) -> None:
    n_arms = len(design.arms)
    for name, size in zip(names, sizes.tolist(), strict=True):
        if design.pairs is not None and size != n_arms:
            raise InputError(
                f"{frame.source}: matched set {name} has {size} clusters for {n_arms} arms: give "
                "each set one cluster an arm, or declare the column under strata"
            )
        if size < n_arms:
            where = f"stratum {name}" if name else "the trial"
            raise InputError(
                f"{frame.source}: {where} has {size} units of randomisation for {n_arms} arms: "
                "merge it with another stratum or drop the strata"
            )


def _check_arms(design: TrialDesign, frame: ClusterFrame, scheme: RandomisationScheme) -> None:
    surely = np.sum([np.min(options, axis=0) for options in scheme.arm_counts], axis=0)
    for arm, (ratio, units) in enumerate(zip(design.ratios, surely.tolist(), strict=True)):
        if units == 0:
            raise InputError(
                f"{frame.source}: at a ratio of {ratio} in {sum(design.ratios)}, the arm "
                f"{design.arms[arm]} may get none of the {scheme.n_units} units of randomisation: "
                "bring the ratios closer to each other, or drop strata"
            )


def _units_per_arm(design: TrialDesign, scheme: RandomisationScheme) -> tuple[int, int] | None:
    """Bounds that keep the lots of several strata from adding up in favour of one arm."""
    by_lot = sum(len(options) > 1 for options in scheme.arm_counts)
    if by_lot < 2 or len(set(design.ratios)) > 1:
        return None
    least, left = divmod(scheme.n_units, len(design.arms))
    return least, least + (left > 0)


def _balance(
    design: TrialDesign,
    frame: ClusterFrame,
    space: AllocationSpace,
    *,
    seed: int,
    max_enumerated: int,
) -> BalanceRestriction | None:
    if design.rerandomisation is not None:
        rule = design.rerandomisation
        columns = _score_columns(design, frame, rule.covariates)
        scaled = scaled_covariates(columns.values, score="mahalanobis")
        df = scaled.shape[1] * (len(design.arms) - 1)
        threshold = rule.threshold or float(stats.chi2.ppf(rule.acceptance, df))
        return BalanceRestriction(covariates=scaled, score="mahalanobis", threshold=threshold)
    if design.constraint is None:
        return None
    constraint = design.constraint
    columns = _score_columns(design, frame, constraint.covariates)
    score: BalanceScore = constraint.score
    weights = np.array([constraint.weights.get(name, 1.0) for name in columns.covariates])
    scaled = scaled_covariates(columns.values, score=score, weights=weights)
    if constraint.threshold is not None:
        return BalanceRestriction(covariates=scaled, score=score, threshold=constraint.threshold)
    candidates = list_allocations(
        space,
        max_enumerated=max_enumerated,
        n_sampled=constraint.candidates,
        rng=np.random.default_rng([seed, CANDIDATES_STREAM]),
    )
    scores = balance_scores(candidates.allocations, scaled, score=score, n_arms=len(design.arms))
    threshold = kept_threshold(scores, keep=constraint.keep or 1.0)
    return BalanceRestriction(covariates=scaled, score=score, threshold=threshold)


def _score_columns(
    design: TrialDesign, frame: ClusterFrame, names: tuple[str, ...]
) -> CovariateColumns:
    return covariate_columns(frame, names, categorical=design.categorical, reference_level=False)


def _remainder_notes(
    design: TrialDesign, names: list[str], arm_counts: tuple[tuple[tuple[int, ...], ...], ...]
) -> tuple[str, ...]:
    total = sum(design.ratios)
    even = ""
    if len(names) > 1 and len(set(design.ratios)) == 1:
        even = ", arms kept within one unit of each other over all strata"
    notes = []
    for name, options in zip(names, arm_counts, strict=True):
        size = sum(options[0])
        if size % total == 0:
            continue
        where = f"stratum {name}: {size}" if name else f"{size}"
        ratio = ":".join(str(part) for part in design.ratios)
        counts = " + ".join(str(count) for count in options[0])
        if len(options) == 1:
            notes.append(f"{where} units do not divide {ratio}; the nearest counts are {counts}")
        else:
            notes.append(
                f"{where} units do not divide {ratio}; counts such as {counts} are drawn by lot "
                f"among {len(options)} as near{even}"
            )
    return tuple(notes)
