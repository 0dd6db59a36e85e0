"""Keys that are the same throughout a cluster, read off a scan grouped by cluster alone.

An arm, a stratum or a cluster's covariate need not be grouped by where each cluster has one value
of it, as in most trials. A group by one text column of a Parquet file takes a third less time than
by two, since its dictionary of texts is looked up once. Other keys are hashed, texts by dictionary:
the smallest and largest hash agree in a cluster only where the key is constant (two texts share a
64-bit hash with probability 5e-20), and the first rows say which value has which hash.
"""

import numpy as np
import numpy.typing as npt

from experiments.engine.grouped_table import Floats
from experiments.engine.row_columns import RowColumns
from experiments.engine.row_source import Column, RowSource, select
from experiments.engine.scan_query import Result, ScanRules, key, scan_sql


def may_be_nested(source: RowSource, columns: RowColumns, rules: ScanRules) -> bool:
    """Whether a key less saves time: a text with a dictionary, or a key beside such a text."""
    cluster, *others = (source.kinds[name] for name in columns.keys)
    texts = cluster == "text" or (cluster == "integer" and all(kind == "text" for kind in others))
    return source.has_dictionaries and texts and len(others) > 0 and rules.groups_by_keys_alone


def nested_scan(
    source: RowSource, columns: RowColumns, rules: ScanRules, *, first: Result, centre: Floats
) -> Result | None:
    """The grouped query's columns from a scan by cluster; None where keys vary in a cluster.

    Parameters
    ----------
    source, columns, rules, centre
        As in :func:`~experiments.engine.scan_query.scan_sql`.
    first
        First rows with the hashes of their keys.
    """
    others = range(1, len(columns.keys))
    clusters = first["k0"].tolist()
    cells = zip(clusters, *(first[f"h{i}"].tolist() for i in others), strict=True)
    if not 0 < len(set(clusters)) == len(set(cells)):
        return None
    aggregates = [f"min(hash(k{i})) AS least{i}, max(hash(k{i})) AS most{i}" for i in others]
    # Rows in the order of their clusters, whose first ones say little of what follows.
    in_order = len(set(clusters)) == 1
    if in_order:
        aggregates += [f"any_value(k{i}) AS k{i}" for i in others]
    scanned = source.fetch(scan_sql(source, columns, rules, centre=centre, by_cluster=aggregates))
    if any(np.any(scanned[f"least{i}"] != scanned[f"most{i}"]) for i in others):
        return None
    if in_order:
        return scanned
    keys = {}
    for i, name in enumerate(columns.keys[1:], start=1):
        hashed = scanned[f"least{i}"]
        values, hashes = first[f"k{i}"], first[f"h{i}"]
        if not np.isin(hashed, hashes).all():
            values, hashes = _levels(source, name)
        distinct, places = np.unique(hashes, return_index=True)
        keys[f"k{i}"] = values[places[np.searchsorted(distinct, hashed)]]
    return {**scanned, **keys}


def _levels(source: RowSource, name: str) -> tuple[Column, npt.NDArray[np.uint64]]:
    """All values of a key, and their hashes."""
    read = select([f"{key(source, name)} AS level"], source.relation)
    levels = source.fetch(
        select(["level", "hash(level) AS hash"], f"({read}) AS rows_read", "GROUP BY level")
    )
    return levels["level"], levels["hash"]
