"""The calibration study as one table: false positives by estimator and number of clusters."""

import numpy as np
import pandas as pd


def markdown_table(table: pd.DataFrame) -> str:
    """Return type-I error in percent, averaged over scenarios, with the range in brackets.

    Coverage and power are averages over all scenarios in which they are defined.
    """
    counts = sorted(table["clusters"].unique())
    head = ["estimator", *(f"{count} clusters" for count in counts), "coverage", "power"]
    lines = [_line(head), _line(["---", *["---:"] * (len(head) - 1)])]
    for name in dict.fromkeys(table["estimator"]):
        part = table[table["estimator"] == name]
        cells = [str(name)]
        for count in counts:
            rates = 100 * part.loc[part["clusters"] == count, "type_1_error"].dropna()
            cells.append(
                f"{rates.mean():.1f} [{rates.min():.1f}, {rates.max():.1f}]" if len(rates) else "–"
            )
        cells += [_percent(part.get("coverage")), _percent(part["power"])]
        lines.append(_line(cells))
    trials = int(table["trials"].min())
    error = 100 * np.sqrt(0.05 * 0.95 / trials)
    lines.append("")
    lines.append(
        f"False positives in percent at a nominal 5 %, mean and range over scenarios; "
        f"{trials} trials each, Monte Carlo standard error {error:.2f} points a scenario."
    )
    return "\n".join(lines) + "\n"


def _percent(rates: pd.Series | None) -> str:
    if rates is None or rates.dropna().empty:
        return "–"
    return f"{100 * rates.mean():.1f}"


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"
