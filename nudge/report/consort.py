"""CONSORT checklist of a result, and what stands in the way of a final report."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from nudge.analysis.result import CampaignResult
from nudge.errors import CampaignError, Problem
from nudge.report.consort_items import ITEMS

TO_COMPLETE = "à compléter"
COMPLEMENTS_FILE = "consort.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistRow:
    """One item as filled; ``text`` is empty where the team must still write it."""

    number: str
    asks: str
    text: str


def checklist(
    result: CampaignResult, *, complements: Mapping[str, str] | None = None
) -> tuple[ChecklistRow, ...]:
    """Fill the items of a randomised campaign; none for another conception.

    Parameters
    ----------
    complements
        Texts written by the team, by item number; they replace what the machine found.
    """
    if result.campaign.conception != "randomisee":
        return ()
    written = complements or {}
    return tuple(
        ChecklistRow(
            number=item.number,
            asks=item.asks,
            text=(written.get(item.number) or item.text(result)).strip(),
        )
        for item in ITEMS
    )


def final_blockers(
    result: CampaignResult, *, complements: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """Return French sentences on what keeps the report from being called final."""
    found = []
    if result.campaign.conception == "randomisee" and not result.plan_sha256:
        found.append("Le plan n'est pas verrouillé.")
    if result.status not in {"close", "publiee"}:
        found.append("La campagne n'est pas close.")
    if result.campaign.simulation:
        found.append("Les données sont simulées.")
    rows = checklist(result, complements=complements)
    found += [f"CONSORT {row.number} {TO_COMPLETE} : {row.asks}." for row in rows if not row.text]
    return tuple(found)


def items_to_write(
    result: CampaignResult, *, complements: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """Return the numbers of the items that the team must write."""
    rows = checklist(result, complements=complements)
    return tuple(row.number for row in rows if not row.text)


def checklist_json(
    result: CampaignResult, *, complements: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return the checklist as ``consort.json`` holds it."""
    rows = checklist(result, complements=complements)
    return {
        "campagne": result.campaign.identifier,
        "titre": result.campaign.shown_title,
        "reference": "CONSORT 2010, extension aux essais en grappes (BMJ 2012;345:e5661)",
        "applicable": bool(rows),
        "final": not final_blockers(result, complements=complements),
        "obstacles": list(final_blockers(result, complements=complements)),
        "items": [
            {
                "item": row.number,
                "demande": row.asks,
                "texte": row.text or TO_COMPLETE,
                "rempli": bool(row.text),
            }
            for row in rows
        ],
    }


def read_complements(folder: Path) -> dict[str, str]:
    """Read the texts that the team wrote in ``consort.yaml``; empty without the file.

    Raises
    ------
    CampaignError
        The file is no YAML mapping of item numbers to texts, or names an unknown item.
    """
    path = folder / COMPLEMENTS_FILE
    if not path.exists():
        return {}
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CampaignError(
            Problem(place=str(path), what=f"fichier illisible ({error})", mend="corriger le YAML")
        ) from None
    if not isinstance(content, dict):
        raise CampaignError(
            Problem(place=str(path), what="le fichier ne contient pas d'items",
                    mend="écrire une ligne par item, par exemple « 11a: texte »")
        )  # fmt: skip
    written = {str(key): value for key, value in content.items()}
    known = {item.number for item in ITEMS}
    problems = [
        Problem(place=str(path), column=key, what="item inconnu", mend="items de 1a à 17a")
        for key in written
        if key not in known
    ]
    problems += [
        Problem(place=str(path), column=key, what="texte attendu", mend="écrire une phrase")
        for key, value in written.items()
        if key in known and not isinstance(value, str)
    ]
    if problems:
        raise CampaignError(problems)
    return written
