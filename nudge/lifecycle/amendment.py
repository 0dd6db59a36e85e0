"""Amending a locked plan: numbered, with its reason and every field that changes."""

from dataclasses import dataclass
from datetime import date

from nudge.campaign.campaign import Campaign
from nudge.errors import CampaignError, Problem
from nudge.gates.context import gate_context
from nudge.gates.gates import run_amendment_gates
from nudge.lifecycle.canonical_plan import canonical_plan
from nudge.lifecycle.plan_changes import PlanChange, plan_changes, refuse_forbidden
from nudge.lifecycle.plan_in_force import plan_in_force
from nudge.lifecycle.status import require_action
from nudge.lifecycle.validation import refuse_shut
from nudge.store.campaigns import campaign_zones
from nudge.store.database import Store, writing
from nudge.store.event_log import append_event
from nudge.store.locks import add_amendment, amendments, text_sha256
from nudge.territory.territory import Territory


@dataclass(frozen=True, slots=True, kw_only=True)
class Amended:
    """An amendment as it was recorded.

    Attributes
    ----------
    number
        From 1.
    changes
        Fields that changed.
    serious
        Whether it lowers the grade of evidence.
    plan_sha256
        Hash of the plan from now on.
    """

    number: int
    changes: tuple[PlanChange, ...]
    serious: bool
    plan_sha256: str


def amend_campaign(
    store: Store,
    campaign: Campaign,
    *,
    reason: str,
    serious: bool,
    territory: Territory,
    today: date,
) -> Amended:
    """Put an amended plan in force.

    Before the draw any field but those that make the campaign may change. After it, arms, zones,
    primary outcome, estimand and estimator change only where ``serious`` says that the evidence
    suffers.

    Parameters
    ----------
    campaign
        The plan as it should be.
    reason
        Why, in one sentence; published.

    Raises
    ------
    CampaignError
        No reason, nothing changes, a forbidden field, a gate is shut, or a serious change that
        is not marked as such.
    """
    if not reason.strip():
        raise CampaignError("un avenant dit sa raison : --reason « … »")
    plan = plan_in_force(store, campaign.identifier)
    require_action("amend", status=plan.stored.status, campaign=campaign.identifier)
    changes = plan_changes(plan.campaign, campaign)
    if not changes:
        raise CampaignError("le fichier ne change rien au plan en vigueur")
    drawn = plan.stored.status == "en_cours"
    refuse_forbidden(changes, drawn=drawn)
    grave = [change for change in changes if change.serious and drawn]
    if grave and not serious:
        raise CampaignError([_unmarked(change) for change in grave])
    zones = campaign_zones(store, campaign.identifier)
    context = gate_context(campaign, territory=territory, store=store, today=today, frozen=zones)
    refuse_shut(run_amendment_gates(context))
    text = canonical_plan(campaign)
    digest = text_sha256(text)
    fields = [
        {"champ": ", ".join(one.path), "avant": one.before, "apres": one.after} for one in changes
    ]
    with writing(store) as connection:
        number = add_amendment(
            connection,
            campaign.identifier,
            reason=reason.strip(),
            changes={"grave": bool(grave) or serious, "champs": fields},
            title=campaign.shown_title,
            yaml=text,
            plan_sha256=digest,
        )
    return Amended(
        number=number, changes=changes, serious=bool(grave) or serious, plan_sha256=digest
    )


def note_deviation(store: Store, identifier: str, *, text: str, serious: bool) -> None:
    """Log that the field departed from the plan, the plan staying as it is.

    Raises
    ------
    CampaignError
        The text is empty, or the campaign is not locked or is over.
    """
    if not text.strip():
        raise CampaignError("un écart se décrit en une phrase")
    plan = plan_in_force(store, identifier)
    require_action("amend", status=plan.stored.status, campaign=identifier)
    with writing(store) as connection:
        payload = {"texte": text.strip(), "grave": serious}
        append_event(connection, campaign=identifier, kind="ecart", payload=payload)


def amendment_list(store: Store, identifier: str) -> tuple[tuple[int, str, bool], ...]:
    """Return number, reason and seriousness of each amendment, in order."""
    return tuple(
        (one.number, one.reason, bool(one.changes.get("grave", False)))
        for one in amendments(store, identifier)
    )


def _unmarked(change: PlanChange) -> Problem:
    return Problem(
        place="campagne.yaml",
        column=", ".join(change.path),
        what=f"changer ce champ après le tirage est un écart grave ({change.before} → "
        f"{change.after})",
        mend="l'assumer par --serious : le niveau de preuve passera de A à B",
    )
