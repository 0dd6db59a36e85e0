"""Checks across the tables of the territory: references, ranges, places, neighbours."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from nudge.errors import Problem
from nudge.territory.schema_checks import as_numbers
from nudge.territory.table_file import NO
from nudge.territory.table_schema import table_schema
from nudge.territory.unit import STREET, SUBSECTOR

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Range of latitudes and longitudes, in degrees."""

    south: float
    north: float
    west: float
    east: float


# A territory of another intercommunality is checked without a box.
BOXES: Mapping[str, Box] = {"241400415": Box(south=49.2, north=49.5, west=-0.15, east=0.35)}


def cross_problems(tables: Tables) -> list[Problem]:
    """Return what is wrong between the text tables that could be read.

    Parameters
    ----------
    tables
        Text tables by name; one that could not be read is absent, and what depends on it is
        not checked.
    """
    checks: tuple[tuple[tuple[str, ...], Callable[[Tables], list[Problem]]], ...] = (
        (("communes",), _unsourced_shares),
        (("alias",), _unmarked_ambiguity),
        (("zones",), _impossible_dwellings),
        (("zones",), _half_coordinates),
        (("zones", "communes"), _outside_box),
        (("zones",), _missing_rounds),
        (("zones",), _broken_nesting),
        (("voisinages", "zones"), _impossible_neighbours),
        (("voisinages",), _asymmetric_neighbours),
    )
    problems = [problem for name in tables for problem in _dangling_references(tables, name)]
    for needed, check in checks:
        if all(name in tables for name in needed):
            problems += check(tables)
    return problems


def _found(faulty: pd.DataFrame, *, table: str, column: str, what: str, mend: str) -> list[Problem]:
    """Return a problem for each row; ``what`` names its cells in braces."""
    file = table_schema(table).file
    return [
        Problem(what=what.format_map(row), mend=mend, place=file, row=int(line), column=column)
        for line, row in zip(faulty.index, faulty.to_dict("records"), strict=True)
    ]


def _dangling_references(tables: Tables, name: str) -> list[Problem]:
    problems: list[Problem] = []
    for key in table_schema(name).foreign_keys:
        if key.table not in tables:
            continue
        values = tables[name][key.column]
        dangling = (values != "") & ~values.isin(tables[key.table][key.reference])
        file = table_schema(key.table).file
        problems += _found(
            tables[name][dangling],
            table=name,
            column=key.column,
            what=f"« {{{key.column}}} » ne figure pas dans {file}",
            mend=f"corriger l'identifiant, ou ajouter la ligne à {file}",
        )
    return problems


def _unsourced_shares(tables: Tables) -> list[Problem]:
    communes = tables["communes"]
    share, source = "part_residences_secondaires", "source_residences_secondaires"
    return _found(
        communes[(communes[share] != "") & (communes[source] == "")],
        table="communes",
        column=source,
        what="la part « {part_residences_secondaires} » n'a pas de source",
        mend="citer la source, ou laisser la part vide",
    )


def _unmarked_ambiguity(tables: Tables) -> list[Problem]:
    aliases = tables["alias"]
    several = aliases.groupby("alias")["code_insee"].transform("nunique") > 1
    return _found(
        aliases[several & (aliases["ambigu"] == NO)],
        table="alias",
        column="ambigu",
        what="« {alias} » désigne plusieurs communes sans être ambigu",
        mend="écrire oui",
    )


def _impossible_dwellings(tables: Tables) -> list[Problem]:
    zones = tables["zones"]
    second, dwellings = "n_residences_secondaires", "n_logements"
    return _found(
        zones[as_numbers(zones[second]) > as_numbers(zones[dwellings])],
        table="zones",
        column=second,
        what="{n_residences_secondaires} résidences secondaires pour {n_logements} logements",
        mend="les résidences secondaires sont comprises dans les logements",
    )


def _half_coordinates(tables: Tables) -> list[Problem]:
    zones = tables["zones"]
    return _found(
        zones[(zones["latitude"] == "") != (zones["longitude"] == "")],
        table="zones",
        column="latitude, longitude",
        what="une seule des deux coordonnées est renseignée",
        mend="renseigner les deux, ou laisser les deux vides",
    )


def _outside_box(tables: Tables) -> list[Problem]:
    owners = set(tables["communes"]["siren_epci"])
    box = BOXES.get(next(iter(owners))) if len(owners) == 1 else None
    if box is None:
        return []
    zones = tables["zones"]
    latitude, longitude = as_numbers(zones["latitude"]), as_numbers(zones["longitude"])
    inside = latitude.between(box.south, box.north) & longitude.between(box.west, box.east)
    swapped = longitude.between(box.south, box.north) & latitude.between(box.west, box.east)
    known = latitude.notna() & longitude.notna()
    place = f"latitude {box.south} à {box.north}, longitude {box.west} à {box.east}"

    def problems(faulty: pd.Series, mend: str) -> list[Problem]:
        return _found(
            zones[faulty],
            table="zones",
            column="latitude, longitude",
            what="« {latitude}, {longitude} » est hors du territoire",
            mend=mend,
        )

    return problems(known & swapped, "échanger latitude et longitude") + problems(
        known & ~inside & ~swapped, f"vérifier les coordonnées ({place})"
    )


def _missing_rounds(tables: Tables) -> list[Problem]:
    zones = tables["zones"]
    served = zones["type_zone"].isin([STREET, SUBSECTOR])
    return _found(
        zones[served & (zones["tournee_id"] == "")],
        table="zones",
        column="tournee_id",
        what="la zone n'a pas de tournée",
        mend="indiquer la tournée qui collecte cette rue ou ce sous-secteur",
    )


def _broken_nesting(tables: Tables) -> list[Problem]:
    """Streets lie in a sub-sector of the same commune and round; other zones lie in none."""
    zones = tables["zones"]
    inside = zones[zones["sous_secteur_id"] != ""]
    parents = zones.drop_duplicates("zone_id").set_index("zone_id")
    known = inside[inside["sous_secteur_id"].isin(parents.index)]
    parent = parents.loc[known["sous_secteur_id"]].set_index(known.index)
    wrong_kind = (parent["type_zone"] != SUBSECTOR) | (known["type_zone"] != STREET)
    elsewhere = (parent["code_insee"] != known["code_insee"]) | (
        parent["tournee_id"] != known["tournee_id"]
    )
    column = "sous_secteur_id"
    return _found(
        known[wrong_kind],
        table="zones",
        column=column,
        what="« {sous_secteur_id} » ne peut pas contenir cette zone",
        mend="seule une rue est contenue, et seulement dans une zone de type sous_secteur",
    ) + _found(
        known[elsewhere & ~wrong_kind],
        table="zones",
        column=column,
        what="« {sous_secteur_id} » est d'une autre commune ou d'une autre tournée",
        mend="un sous-secteur tient dans une commune et dans une tournée",
    )


def _impossible_neighbours(tables: Tables) -> list[Problem]:
    pairs = tables["voisinages"]
    kinds = tables["zones"].drop_duplicates("zone_id").set_index("zone_id")["type_zone"]
    itself = pairs["zone_id"] == pairs["voisin_id"]
    one, other = pairs["zone_id"].map(kinds), pairs["voisin_id"].map(kinds)
    mixed = one.notna() & other.notna() & (one != other)
    return _found(
        pairs[itself],
        table="voisinages",
        column="voisin_id",
        what="« {zone_id} » est sa propre voisine",
        mend="supprimer la ligne",
    ) + _found(
        pairs[mixed],
        table="voisinages",
        column="voisin_id",
        what="« {voisin_id} » n'est pas du même type que « {zone_id} »",
        mend="ne rapprocher que des zones de même type",
    )


def _asymmetric_neighbours(tables: Tables) -> list[Problem]:
    pairs = tables["voisinages"]
    there = pd.MultiIndex.from_frame(pairs[["zone_id", "voisin_id", "distance_m"]])
    back = pd.MultiIndex.from_frame(pairs[["voisin_id", "zone_id", "distance_m"]])
    return _found(
        pairs[~there.isin(back)],
        table="voisinages",
        column="zone_id, voisin_id",
        what="« {voisin_id} » n'a pas « {zone_id} » pour voisine à {distance_m} m",
        mend="ajouter la ligne inverse, avec la même distance",
    )
