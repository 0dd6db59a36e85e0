import itertools

import pandas as pd
import pytest

from experiments.calibration.figure import type_1_error_figure


def table(outcomes=("binary", "count")):
    rows = []
    for outcome, balanced, clusters, icc, name in itertools.product(
        outcomes, (True, False), (6, 40), (0.01, 0.2), ("zone-t", "ols-cr1", "gee-mbn")
    ):
        rate = 0.05 if name == "zone-t" else 0.1 + icc / 2
        rows.append(
            {"outcome": outcome, "balanced": balanced, "clusters": clusters, "icc": icc,
             "estimator": name, "type_1_error": rate}
        )  # fmt: skip
    return pd.DataFrame(rows)


def test_each_outcome_has_a_panel_for_equal_and_unequal_arms():
    figure = type_1_error_figure(table())
    titles = [axes.get_title() for axes in figure.axes]
    assert len(titles) == 4
    assert all(title.startswith(("binary", "count")) for title in titles)
    assert sum("1:2 arms" in title for title in titles) == 2
    assert [text.get_text() for text in figure.axes[2].get_xticklabels()] == ["6", "40"]


def test_lines_are_means_over_iccs_and_bars_their_range():
    axes = type_1_error_figure(table(("binary",))).axes[0]
    drawn = {container.get_label(): container for container in axes.containers}
    # Variants of an estimator that no one would report are left out of the figure.
    assert set(drawn) == {"zone-t", "ols-cr1"}
    assert drawn["zone-t"].lines[0].get_ydata() == pytest.approx([5, 5])
    assert drawn["ols-cr1"].lines[0].get_ydata() == pytest.approx([15.25, 15.25])
    (bars,) = drawn["ols-cr1"].lines[2]
    assert bars.get_segments()[0][:, 1] == pytest.approx([10.5, 20])


def test_an_estimator_measured_at_some_sizes_only_can_be_drawn():
    part = table()
    part = part[(part["estimator"] != "ols-cr1") | (part["clusters"] == 40)]
    assert len(type_1_error_figure(part).axes) == 4


def test_the_legend_holds_estimators_of_any_panel():
    part = table(("count", "binary"))
    part = part[(part["outcome"] == "binary") | (part["estimator"] == "zone-t")]
    (legend,) = type_1_error_figure(part).legends
    assert [text.get_text() for text in legend.get_texts()] == ["zone-t", "ols-cr1"]
