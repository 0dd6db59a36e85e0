"""A campaign's analysis in MLflow: plan, fingerprints, every estimate."""

import pandas as pd

from experiments.analysis.effect_estimate import EffectEstimate
from experiments.tracking import log_run
from nudge.analysis.result import CampaignResult
from nudge.campaign.load import campaign_to_yaml

EXPERIMENT = "campaigns"


def track(result: CampaignResult) -> str:
    """Log a result and return its run identifier."""
    table = estimate_table(result)
    metrics = {
        f"{row.outcome} {row.contrast} {row.estimator} {row.scale} {name}": getattr(row, name)
        for row in table.itertuples()
        for name in ("estimate", "ci_low", "ci_high", "p_value")
    }
    return log_run(
        name=f"analyse {result.campaign.identifier}",
        parameters={
            "campaign": result.campaign.identifier,
            "plan_sha256": result.plan_sha256,
            "zones_sha256": result.zones_sha256,
            "data_sha256": result.data_sha256,
            "seed": result.seed,
            "draws": result.campaign.analysis.draws,
            "grade": result.grade,
        },
        metrics=metrics,
        texts={
            "plan.yaml": campaign_to_yaml(result.campaign),
            "estimations.csv": table.to_csv(index=False),
            "deviations.txt": "".join(f"{one.text}\n" for one in result.deviations),
        },
        tags={"simulation": str(result.campaign.simulation).lower()},
        experiment=EXPERIMENT,
    )


def estimate_table(result: CampaignResult) -> pd.DataFrame:
    """Return every estimate, one row each, with its part in the plan and its wave.

    Returns
    -------
    DataFrame
        Columns ``part`` (``planned``, ``robustness``, ``scale`` or ``wave``), ``wave``, then
        those of an effect estimate.
    """
    rows = [
        {"part": part, "wave": wave, **_row(one)}
        for outcome in result.outcomes
        for part, wave, group in (
            ("planned", "", outcome.estimates),
            ("robustness", "", outcome.robustness),
            ("scale", "", outcome.other_scales),
            *(("wave", wave, found) for wave, found in outcome.by_wave.items()),
        )
        for one in group
    ]
    columns = ["part", "wave", *_COLUMNS]
    return pd.DataFrame(rows, columns=columns)


_COLUMNS = (
    "outcome",
    "contrast",
    "estimator",
    "scale",
    "estimate",
    "std_error",
    "df",
    "ci_low",
    "ci_high",
    "p_value",
    "p_adjusted",
    "icc",
)


def _row(one: EffectEstimate) -> dict[str, object]:
    return {name: getattr(one, name) for name in _COLUMNS}
