"""Units of randomisation: streets and sites as listed, rounds and communes from their streets."""

from collections.abc import Sequence

import pandas as pd

from nudge.errors import CampaignError, Problem
from nudge.territory.conversation_parts import conversation_parts
from nudge.territory.territory import Territory
from nudge.territory.unit import AGGREGATES, CONVERSATION, STREET, check_unit

COLUMNS = (
    "zone_id",
    "nom",
    "code_insee",
    "commune",
    "tournee_id",
    "type_habitat",
    "n_logements",
    "n_residences_secondaires",
    "part_residences_secondaires",
    "latitude",
    "longitude",
    "n_zones",
)


def clusters_of(
    territory: Territory, *, unit: str, zones: Sequence[str] | None = None
) -> pd.DataFrame:
    """Return the randomisation units of a kind, one row each.

    Parameters
    ----------
    territory
        Territory of :func:`nudge.territory.territory.load_territory`.
    unit
        ``rue``, ``sous_secteur``, ``pav``, ``cendrier``, ``tournee``, ``commune``, or
        ``conversation``, whose parts have no place.
    zones
        Identifiers of the units to keep; all by default.

    Returns
    -------
    Columns :data:`COLUMNS`, sorted by ``zone_id``, the unit's identifier. A round or a commune
    adds up its streets (``n_zones`` of them, 1 for other units); its housing type and a round's
    commune are those of most of its dwellings, its place the mean of its streets'. A commune
    has no round. ``part_residences_secondaires`` is in [0, 1], NaN without dwellings.

    Raises
    ------
    CampaignError
        The unit or some of the zones do not exist, one problem each.
    """
    check_unit(unit)
    if unit in AGGREGATES:
        table = _aggregated(territory, unit)
    elif unit == CONVERSATION:
        table = conversation_parts()
    else:
        table = territory.zones[territory.zones["type_zone"] == unit].assign(n_zones=1)
    table = _kept(table, unit=unit, zones=zones)
    names = territory.communes.set_index("code_insee")["nom"]
    table = table.assign(
        commune=table["code_insee"].map(names),
        part_residences_secondaires=table["n_residences_secondaires"] / table["n_logements"],
    )
    return table.sort_values("zone_id", ignore_index=True)[list(COLUMNS)]


def _aggregated(territory: Territory, unit: str) -> pd.DataFrame:
    column = AGGREGATES[unit]
    streets = territory.zones[territory.zones["type_zone"] == STREET]
    table = streets.groupby(column).agg(
        n_logements=("n_logements", "sum"),
        n_residences_secondaires=("n_residences_secondaires", "sum"),
        latitude=("latitude", "mean"),
        longitude=("longitude", "mean"),
        n_zones=("zone_id", "size"),
    )
    table["type_habitat"] = _most_dwellings(streets, by=column, of="type_habitat")
    if unit == "commune":
        names, commune = territory.communes.set_index("code_insee")["nom"], table.index
        rounds = pd.Series(pd.NA, index=table.index, dtype="str")
    else:
        names = territory.rounds.set_index("tournee_id")["nom"]
        commune = _most_dwellings(streets, by=column, of="code_insee")
        rounds = table.index
    named = table.assign(nom=names, code_insee=commune, tournee_id=rounds)
    return named.rename_axis("zone_id").reset_index()


def _most_dwellings(streets: pd.DataFrame, *, by: str, of: str) -> pd.Series:
    """Return the value of ``of`` that most dwellings have within each ``by``, ties by name."""
    totals = streets.groupby([by, of], as_index=False)["n_logements"].sum()
    first = totals.sort_values(["n_logements", of], ascending=[False, True])
    return first.drop_duplicates(by).set_index(by)[of]


def _kept(table: pd.DataFrame, *, unit: str, zones: Sequence[str] | None) -> pd.DataFrame:
    if zones is None:
        return table
    known = set(table["zone_id"])
    unknown = [zone for zone in dict.fromkeys(zones) if zone not in known]
    if unknown:
        raise CampaignError(
            [
                Problem(
                    what=f"« {zone} » ne figure pas parmi les unités de type {unit} du territoire",
                    mend="corriger l'identifiant, ou choisir une autre unité de tirage",
                )
                for zone in unknown
            ]
        )
    return table[table["zone_id"].isin(zones)]
