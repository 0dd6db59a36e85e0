import pytest

from experiments.analysis.plan import make_plan
from experiments.analysis.trial_data import trial_data
from experiments.engine.grouped_scan import classify_columns, grouped_scan


@pytest.fixture(scope="session")
def read():
    """Maker of the trial data of rows under settings of a plan; ``keys=False`` sums covariates."""

    def trial_of(rows, *, keys=True, outcome="score", **settings):
        plan = make_plan(**{"arm": "arm", "cluster": "zone", "outcome": outcome} | settings)
        kinds = classify_columns(rows, plan.covariates) if plan.covariates else {}
        factors = [name for name, kind in kinds.items() if kind == "factor"]
        numeric = [name for name, kind in kinds.items() if kind == "numeric"]
        table = grouped_scan(
            rows,
            cluster=plan.cluster,
            arm=plan.arm,
            outcomes=plan.outcomes,
            stratum=plan.block,
            factors=[*factors, *([plan.period] if plan.period else [])],
            numeric=numeric,
            numeric_as_keys=keys and bool(numeric),
            missing=plan.missing,
        )
        return trial_data(table, plan, outcome=outcome, factors=factors, numeric=numeric)

    return trial_of
