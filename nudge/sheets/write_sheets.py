"""Writing the sheets of a wave: a PDF and blank files for each instrument and round."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from nudge.campaign.campaign import Campaign
from nudge.campaign.wave import Wave
from nudge.errors import CampaignError, Problem
from nudge.french.numbers import and_list
from nudge.imports.columns import plain
from nudge.imports.template import write_template
from nudge.imports.whole_file import whole_file
from nudge.instruments.catalogue import INSTRUMENTS
from nudge.instruments.instrument import Instrument
from nudge.sheets.render import render_pdf
from nudge.sheets.second_rating import second_ratings
from nudge.sheets.sheet_content import sheet_content

# What is weighed at the sorting centre, answered or read from a meter has no sheet for the street.
ON_SITE = ("controle_bac", "comptage_bacs", "remplissage_pav", "comptage_site", "depot_sauvage")
CHECKS_PER_ZONE = 25
NO_ROUND = "sans-tournee"


def write_sheets(
    campaign: Campaign,
    wave_name: str,
    folder: Path,
    *,
    zones: pd.DataFrame,
    round_names: Mapping[str, str] | None = None,
    synthetic: bool = False,
    checks_per_zone: int | None = None,
    csv: bool = True,
    xlsx: bool = False,
) -> list[Path]:
    """Write the sheets of a wave and return their paths.

    Sheets are blind to the draw: nothing of it comes in here, and all zones of a round appear in
    the order of their identifiers.

    Parameters
    ----------
    campaign, wave_name
        What is measured, and when.
    folder
        Where to write.
    zones
        Frozen zones: ``zone_id``, ``nom``, ``commune``, ``tournee_id``, ``n_logements``.
    round_names
        Round to its French name.
    synthetic
        Whether a zone is synthetic; the sheets then say so.
    checks_per_zone
        Bins to check in each zone, never more than its dwellings; by default as planned for the
        power of the campaign, else 25.
    csv, xlsx
        Which blank files to write beside each PDF.

    Raises
    ------
    CampaignError
        There is no such wave, or no zone.
    """
    wave = _wave(campaign, wave_name)
    _refuse_no_zone(campaign, zones)
    if checks_per_zone is None:
        checks_per_zone = round(campaign.power.units) if campaign.power else CHECKS_PER_ZONE
    written = []
    names = round_names or {}
    for instrument in _instruments(campaign):
        for round_id, walked in _rounds(zones):
            for rows, second in _ratings(campaign, instrument, wave, walked, checks_per_zone,
                                         round_id=round_id):  # fmt: skip
                content = sheet_content(
                    campaign,
                    instrument,
                    wave,
                    zones=walked,
                    rows=rows,
                    round_name=names.get(round_id, round_id),
                    second=second,
                    synthetic=synthetic,
                )
                end = "-seconde-cotation" if second else ""
                stem = folder / plain(wave.name) / f"{instrument.name}-{round_id}{end}"
                pdf = stem.with_name(f"{stem.name}.pdf")
                with whole_file(pdf) as name:
                    name.write_bytes(render_pdf(content))
                written.append(pdf)
                for ending in [".csv"] * csv + [".xlsx"] * xlsx:
                    blank = stem.with_name(f"{stem.name}{ending}")
                    write_template(instrument, blank, campaign=campaign, zones=walked,
                                   wave=wave.name, numbers=rows, rank=1 + second)  # fmt: skip
                    written.append(blank)
    return written


def write_blank(
    campaign: Campaign,
    instrument_name: str,
    folder: Path,
    *,
    zones: pd.DataFrame,
    wave_name: str | None = None,
    csv: bool = True,
    xlsx: bool = False,
) -> list[Path]:
    """Write the blank files of one instrument, whatever it measures, and return their paths.

    Parameters
    ----------
    campaign
        Its waves and arms are offered as choices.
    instrument_name
        Any name of the catalogue, deliveries and consents included.
    folder
        Where to write.
    zones
        Frozen zones, one row each.
    wave_name
        Wave to fill in; left blank by default.
    csv, xlsx
        Which files to write.

    Raises
    ------
    CampaignError
        There is no such instrument or wave, or no zone.
    """
    instrument = INSTRUMENTS.get(instrument_name)
    if instrument is None:
        raise CampaignError(
            Problem(place="--instrument", what=f"instrument inconnu : « {instrument_name} »",
                    mend=f"choisir parmi {', '.join(sorted(INSTRUMENTS))}")
        )  # fmt: skip
    _refuse_no_zone(campaign, zones)
    wave = None if wave_name is None else _wave(campaign, wave_name).name
    place = folder if wave is None else folder / plain(wave)
    written = []
    for ending in [".csv"] * csv + [".xlsx"] * xlsx:
        path = place / f"{instrument.name}{ending}"
        write_template(instrument, path, campaign=campaign, zones=zones, wave=wave)
        written.append(path)
    return written


def _refuse_no_zone(campaign: Campaign, zones: pd.DataFrame) -> None:
    if zones.empty:
        raise CampaignError(
            Problem(place=campaign.identifier, what="la campagne n'a pas encore de zones",
                    mend="la verrouiller par « pouce campaign lock »")
        )  # fmt: skip


def _wave(campaign: Campaign, name: str) -> Wave:
    for wave in campaign.waves:
        if wave.name == name:
            return wave
    known = and_list([f"« {wave.name} »" for wave in campaign.waves], "ou")
    raise CampaignError(
        Problem(place=campaign.identifier, what=f"pas de vague « {name} »", mend=f"écrire {known}")
    )


def _instruments(campaign: Campaign) -> list[Instrument]:
    named = dict.fromkeys(outcome.instrument for outcome in campaign.outcomes)
    found = [INSTRUMENTS[name] for name in named if name in ON_SITE]
    if not found:
        raise CampaignError(
            Problem(
                place=campaign.identifier,
                what="aucun critère de la campagne ne se relève sur le terrain",
                mend="demander le fichier vide par --instrument "
                f"{campaign.outcomes[0].instrument}, ou importer directement les fichiers par "
                "« pouce campaign import »",
            )
        )
    return found


def _rounds(zones: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    rounds = zones["tournee_id"].fillna(NO_ROUND) if "tournee_id" in zones else NO_ROUND
    ordered = zones.assign(round=rounds).sort_values(["round", "zone_id"], kind="stable")
    for name, walked in ordered.groupby("round", sort=True):
        yield str(name), walked


def _ratings(
    campaign: Campaign,
    instrument: Instrument,
    wave: Wave,
    zones: pd.DataFrame,
    checks_per_zone: int,
    *,
    round_id: str,
) -> Iterator[tuple[dict[str, tuple[int, ...]], bool]]:
    """Yield the numbers of the rows of each zone, and whether they are second ratings."""
    if instrument.name != "controle_bac":
        yield dict.fromkeys(zones["zone_id"], (1,)), False
        return
    dwellings = zones["n_logements"] if "n_logements" in zones else pd.Series(dtype=float)
    most = dwellings.reindex(zones.index).astype("float64").fillna(checks_per_zone)
    checks = dict(zip(zones["zone_id"], most.clip(1, checks_per_zone).astype(int), strict=True))
    yield {zone: tuple(range(1, n + 1)) for zone, n in checks.items()}, False
    seed = f"{campaign.identifier}|{wave.name}|{round_id}"
    yield second_ratings(checks, seed=seed), True
