"""The headline of an evaluation as a terminal table."""

from rich.table import Table

from nlu.evaluation.evaluation import Evaluation
from nlu.evaluation.report import HEADLINE_TITLES


def headline_table(evaluation: Evaluation) -> Table:
    """Metric, estimate and 95 % interval."""
    table = Table(
        title=f"{evaluation.split} split: {evaluation.rows} messages, "
        f"{evaluation.families} families"
    )
    table.add_column("metric")
    table.add_column("estimate", justify="right")
    table.add_column("95 % interval", justify="right")
    for name, value in evaluation.headline.items():
        table.add_row(
            HEADLINE_TITLES.get(name, name),
            f"{value.estimate:.3f}",
            f"{value.low:.3f} to {value.high:.3f}",
        )
    return table
