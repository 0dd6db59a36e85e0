"""Whether the groups were alike before the nudge, and what the analysis does about it."""

from nudge.analysis.outcome_rows import BASELINE_LEVEL
from nudge.analysis.result import CampaignResult
from nudge.french.numbers import and_list, decimal_comma, percent
from nudge.outcomes.catalogue import OUTCOMES
from nudge.report.conclusion import arm_title
from nudge.report.document import Paragraph, Section, Table
from nudge.report.estimator_names import variable_name

SHARES = frozenset({"part_residences_secondaires"})
LARGE_IMBALANCE = 0.25


def balance_section(result: CampaignResult) -> Section | None:
    """Zone characteristics by arm before the nudge."""
    if result.balance is None or result.balance.empty:
        return None
    outcome = OUTCOMES[result.primary.outcome]
    table = result.balance
    arms = [name for name in table.columns if name not in {"variable", "ecart"}]

    def shown(variable: str, value: float) -> str:
        if variable in SHARES or (variable == BASELINE_LEVEL and outcome.is_share):
            return percent(value, 1)
        return decimal_comma(value, 1)

    rows = tuple(
        (
            variable_name(str(row["variable"])),
            *(shown(str(row["variable"]), float(row[arm])) for arm in arms),
            decimal_comma(float(row["ecart"]), 2),
        )
        for row in table.to_dict("records")
    )
    return Section(
        key="equilibre",
        title="Les groupes se ressemblaient-ils au départ ?",
        blocks=(
            Table(
                key="equilibre",
                caption="Moyennes des zones par groupe et plus grand écart, en écarts-types.",
                headers=(
                    "Caractéristique",
                    *(arm_title(result.campaign, arm) for arm in arms),
                    "Écart",
                ),
                rows=rows,
                numeric=frozenset(range(1, len(arms) + 2)),
                data=table,
            ),
            Paragraph(
                text="Avec peu de zones, le hasard laisse souvent des écarts de plus de "
                f"{decimal_comma(LARGE_IMBALANCE, 2)} ; rien n'est tiré à nouveau, et l'analyse "
                f"n'est ajustée que sur ce que le plan prévoit.{_left_alone(result)}"
            ),
        ),
    )


def _left_alone(result: CampaignResult) -> str:
    """Name the large imbalances that the planned analysis does not adjust for."""
    assert result.balance is not None  # noqa: S101
    adjusted = {*result.campaign.analysis.adjusted_for, BASELINE_LEVEL}
    large = [
        f"{variable_name(str(row['variable']))} ({decimal_comma(float(row['ecart']), 2)})"
        for row in result.balance.to_dict("records")
        if abs(float(row["ecart"])) > LARGE_IMBALANCE and row["variable"] not in adjusted
    ]
    if not large:
        return ""
    return f" Écarts plus grands ici, et sans ajustement prévu : {and_list(large)}."
