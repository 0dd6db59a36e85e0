"""Examining a campaign: all gates, and its entry in the store."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from nudge.campaign.campaign import Campaign
from nudge.errors import CampaignError, Problem
from nudge.gates.context import gate_context
from nudge.gates.evidence_grade import best_grade
from nudge.gates.gate import GateContext, GateResult
from nudge.gates.gates import run_gates
from nudge.lifecycle.canonical_plan import canonical_plan
from nudge.lifecycle.status import require_action
from nudge.store.campaigns import StoredCampaign, save_campaign, stored_campaigns
from nudge.store.database import Store, writing
from nudge.store.event_log import append_event
from nudge.store.locks import text_sha256
from nudge.territory.territory import Territory


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What the gates said of a campaign.

    Attributes
    ----------
    context
        What they looked at.
    gates
        Their answers in order.
    grade
        French sentence on the best grade of evidence that the plan can reach.
    """

    context: GateContext
    gates: tuple[GateResult, ...]
    grade: str

    @property
    def passed(self) -> bool:
        """Whether every gate is open."""
        return all(gate.passed for gate in self.gates)

    @property
    def reasons(self) -> tuple[Problem, ...]:
        """Everything that shuts a gate."""
        return tuple(problem for gate in self.gates for problem in gate.reasons)


def examine(campaign: Campaign, *, store: Store, territory: Territory, today: date) -> Examination:
    """Run all gates on a campaign, writing nothing.

    Raises
    ------
    CampaignError
        The campaign names zones or communes that do not exist.
    """
    context = gate_context(campaign, territory=territory, store=store, today=today)
    return Examination(
        context=context, gates=run_gates(context), grade=best_grade(campaign.conception)
    )


def check_campaign(
    campaign: Campaign, *, folder: Path, store: Store, territory: Territory, today: date
) -> Examination:
    """Run all gates and keep the campaign in the store: ``validee`` when all are open.

    Parameters
    ----------
    folder
        Folder of the campaign file.

    Raises
    ------
    CampaignError
        As :func:`examine`; or the campaign is locked, or another folder uses its identifier.
    """
    known = find_campaign(store, campaign.identifier)
    if known is not None:
        require_action("check", status=known.status, campaign=campaign.identifier)
        _refuse_other_folder(known, folder)
    examination = examine(campaign, store=store, territory=territory, today=today)
    text = canonical_plan(campaign)
    with writing(store) as connection:
        if known is None:
            payload = {"titre": campaign.shown_title, "simulation": campaign.simulation}
            append_event(connection, campaign=campaign.identifier, kind="creation", payload=payload)
        save_campaign(
            connection,
            identifier=campaign.identifier,
            title=campaign.shown_title,
            yaml=text,
            status="validee" if examination.passed else "brouillon",
            simulation=campaign.simulation,
            folder=str(folder.resolve()),
        )
        if examination.passed and not _validated(known, text):
            digest = {"plan_sha256": text_sha256(text)}
            append_event(
                connection, campaign=campaign.identifier, kind="validation", payload=digest
            )
    return examination


def find_campaign(store: Store, identifier: str) -> StoredCampaign | None:
    """Return the campaign of that identifier; None where the store does not know it."""
    return next((one for one in stored_campaigns(store) if one.identifier == identifier), None)


def refuse_shut(gates: Iterable[GateResult]) -> None:
    """Raise CampaignError with every reason of gates that are shut; nothing where all are open."""
    problems = [problem for gate in gates for problem in gate.reasons]
    if problems:
        raise CampaignError(problems)


def _validated(known: StoredCampaign | None, text: str) -> bool:
    return known is not None and known.status == "validee" and known.yaml == text


def _refuse_other_folder(known: StoredCampaign, folder: Path) -> None:
    if Path(known.folder) == folder.resolve() or not Path(known.folder).exists():
        return
    raise CampaignError(
        Problem(
            place="campagne.yaml",
            column="identifiant",
            what=f"« {known.identifier} » est déjà la campagne du dossier {known.folder}",
            mend="choisir un autre identifiant, ou travailler dans ce dossier",
        )
    )
