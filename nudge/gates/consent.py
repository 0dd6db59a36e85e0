"""Gate: whoever receives an addressed message has agreed to it and has not withdrawn."""

import pandas as pd

from nudge.campaign.arm import Arm
from nudge.campaign.campaign import Campaign
from nudge.errors import Problem
from nudge.french.numbers import and_list, count, date_fr
from nudge.gates.gate import GateContext, GateResult, reason

MOST_SHOWN = 10


def check(context: GateContext) -> GateResult:
    """Refuse addressed messages to dwellings without a consent valid on the day of sending."""
    addressed = [arm for arm in context.campaign.arms if arm.addressed]
    title = "Consentement"
    if not addressed:
        fact = "Aucun message ne vise une personne nommée : pas de consentement à recueillir."
        return GateResult(name="consent", title=title, facts=(fact,))
    campaign = context.campaign
    valid = valid_consents(context.consents, on=pd.Timestamp(campaign.start))
    in_zones = valid[valid["zone_id"].isin(context.zones["zone_id"])]
    dwellings = in_zones["foyer_id"].nunique()
    none = _none_valid(campaign, dwellings)
    reasons = [*(none if context.stage == "launch" else ()), *_sent_without(context, addressed)]
    without = len(context.zones) - in_zones["zone_id"].nunique()
    facts = (
        f"Consentements valables au {date_fr(campaign.start)} dans les zones retenues : "
        f"{count(dwellings, 'logement')} ; seuls ceux-là reçoivent les messages adressés.",
    )
    warnings = []
    if context.stage == "plan":
        warnings.append(
            "Les consentements s'importent après le verrouillage (pouce campaign import, "
            "instrument consentement) ; le tirage les attend."
        )
    elif without and dwellings:
        lacking = count(without, "zone")
        warnings.append(f"{lacking} sans aucun consentement : le nudge n'y arriverait pas.")
    return GateResult(
        name="consent", title=title, reasons=tuple(reasons), facts=facts, warnings=tuple(warnings)
    )


def valid_consents(consents: pd.DataFrame, *, on: pd.Timestamp) -> pd.DataFrame:
    """Return the rows of ``consentement`` given by that day and not withdrawn on it."""
    given = pd.to_datetime(consents["donne_le"]) <= on
    withdrawn = pd.to_datetime(consents["retire_le"]) <= on
    return consents[given & ~withdrawn]


def sent_without_consent(deliveries: pd.DataFrame, consents: pd.DataFrame) -> pd.DataFrame:
    """Return the deliveries whose dwelling had no consent valid on their day.

    Parameters
    ----------
    deliveries
        Rows of ``distribution``: ``remise_id``, ``foyer_id``, ``date`` are read.
    consents
        Rows of ``consentement``.
    """
    pairs = deliveries[["remise_id", "foyer_id", "date"]].merge(
        consents[["foyer_id", "donne_le", "retire_le"]], on="foyer_id"
    )
    day = pd.to_datetime(pairs["date"])
    covered = (pd.to_datetime(pairs["donne_le"]) <= day) & ~(
        pd.to_datetime(pairs["retire_le"]) <= day
    )
    return deliveries[~deliveries["remise_id"].isin(pairs.loc[covered, "remise_id"])]


def _none_valid(campaign: Campaign, dwellings: int) -> list[Problem]:
    if dwellings:
        return []
    return [
        reason(
            f"aucun consentement valable au {date_fr(campaign.start)} dans les zones retenues",
            "recueillir les accords, les saisir dans le fichier que donne « pouce campaign sheets "
            f"{campaign.identifier} --instrument consentement », les importer par « pouce campaign "
            "import », ou choisir un message non adressé",
            field="groupes, adresse_individuellement",
        )
    ]


def _sent_without(context: GateContext, addressed: list[Arm]) -> list[Problem]:
    rows = context.deliveries
    rows = rows[rows["bras"].isin([arm.identifier for arm in addressed]) & rows["remis"].eq(True)]
    lacking = sent_without_consent(rows, context.consents)
    if lacking.empty:
        return []
    shown = [str(name) for name in lacking["remise_id"].head(MOST_SHOWN)]
    more = " …" if len(lacking) > len(shown) else ""
    return [
        Problem(
            place="distribution",
            column="remise_id",
            what=f"{count(len(lacking), 'remise')} sans consentement valable ce jour-là : "
            f"{and_list(shown)}{more}",
            mend="cesser ces envois, prévenir le responsable de traitement et saisir les "
            "consentements manquants s'ils existent",
        )
    ]
