"""From a campaign to the trial design and the table of zones that its draw uses."""

import pandas as pd

from experiments.design.trial_design import Buffers, Constraint, Pairs, TrialDesign
from nudge.campaign.campaign import Campaign

CLUSTER = "zone_id"
NEIGHBOURS = "voisins"
REFERENCE_LEVEL = "niveau_reference"
TERCILES = ("bas", "moyen", "haut")
DESCRIBED = (REFERENCE_LEVEL, "part_residences_secondaires", "n_logements", "type_habitat")


def draw_table(
    campaign: Campaign,
    *,
    zones: pd.DataFrame,
    neighbours: pd.DataFrame,
    reference_level: pd.Series,
) -> pd.DataFrame:
    """Return the zones as the draw reads them, one row each, sorted by ``zone_id``.

    Parameters
    ----------
    zones
        Zones that take part, columns of :func:`nudge.territory.nesting.clusters_of`.
    neighbours
        Pairs ``zone_id``, ``voisin_id`` among them.
    reference_level
        Level of the primary outcome before the nudge, by zone; may be empty.

    Returns
    -------
    The columns of ``zones`` without empty ones; ``niveau_reference`` where it is known;
    ``<column>_tiers`` (bas, moyen, haut) for each stratum that is a number; and ``voisins``,
    neighbours separated by a bar, where the campaign has a rule for them.
    """
    table = zones.sort_values(CLUSTER, ignore_index=True).dropna(axis="columns", how="all")
    if len(reference_level):
        table[REFERENCE_LEVEL] = table[CLUSTER].map(reference_level)
    for column in campaign.randomisation.strata:
        if column in table and _is_number(table[column]):
            table[stratum_column(column, table)] = _terciles(table[column])
    if campaign.randomisation.spillover.rule != "aucune":
        listed = neighbours.groupby("zone_id")["voisin_id"].agg("|".join)
        table[NEIGHBOURS] = table[CLUSTER].map(listed).fillna("")
    return table


def stratum_column(column: str, table: pd.DataFrame) -> str:
    """Return the column whose levels are the strata: thirds where ``column`` is a number."""
    return f"{column}_tiers" if _is_number(table[column]) else column


def planned_design(campaign: Campaign, table: pd.DataFrame) -> TrialDesign:
    """Return the design of the campaign's draw over :func:`draw_table`, without its seed.

    The control comes first. Columns of ``table`` that vary are shown in the balance table.
    """
    plan = campaign.randomisation
    arms = sorted(campaign.arms, key=lambda arm: not arm.control)
    described = [name for name in DESCRIBED if name in table and _varies(table[name])]
    return TrialDesign(
        name=campaign.shown_title.strip(),
        unit=campaign.outcomes[0].counted,
        cluster=CLUSTER,
        arms=tuple(arm.identifier for arm in arms),
        ratios=tuple(arm.ratio for arm in arms),
        strata=tuple(stratum_column(column, table) for column in plan.strata),
        pairs=Pairs(match_on=plan.pairs) if plan.pairs else None,
        constraint=Constraint(covariates=plan.balance, keep=plan.keep) if plan.balance else None,
        buffers=_buffers(campaign),
        balance_covariates=tuple(described),
        level=1 - campaign.analysis.level,
    )


def _buffers(campaign: Campaign) -> Buffers | None:
    spillover = campaign.randomisation.spillover
    if spillover.rule == "aucune":
        return None
    if spillover.rule == "exclure":
        return Buffers(rule="exclude", column=NEIGHBOURS)
    return Buffers(rule="forbid", column=NEIGHBOURS, max_contacts=spillover.max_contacts)


def _varies(values: pd.Series) -> bool:
    return bool(values.notna().all() and (values != values.iloc[0]).any())


def _is_number(values: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(values))


def _terciles(values: pd.Series) -> pd.Series:
    # Ranks part ties by the order of identifiers, so that thirds are of equal size.
    cut = pd.qcut(values.rank(method="first"), len(TERCILES), labels=list(TERCILES))
    return cut.astype("str").where(values.notna())
