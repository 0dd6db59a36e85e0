"""Gate: enough zones, that can be drawn as declared."""

import pandas as pd

from experiments.design.draw import draw
from experiments.errors import InputError
from nudge.campaign.campaign import Campaign
from nudge.errors import Problem
from nudge.french.numbers import and_list, count
from nudge.gates.eligible_zones import placed_zones
from nudge.gates.gate import GateContext, GateResult, reason
from nudge.gates.planned_draw import (
    CLUSTER,
    REFERENCE_LEVEL,
    draw_table,
    planned_design,
    stratum_column,
)
from nudge.gates.planned_trial import retained_zones
from nudge.territory.unit import CONVERSATION

FEWEST_ZONES = 4
FEW_ZONES = 8
MOST_SHOWN = 5
REHEARSAL_SEED = 0
AGGREGATED = frozenset({"tournee", "commune"})


def check(context: GateContext) -> GateResult:
    """Refuse campaigns with fewer than four zones, or whose draw as declared is impossible."""
    campaign = context.campaign
    retained = retained_zones(context)
    reasons = [*_sample(context), *_placed(context), *_enough(campaign, len(retained))]
    table = draw_table(
        campaign,
        zones=context.zones,
        neighbours=context.neighbours,
        reference_level=context.reference_level,
    )
    if campaign.conception == "randomisee":
        reasons += _columns(context, table)
        reasons += _pairs(campaign, len(retained))
        measured = not reasons and not _awaits_reference(campaign, table)
        if measured:
            reasons += _strata(campaign, table[table[CLUSTER].isin(retained["zone_id"])])
        if measured and not reasons:
            reasons += _rehearsal(campaign, table)
    return GateResult(
        name="zones", title="Zones", reasons=tuple(reasons),
        facts=_facts(context, retained), warnings=_warnings(context, table, len(retained)),
    )  # fmt: skip


def _sample(context: GateContext) -> list[Problem]:
    wanted = context.campaign.randomisation.eligibility.sample
    if wanted is None or wanted <= len(context.eligible) or context.stage == "launch":
        return []
    return [
        reason(
            f"{count(wanted, 'zone demandée', 'zones demandées')}, "
            f"{count(len(context.eligible), 'zone convient', 'zones conviennent')}",
            "réduire « nombre » ou élargir l'éligibilité",
            field="tirage, eligibilite, nombre",
        )
    ]


def _placed(context: GateContext) -> list[Problem]:
    """Zones that groups name, where nothing is drawn: all eligible, and none without a group."""
    campaign = context.campaign
    if campaign.conception == "randomisee":
        return []
    placed = placed_zones(campaign)
    if not placed and len(campaign.arms) > 1:
        mend = "écrire « zones » dans chaque groupe"
        return [reason("plusieurs groupes, mais pas de zones pour chacun", mend, field="groupes")]
    barred = sorted(placed.keys() - set(context.eligible["zone_id"]))
    if not barred:
        return []
    shown = and_list(barred[:MOST_SHOWN])
    mend = "les retirer du groupe, ou élargir l'éligibilité"
    return [reason(f"zones d'un groupe qui ne conviennent pas : {shown}", mend, field="groupes")]


def _awaits_reference(campaign: Campaign, table: pd.DataFrame) -> bool:
    """Whether the draw needs a reference level that is not imported yet."""
    plan = campaign.randomisation
    named = {*plan.strata, *plan.pairs, *plan.balance}
    return REFERENCE_LEVEL in named and REFERENCE_LEVEL not in table


def _enough(campaign: Campaign, number: int) -> list[Problem]:
    fewest = 1 if campaign.control is None else max(FEWEST_ZONES, 2 * len(campaign.arms))
    if number >= fewest:
        return []
    return [
        reason(
            f"{count(number, 'zone')} seulement : il en faut {fewest} au moins pour distinguer "
            "le nudge du hasard",
            "élargir l'éligibilité, ou choisir une unité plus petite (rue au lieu de commune)",
            field="tirage, eligibilite",
        )
    ]


def _columns(context: GateContext, table: pd.DataFrame) -> list[Problem]:
    plan = context.campaign.randomisation
    problems = []
    for field, names, numeric in (
        ("strates", plan.strata, False),
        ("paires_selon", plan.pairs, True),
        ("equilibre_sur", plan.balance, True),
    ):
        place = f"tirage, {field}"
        for name in names:
            if name == REFERENCE_LEVEL and name not in table:
                if context.stage == "launch":
                    mend = "importer la vague de référence, puis relancer le tirage"
                    problems.append(reason(f"« {name} » n'est pas mesuré", mend, field=place))
            elif name not in table or name == CLUSTER:
                known = and_list([column for column in table.columns if column != CLUSTER], "ou")
                mend = f"choisir parmi {known}"
                problems.append(reason(f"colonne inconnue : « {name} »", mend, field=place))
            elif numeric and not pd.api.types.is_numeric_dtype(table[name]):
                mend = "choisir un nombre, ou en faire une strate"
                problems.append(reason(f"« {name} » n'est pas un nombre", mend, field=place))
            elif table[name].isna().any():
                empty = table.loc[table[name].isna(), CLUSTER].tolist()
                shown = and_list(empty[:MOST_SHOWN])
                mend = "compléter, écarter ces zones ou retirer la colonne"
                problems.append(reason(f"« {name} » manque pour {shown}", mend, field=place))
    return problems


def _pairs(campaign: Campaign, number: int) -> list[Problem]:
    if not campaign.randomisation.pairs:
        return []
    field = "tirage, paires_selon"
    if len(campaign.arms) != 2 or len({arm.ratio for arm in campaign.arms}) > 1:
        mend = "garder deux groupes de même poids, ou remplacer par « strates »"
        return [reason("des paires se tirent entre deux groupes égaux", mend, field=field)]
    if number % 2:
        mend = "écrire un « nombre » pair"
        return [reason(f"{number} zones ne forment pas des paires", mend, field=field)]
    return []


def _strata(campaign: Campaign, table: pd.DataFrame) -> list[Problem]:
    columns = [stratum_column(name, table) for name in campaign.randomisation.strata]
    if not columns:
        return []
    sizes = table.groupby(columns, observed=True).size()
    small = sizes[sizes < len(campaign.arms)]
    if small.empty:
        return []
    names = [
        " / ".join(map(str, label)) if isinstance(label, tuple) else str(label)
        for label in small.index[:MOST_SHOWN]
    ]
    return [
        reason(
            f"{count(len(small), 'strate')} de moins de {len(campaign.arms)} zones : "
            f"{and_list(names)}",
            "retirer une colonne de « strates », écarter ces zones ou en ajouter",
            field="tirage, strates",
        )
    ]


def _rehearsal(campaign: Campaign, table: pd.DataFrame) -> list[Problem]:
    """Make a draw that is thrown away, so that the true one never meets a surprise."""
    try:
        draw(planned_design(campaign, table), table, seed=REHEARSAL_SEED)
    except (InputError, ValueError) as error:
        what = f"le tirage ne peut pas se faire ainsi ({error})"
        return [reason(what, "revoir strates, paires, équilibre ou débordement", field="tirage")]
    return []


def _facts(context: GateContext, retained: pd.DataFrame) -> tuple[str, ...]:
    campaign = context.campaign
    number = count(len(context.zones), "zone retenue", "zones retenues")
    facts = [f"{count(len(context.eligible), 'zone convient', 'zones conviennent')} ; {number}."]
    if len(context.zones) < len(context.eligible):
        facts.append(
            "Échantillon tiré de l'empreinte de la section « tirage » : les zones dont le SHA-256 "
            "vient en tête, sans choix possible."
        )
    buffers = len(context.zones) - len(retained)
    if buffers:
        facts.append(f"{count(buffers, 'zone tampon', 'zones tampons')} hors tirage.")
    if campaign.randomisation.unit == CONVERSATION:
        facts.append(
            "Ici, une « zone » est une tranche de conversations : chaque conversation avec Sophie "
            "appartient à une tranche, toujours la même."
        )
    if campaign.randomisation.unit in AGGREGATED:
        inside = int(context.zones["n_zones"].sum())
        facts.append(f"Chaque unité réunit ses rues ({inside} en tout), toutes traitées de même.")
    if context.territory.synthetic:
        facts.append("Le territoire contient des zones synthétiques, inventées pour l'essai.")
    return tuple(facts)


def _warnings(context: GateContext, table: pd.DataFrame, number: int) -> tuple[str, ...]:
    warnings = []
    if _awaits_reference(context.campaign, table):
        warnings.append(
            "« niveau_reference » n'est pas encore mesuré : le tirage attendra l'import de la "
            "vague de référence."
        )
    if FEWEST_ZONES <= number < FEW_ZONES and context.campaign.control is not None:
        warnings.append(
            f"{number} zones seulement : l'intervalle sera très large et le test de randomisation "
            "ne pourra guère conclure."
        )
    pairs = len(context.neighbours) // 2
    if pairs and context.campaign.randomisation.spillover.rule == "aucune":
        warnings.append(
            f"{count(pairs, 'paire de zones voisines', 'paires de zones voisines')} : le message "
            "peut se répandre ; voir « debordement »."
        )
    return tuple(warnings)
