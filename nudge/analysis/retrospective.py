"""A past action known by its tallies only: described before and after, and never explained."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from nudge.analysis.analyse_campaign import analyse_campaign
from nudge.analysis.campaign_data import CampaignData
from nudge.analysis.result import CampaignResult
from nudge.analysis.trial_context import TrialContext
from nudge.campaign.campaign import Campaign
from nudge.campaign.load import campaign_from_fields
from nudge.errors import CampaignError, Problem

ZONE = "ensemble"
COUNTS = ("n_controles", "n_non_presentes", "n_vert", "n_orange", "n_rouge")
# Names that tag audits use elsewhere (The Recycling Partnership's great, good try, oops).
ALIASES: MappingProxyType[str, str] = MappingProxyType(
    {
        "week": "vague",
        "semaine": "vague",
        "addresses_tagged": "n_controles",
        "not_set_out": "n_non_presentes",
        "great": "n_vert",
        "good_try": "n_orange",
        "oops": "n_rouge",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAction:
    """What is said of the action, beside its table.

    Attributes
    ----------
    title, source
        Title of the report, and where the table comes from, with its date.
    start, days
        First day of the first wave, and days from one wave to the next.
    first_after
        Name of the first wave counted as after the action began.
    """

    title: str
    source: str
    start: date
    days: int
    first_after: str


def retrospective(path: Path, action: PastAction, *, today: date) -> CampaignResult:
    """Describe a table of tallies, one row a wave in order, without a control group.

    Parameters
    ----------
    path
        CSV with a column ``vague`` and the counts of the instrument ``comptage_bacs``; the
        English names of tag audits are understood.

    Raises
    ------
    CampaignError
        The file cannot be read, a column is missing, counts do not add up, or the wave named as
        the first one after is not there.
    """
    table = _read(path)
    waves = list(table["vague"])
    if action.first_after not in waves[1:]:
        raise CampaignError(
            Problem(
                place=str(path),
                column="vague",
                what=f"« {action.first_after} » n'est pas une vague qui en suit une autre",
                mend=f"choisir parmi {', '.join(waves[1:])}",
            )
        )
    campaign = _campaign(action, waves)
    zones = pd.DataFrame({"zone_id": [ZONE], "n_logements": pd.array([None], dtype="Int64")})
    data = CampaignData(
        context=TrialContext(
            campaign=campaign, zones=zones, arms={ZONE: campaign.arms[0].identifier}
        ),
        observations={"comptage_bacs": table.assign(zone_id=ZONE)},
        neighbours=pd.DataFrame({"zone_id": [], "voisin_id": []}),
        status="close",
        locked=False,
        plan_sha256="",
        zones_sha256="",
        data_sha256=_fingerprint(path),
        seed=None,
        eligible=None,
        amendments=(),
        declared=(),
        synthetic_territory=False,
    )
    return analyse_campaign(data, today=today)


def _campaign(action: PastAction, waves: Sequence[str]) -> Campaign:
    begin = waves.index(action.first_after)
    first_days = [action.start + timedelta(days=action.days * place) for place in range(len(waves))]
    last = timedelta(days=action.days - 1)
    return campaign_from_fields(
        {
            "version": 1,
            "identifiant": "action-passee",
            "titre": action.title,
            "objectif": "Décrire une action passée d'après ses décomptes.",
            "famille": "qualite",
            "critere_principal": "bac_bien_trie_agrege",
            "criteres_secondaires": ["bac_presente_agrege"],
            "population": "Adresses contrôlées pendant l'action",
            "conception": "avant_apres",
            "tirage": {"unite": "rue"},
            "groupes": [
                {
                    "identifiant": "action",
                    "titre": "Action décrite",
                    "levier": "valorisation",
                    "canal": "carte_porte",
                }
            ],
            "debut": first_days[begin],
            "fin": first_days[-1] + last,
            "vagues": [
                {
                    "nom": name,
                    "type": "reference" if place < begin else "suivi",
                    "debut": first_days[place],
                    "fin": first_days[place] + last,
                }
                for place, name in enumerate(waves)
            ],
            "sources": [action.source],
        }
    )


def _read(path: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, sep=None, engine="python", dtype=str, encoding="utf-8-sig")
    except (OSError, ValueError, UnicodeDecodeError) as error:
        raise CampaignError(
            Problem(place=str(path), what=f"table illisible ({error})", mend="donner un CSV UTF-8")
        ) from None
    table = table.rename(columns=lambda name: ALIASES.get(name.strip(), name.strip()))
    missing = [name for name in ("vague", *COUNTS) if name not in table]
    if missing:
        raise CampaignError(
            Problem(
                place=str(path),
                what=f"colonnes absentes : {', '.join(missing)}",
                mend=f"une ligne par vague, avec les colonnes vague, {', '.join(COUNTS)}",
            )
        )
    return _checked(table[["vague", *COUNTS]], path)


def _checked(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    numbers = table[list(COUNTS)].apply(pd.to_numeric, errors="coerce")
    wrong = numbers.isna() | (numbers < 0) | (numbers % 1 != 0)
    problems = [
        _problem(path, row, column, "un nombre entier est attendu", "le corriger")
        for column in COUNTS
        for row in wrong.index[wrong[column]]
    ]
    # Published tables leave some addresses without a colour; none can have two.
    counted = numbers[list(COUNTS[1:])].sum(axis=1)
    problems += [
        _problem(
            path,
            row,
            "n_controles",
            f"{counted[row]:g} bacs notés ou non présentés pour moins de contrôles",
            "chaque adresse compte une fois au plus",
        )
        for row in numbers.index[(counted > numbers["n_controles"]) & ~wrong.any(axis=1)]
    ]
    problems += [
        _problem(path, row, "vague", "vague sans nom ou répétée", "donner un nom à chacune")
        for row in table.index[table["vague"].isna() | table["vague"].duplicated()]
    ]
    if problems:
        raise CampaignError(problems)
    return pd.concat([table["vague"].str.strip(), numbers.astype("int64")], axis=1)


def _problem(path: Path, row: int, column: str, what: str, mend: str) -> Problem:
    return Problem(place=str(path), row=row + 2, column=column, what=what, mend=mend)


def _fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
