"""Checks of rows against the campaign: zones, waves and their dates, arms, draw, objections."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from nudge.campaign.campaign import Campaign
from nudge.campaign.load import campaign_from_yaml
from nudge.campaign.wave import Wave
from nudge.errors import CampaignError, Problem
from nudge.french.numbers import date_fr
from nudge.imports.cell_checks import proposals
from nudge.imports.faults import LINE, faults
from nudge.store.campaigns import StoredCampaign, allocation, campaign_zones, stored_campaign
from nudge.store.database import Store
from nudge.store.persons import objections

OPEN = ("verrouillee", "en_cours")
OBJECTED = "cette personne s'est opposée à l'usage de ses données"
AFTER_DRAW = "ces lignes se mesurent après le tirage, qui n'a pas eu lieu"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFrame:
    """What a campaign lets into its observations.

    Attributes
    ----------
    campaign
        The campaign in force.
    zones
        Identifiers of the frozen zone list.
    drawn
        Whether rows that follow the draw may come in.
    objected
        Pseudonyms of the persons who object.
    """

    campaign: Campaign
    zones: tuple[str, ...]
    drawn: bool
    objected: frozenset[str]


def field_frame(store: Store, identifier: str) -> FieldFrame:
    """Return what a campaign lets in at this moment.

    Raises
    ------
    CampaignError
        The campaign is unknown, or takes no observations in its present status.
    """
    stored = stored_campaign(store, identifier)
    require_open(stored)
    campaign = campaign_from_yaml(stored.yaml, source=identifier)
    return FieldFrame(
        campaign=campaign,
        zones=tuple(campaign_zones(store, identifier)["zone_id"]),
        drawn=campaign.conception != "randomisee" or bool(allocation(store, identifier)),
        objected=frozenset(objections(store, identifier)),
    )


def require_open(stored: StoredCampaign) -> None:
    """Raise CampaignError unless the campaign is locked and not closed."""
    if stored.status in OPEN:
        return
    before = stored.status in {"brouillon", "validee"}
    raise CampaignError(
        Problem(
            place=stored.identifier,
            what="la campagne n'est pas verrouillée : rien ne s'importe encore"
            if before
            else "la campagne est close : rien ne s'importe plus",
            mend="la verrouiller par « pouce campaign lock »"
            if before
            else "noter un écart par « pouce campaign amend », ou créer une nouvelle campagne",
        )
    )


def campaign_faults(values: pl.DataFrame, frame: FieldFrame) -> Iterator[pl.DataFrame]:
    """Yield the faults of typed rows against the campaign.

    Parameters
    ----------
    values
        ``LINE`` and the typed columns of the instrument.
    frame
        What the campaign lets in.
    """
    arms = [arm.identifier for arm in frame.campaign.arms]
    yield from _unknown(values, "zone_id", frame.zones, "n'est pas une zone de la campagne",
                        lead="vérifier sur la fiche : peut-être")  # fmt: skip
    yield from _unknown(values, "bras", arms, "n'est pas un groupe de la campagne")
    if "vague" in values.columns:
        waves = frame.campaign.waves
        names = [wave.name for wave in waves]
        yield from _unknown(values, "vague", names, "n'est pas une vague de la campagne")
        yield _outside(values, waves)
    if "foyer_id" in values.columns and frame.objected:
        yield faults(values, pl.col("foyer_id").is_in(list(frame.objected)), column="foyer_id",
                     what=OBJECTED, mend="ôter la ligne, ne plus relever ce logement")  # fmt: skip
    if not frame.drawn:
        yield from _too_early(values, frame.campaign.follow_up_waves)


def _unknown(
    values: pl.DataFrame, column: str, known: Sequence[str], what: str, *, lead: str = "écrire"
) -> Iterator[pl.DataFrame]:
    if column not in values.columns:
        return
    chunk = values.select(LINE, column, value=column)
    unknown = ~pl.col(column).is_in(list(known))
    yield faults(
        chunk, unknown, column=column,
        what=pl.format("« {} » " + what, pl.col(column).str.slice(0, 80)),
        mend=proposals(chunk.filter(unknown)["value"], known, lead=lead),
    )  # fmt: skip


def _outside(values: pl.DataFrame, waves: tuple[Wave, ...]) -> pl.DataFrame:
    dates = pl.DataFrame(
        {
            "vague": [wave.name for wave in waves],
            "first": [wave.start for wave in waves],
            "last": [wave.end for wave in waves],
            "mend": [
                f"la vague va du {date_fr(wave.start)} au {date_fr(wave.end)} : corriger la "
                "date ou la vague"
                for wave in waves
            ],
        }
    )
    rows = values.select("vague", "date", pl.exclude("vague", "date")).join(
        dates, on="vague", how="left", maintain_order="left"
    )
    day = pl.col("date")
    return faults(
        rows, ~day.is_between("first", "last"), column="date",
        what=pl.format("le {} est hors de la vague « {} »", day.dt.strftime("%d/%m/%Y"), "vague"),
        mend=pl.col("mend"),
    )  # fmt: skip


def _too_early(values: pl.DataFrame, follow_up: tuple[Wave, ...]) -> Iterator[pl.DataFrame]:
    mend = "faire d'abord le tirage : « pouce campaign draw »"
    if "bras" in values.columns:
        yield faults(values, pl.col("bras").is_not_null(), column="bras", what=AFTER_DRAW,
                     mend=mend)  # fmt: skip
    if "vague" in values.columns:
        early = pl.col("vague").is_in([wave.name for wave in follow_up])
        yield faults(values, early, column="vague", what=AFTER_DRAW, mend=mend)
