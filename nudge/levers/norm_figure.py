"""Norm figures: shares and means that messages display, computed from observations only."""

import hashlib
from collections.abc import Sequence
from dataclasses import InitVar, dataclass
from datetime import date
from typing import Literal

import pandas as pd

from nudge.errors import CampaignError, Problem
from nudge.french.numbers import MONTHS, NO_BREAK, count, date_fr, decimal_comma, percent

# A street's figure would otherwise say what a neighbour can recognise (design choice).
MIN_DWELLINGS = 10
MIN_SET_OUT = 5

_COMPUTED = object()
_CHECK_COLUMNS = ("controle_id", "zone_id", "foyer_id", "date", "presente", "couleur", "rang")
_WATER_COLUMNS = ("releve_id", "zone_id", "foyer_id", "vague", "date", "volume_m3")


@dataclass(frozen=True, slots=True, kw_only=True)
class NormFigure:
    """A computed figure with what a reader needs to judge it.

    Only the functions of this module build one: a typed figure cannot become a norm.

    Attributes
    ----------
    kind
        ``"part"``: share in [0, 1]; ``"moyenne"``: mean in ``unit``; ``"releve"``: one
        dwelling's own reading in ``unit``.
    value, unit
        Figure and its unit, empty for a share.
    counted
        What was counted, French, with its number: ``214 bacs sortis``.
    n, dwellings
        Bins or readings counted, and distinct dwellings behind them.
    first_day, last_day
        First and last observation.
    scope
        French name of the area or group.
    instrument
        Field instrument read.
    fingerprint
        SHA-256 of the rows read.
    simulated
        Whether the rows come from the simulator.

    Raises
    ------
    TypeError
        When built otherwise than from observations.
    """

    kind: Literal["part", "moyenne", "releve"]
    value: float
    unit: str
    counted: str
    n: int
    dwellings: int
    first_day: date
    last_day: date
    scope: str
    instrument: str
    fingerprint: str
    simulated: bool
    built_by: InitVar[object] = None

    def __post_init__(self, built_by: object) -> None:
        """Refuse a figure that was not computed here."""
        if built_by is not _COMPUTED:
            raise TypeError("a norm figure is computed from observations, never typed")

    @property
    def text(self) -> str:
        """The figure as displayed: ``72 %`` or ``48 m³``."""
        if self.kind == "part":
            return percent(self.value)
        return f"{decimal_comma(self.value, 0)}{NO_BREAK}{self.unit}"

    @property
    def note(self) -> str:
        """French sentence on count, dates and scope, shown under every message."""
        period = period_fr(self.first_day, self.last_day)
        if self.kind == "releve":
            return f"{self.counted}, {period}"
        return f"calculé sur {self.counted}, {period} ({self.scope})"


def norm_figure(
    frame: pd.DataFrame,
    *,
    outcome: Literal["bac_bien_trie", "bac_presente"] = "bac_bien_trie",
    scope: str,
    zones: Sequence[str] | None = None,
    since: date | None = None,
    until: date | None = None,
    simulated: bool = False,
) -> NormFigure:
    """Compute a share over whole zones from visual bin checks.

    Parameters
    ----------
    frame
        Rows of ``controle_bac``; first ratings only are counted.
    outcome
        ``bac_bien_trie``: green bins among those set out; ``bac_presente``: bins set out among
        all checks.
    scope
        French name of the area, such as ``rue des Bains``.
    zones
        Zones of the scope; all of the frame by default.
    since, until
        First and last day counted, both included.
    simulated
        Whether the rows come from the simulator: the message then says so.

    Raises
    ------
    CampaignError
        Fewer than 10 dwellings checked, fewer than 5 of them with a bin set out, or an outcome
        or columns that do not suit.
    """
    if outcome not in ("bac_bien_trie", "bac_presente"):
        raise CampaignError(
            Problem(
                what=f"aucun chiffre de norme n'est défini pour « {outcome} »",
                mend="choisissez bac_bien_trie ou bac_presente",
            )
        )
    rows = _within(_required(frame, _CHECK_COLUMNS), zones=zones, since=since, until=until)
    rows = rows[rows["rang"] == 1]
    set_out = rows[rows["presente"].astype(bool) & rows["couleur"].notna()]
    _refuse_small_groups(rows, set_out, scope=scope)
    if outcome == "bac_bien_trie":
        value, n = float((set_out["couleur"] == "vert").mean()), len(set_out)
        dwellings = set_out["foyer_id"].nunique()
        counted = count(n, "bac sorti", "bacs sortis")
    else:
        value, n = float(rows["presente"].astype(bool).mean()), len(rows)
        dwellings = rows["foyer_id"].nunique()
        counted = f"{count(n, 'passage', 'passages')} devant les bacs"
    return NormFigure(
        kind="part",
        value=value,
        unit="",
        counted=f"{counted} de {count(dwellings, 'logement')}",
        n=n,
        dwellings=int(dwellings),
        scope=scope,
        instrument="controle_bac",
        fingerprint=_fingerprint(rows, _CHECK_COLUMNS),
        simulated=simulated,
        built_by=_COMPUTED,
        **_days(rows),
    )


def similar_dwellings_mean(
    readings: pd.DataFrame,
    *,
    dwelling: str,
    similar: Sequence[str],
    wave: str,
    scope: str,
    simulated: bool = False,
) -> NormFigure:
    """Compute the mean water use of dwellings similar to one, that one left out.

    Parameters
    ----------
    readings
        Rows of ``consommation_eau``.
    dwelling
        Pseudonym of the dwelling that receives the report.
    similar
        Pseudonyms of dwellings of the same type and occupation.
    wave
        Wave, one reading a dwelling.
    scope
        French name of the group, such as ``maisons occupées à l'année``.
    simulated
        Whether the rows come from the simulator.

    Raises
    ------
    CampaignError
        Fewer than 10 similar dwellings have a reading.
    """
    rows = _required(readings, _WATER_COLUMNS)
    others = rows["foyer_id"].isin(list(similar)) & (rows["foyer_id"] != dwelling)
    rows = rows[others & (rows["vague"] == wave) & rows["volume_m3"].notna()]
    dwellings = int(rows["foyer_id"].nunique())
    if dwellings < MIN_DWELLINGS:
        raise CampaignError(
            Problem(
                place=scope,
                what=f"{count(dwellings, 'logement comparable', 'logements comparables')} avec un "
                f"relevé, il en faut {MIN_DWELLINGS}",
                mend="élargissez le groupe comparable, ou n'envoyez pas de comparaison",
            )
        )
    return NormFigure(
        kind="moyenne",
        value=float(rows["volume_m3"].mean()),
        unit="m³",
        counted=count(dwellings, "logement comparable", "logements comparables"),
        n=len(rows),
        dwellings=dwellings,
        scope=scope,
        instrument="consommation_eau",
        fingerprint=_fingerprint(rows, _WATER_COLUMNS),
        simulated=simulated,
        built_by=_COMPUTED,
        **_days(rows),
    )


def dwelling_volume(
    readings: pd.DataFrame, *, dwelling: str, wave: str, simulated: bool = False
) -> NormFigure:
    """Return a dwelling's own water use in a wave, for a message to that dwelling alone.

    Raises
    ------
    CampaignError
        When the dwelling has no reading in that wave, or several.
    """
    rows = _required(readings, _WATER_COLUMNS)
    rows = rows[(rows["foyer_id"] == dwelling) & (rows["vague"] == wave)]
    rows = rows[rows["volume_m3"].notna()]
    if len(rows) != 1:
        raise CampaignError(
            Problem(
                place=f"vague {wave}",
                what=f"{count(len(rows), 'relevé')} pour ce logement, il en faut un",
                mend="corrigez les relevés, ou n'envoyez pas de rapport à ce logement",
            )
        )
    return NormFigure(
        kind="releve",
        value=float(rows["volume_m3"].iloc[0]),
        unit="m³",
        counted="lu sur votre compteur",
        n=1,
        dwellings=1,
        scope="votre logement",
        instrument="consommation_eau",
        fingerprint=_fingerprint(rows, _WATER_COLUMNS),
        simulated=simulated,
        built_by=_COMPUTED,
        **_days(rows),
    )


def period_fr(first: date, last: date) -> str:
    """Return a period in words: ``du 3 au 28 juin 2027``, ``le 1er mars 2027``."""
    if first == last:
        return f"le {date_fr(first)}"
    day = "1er" if first.day == 1 else str(first.day)
    if first.year != last.year:
        start = date_fr(first)
    elif first.month != last.month:
        start = f"{day}{NO_BREAK}{MONTHS[first.month - 1]}"
    else:
        start = day
    return f"du {start} au {date_fr(last)}"


def _required(frame: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    absent = [name for name in columns if name not in frame]
    if absent:
        raise CampaignError(
            Problem(
                what=f"colonnes absentes des observations : {', '.join(absent)}",
                mend="importez le fichier avec le modèle de l'instrument",
            )
        )
    return frame


def _within(
    frame: pd.DataFrame, *, zones: Sequence[str] | None, since: date | None, until: date | None
) -> pd.DataFrame:
    rows = frame if zones is None else frame[frame["zone_id"].isin(list(zones))]
    days = pd.to_datetime(rows["date"])
    if since is not None:
        rows, days = rows[days >= pd.Timestamp(since)], days[days >= pd.Timestamp(since)]
    if until is not None:
        rows = rows[days <= pd.Timestamp(until)]
    return rows


def _refuse_small_groups(rows: pd.DataFrame, set_out: pd.DataFrame, *, scope: str) -> None:
    checked, out = rows["foyer_id"].nunique(), set_out["foyer_id"].nunique()
    if checked >= MIN_DWELLINGS and out >= MIN_SET_OUT:
        return
    raise CampaignError(
        Problem(
            place=scope,
            what=f"trop peu d'observations pour afficher un chiffre : "
            f"{count(checked, 'logement contrôlé', 'logements contrôlés')}, dont {out} avec un "
            f"bac sorti (il en faut {MIN_DWELLINGS} et {MIN_SET_OUT})",
            mend="regroupez des zones voisines ou attendez une autre vague de contrôle",
        )
    )


def _days(rows: pd.DataFrame) -> dict[str, date]:
    days = pd.to_datetime(rows["date"])
    return {"first_day": days.min().date(), "last_day": days.max().date()}


def _fingerprint(rows: pd.DataFrame, columns: tuple[str, ...]) -> str:
    text = rows[list(columns)].sort_values(columns[0]).to_csv(index=False, date_format="%Y-%m-%d")
    return hashlib.sha256(text.encode()).hexdigest()
