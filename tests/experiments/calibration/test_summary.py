import pandas as pd

from experiments.calibration.summary import markdown_table


def table(*rows):
    names = ("estimator", "clusters", "type_1_error", "coverage", "power", "trials")
    return pd.DataFrame([dict(zip(names, row, strict=True)) for row in rows])


def test_cells_hold_mean_and_range_in_percent():
    text = markdown_table(
        table(
            ("zone-t", 6, 0.04, 0.96, 0.5, 1_000),
            ("zone-t", 6, 0.06, 0.94, 0.7, 1_000),
            ("zone-t", 20, 0.05, 0.95, 0.9, 1_000),
            ("mixed-logit", 6, float("nan"), float("nan"), 0.4, 1_000),
            ("mixed-logit", 20, 0.07, float("nan"), 0.8, 1_000),
        )
    )
    head, rule, first, second, _, note = text.splitlines()
    assert head == "| estimator | 6 clusters | 20 clusters | coverage | power |"
    assert rule == "| --- | ---: | ---: | ---: | ---: |"
    assert first == "| zone-t | 5.0 [4.0, 6.0] | 5.0 [5.0, 5.0] | 95.0 | 70.0 |"
    assert second == "| mixed-logit | – | 7.0 [7.0, 7.0] | – | 60.0 |"
    assert "1000 trials each, Monte Carlo standard error 0.69 points" in note
