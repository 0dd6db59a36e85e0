"""The draw as one HTML file, figures inside, nothing to download."""

from dataclasses import dataclass
from importlib import resources

import numpy as np
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup
from matplotlib.figure import Figure

from experiments.design.adjacency import spillover_exposure
from experiments.design.allocation_map import allocation_map
from experiments.design.balance import FLAG_ABOVE, balance_figure
from experiments.design.declared_space import neighbour_edges
from experiments.design.diagnostics import least_p_value
from experiments.design.draw import Draw
from experiments.design.randomisation import Codes, Integers
from experiments.svg import figure_svg

BUFFER_RULES = {
    "no_adjacent_arms": "Neighbouring clusters are merged and drawn together into one arm.",
    "forbid": "Allocations with too many neighbours in different arms are not admissible.",
    "exclude": "The largest set of clusters without neighbours is kept; the others are left out.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmCount:
    """Clusters, and units where sizes are known, of one arm or stratum."""

    name: str
    clusters: tuple[int, ...]
    units: tuple[int, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NeighbourRow:
    """Neighbours of one cluster and how many of them are treated."""

    cluster: str
    arm: str
    neighbours: tuple[str, ...]
    treated: int


def render_allocation_report(drawn: Draw) -> str:
    """HTML text of the report."""
    template = (
        resources.files("experiments.design")
        .joinpath("allocation_report.html.jinja")
        .read_text("utf-8")
    )
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    codes, edges = _all_clusters(drawn)
    map_figure = _map(drawn, codes, edges)
    design = drawn.design
    return environment.from_string(template).render(
        design=design,
        drawn=drawn,
        strata=tuple(zip(drawn.allocation_set.clusters, drawn.declared.strata, strict=True)),
        counts=arm_counts(drawn),
        least_p=least_p_value(drawn.allocation_set) if len(design.arms) == 2 else None,
        balance_plot=_trusted(balance_figure(drawn.balance)) if drawn.balance.rows else None,
        map=_trusted(map_figure) if map_figure else None,
        neighbours=_neighbour_rows(drawn, codes, edges),
        buffer_rule=BUFFER_RULES[design.buffers.rule] if design.buffers else None,
        flag_above=FLAG_ABOVE,
        restriction=_restriction(drawn),
        design_yaml=design.to_yaml(),
    )


def _trusted(figure: Figure) -> Markup:
    # Our own drawing: the only markup that is trusted.
    return Markup(figure_svg(figure))  # noqa: S704


def arm_counts(drawn: Draw) -> tuple[ArmCount, ...]:
    """Clusters and units per arm in each stratum, then in all.

    Matched sets have one cluster of each arm and are not listed.
    """
    n_arms = len(drawn.design.arms)
    sizes = None
    if drawn.design.size is not None:
        sizes = drawn.declared.frame.numbers(drawn.design.size, purpose="cluster size")
    strata = np.array(drawn.declared.strata)
    named = sorted(set(drawn.declared.strata)) if drawn.design.pairs is None else [""]
    groups = [(name, strata == name) for name in named] if len(named) > 1 else []
    counts = []
    for name, members in [*groups, ("All", np.ones(len(strata), dtype=np.bool_))]:
        codes = drawn.codes[members]
        clusters = np.bincount(codes, minlength=n_arms)
        units = None
        if sizes is not None:
            totals = np.bincount(codes, weights=sizes[members], minlength=n_arms)
            units = tuple(round(total) for total in totals.tolist())
        counts.append(ArmCount(name=name, clusters=tuple(clusters.tolist()), units=units))
    return tuple(counts)


def _all_clusters(drawn: Draw) -> tuple[Codes, Integers]:
    """Arm codes of every cluster, -1 where left out, and neighbours among them."""
    index = {label: place for place, label in enumerate(drawn.clusters.labels)}
    codes = np.full(len(index), -1, dtype=np.int8)
    codes[[index[label] for label in drawn.allocation_set.clusters]] = drawn.codes
    return codes, neighbour_edges(drawn.design.buffers, drawn.clusters)


def _map(drawn: Draw, codes: Codes, edges: Integers) -> Figure | None:
    buffers = drawn.design.buffers
    if buffers is None or buffers.coordinates is None:
        return None
    at = buffers.coordinates
    names = ("Longitude (degrees)", "Latitude (degrees)") if at.longitude else ("x (m)", "y (m)")
    return allocation_map(
        drawn.clusters.numbers(at.longitude or at.x or "", purpose="coordinate"),
        drawn.clusters.numbers(at.latitude or at.y or "", purpose="coordinate"),
        codes,
        edges,
        arms=drawn.design.arms,
        labels=drawn.clusters.labels,
        axis_names=names,
    )


def _neighbour_rows(drawn: Draw, codes: Codes, edges: Integers) -> tuple[NeighbourRow, ...]:
    labels = drawn.clusters.labels
    kept = edges[(codes[edges] >= 0).all(axis=1)]
    treated = spillover_exposure(codes, kept, n_arms=len(drawn.design.arms)).treated
    beside: dict[int, list[str]] = {}
    for one, other in edges.tolist():
        beside.setdefault(one, []).append(labels[other])
        beside.setdefault(other, []).append(labels[one])
    return tuple(
        NeighbourRow(
            cluster=labels[place],
            arm=drawn.design.arms[codes[place]] if codes[place] >= 0 else "left out",
            neighbours=tuple(beside[place]),
            treated=int(treated[place]),
        )
        for place in sorted(beside)
    )


def _restriction(drawn: Draw) -> str | None:
    balance = drawn.declared.space.balance
    if balance is None:
        return None
    rule = drawn.design.constraint or drawn.design.rerandomisation
    covariates = ", ".join(rule.covariates) if rule else ""
    return f"balance score ({balance.score}) on {covariates}, at most {balance.threshold:.6g}"
