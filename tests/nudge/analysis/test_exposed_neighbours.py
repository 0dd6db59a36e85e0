from typing import Any

import numpy as np
import pandas as pd
import pytest

from nudge.analysis.exposed_neighbours import exposed_neighbours


def field(spillover: float, *, seed: int = 5) -> tuple[pd.DataFrame, dict[str, str], pd.DataFrame]:
    """Ten control zones, of which five have a nudged neighbour, and five nudged zones."""
    rng = np.random.default_rng(seed)
    arms = {f"t{place}": "temoin" for place in range(10)} | {f"c{n}": "carte" for n in range(5)}
    pairs = [(f"t{n}", f"c{n}") for n in range(5)]
    neighbours = pd.DataFrame(
        [*pairs, *((b, a) for a, b in pairs)], columns=["zone_id", "voisin_id"]
    )
    parts = []
    for zone, arm in arms.items():
        level = rng.normal(0.5, 0.05)
        for wave in ("avant", "apres"):
            gain = spillover if zone in {a for a, _ in pairs} and wave == "apres" else 0.0
            parts.append(
                pd.DataFrame(
                    {
                        "zone": zone,
                        "bras": arm,
                        "vague": wave,
                        "y": (rng.random(400) < level + gain).astype(float),
                    }
                )
            )
    return pd.concat(parts), arms, neighbours


def found(spillover: float, **changes: Any) -> Any:
    rows, arms, neighbours = field(spillover)
    settings: dict[str, Any] = {
        "outcome": "y", "arms": arms, "control": "temoin", "neighbours": neighbours,
        "baseline": ("avant",), "level": 0.95,
    }  # fmt: skip
    return exposed_neighbours(rows, **(settings | changes))


def test_spillover_is_seen_where_there_is_some() -> None:
    result = found(0.2)
    assert (result.exposed, result.unexposed) == (5, 5)
    assert result.estimate.contrast == "voisine vs eloignee"
    assert result.estimate.ci_low < 0.2 < result.estimate.ci_high
    assert result.estimate.ci_low > 0
    none = found(0.0)
    assert none.estimate.ci_low < 0 < none.estimate.ci_high


def test_too_few_zones_on_a_side_are_counted_not_estimated() -> None:
    few = pd.DataFrame([("t0", "c0"), ("t1", "c1")], columns=["zone_id", "voisin_id"])
    result = found(0.2, neighbours=few)
    assert (result.exposed, result.unexposed) == (2, 8)
    assert result.estimate is None


def test_without_reference_the_comparison_is_not_adjusted() -> None:
    result = found(0.2, baseline=())
    assert result.estimate.estimator == "zone-welch"
    assert result.estimate.estimate == pytest.approx(0.1, abs=0.08)
