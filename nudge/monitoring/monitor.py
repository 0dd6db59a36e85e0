"""The whole monitoring of a campaign's field work, blind to outcomes by arm until it is closed."""

from datetime import date

import pandas as pd

from nudge.analysis.observed_levels import observed_levels
from nudge.analysis.outcome_rows import outcome_rows
from nudge.errors import CampaignError, Problem
from nudge.gates.context import gate_context
from nudge.monitoring.conduct_sections import (
    contamination_section,
    fidelity_section,
    stop_section,
)
from nudge.monitoring.field_data import FieldData, field_data
from nudge.monitoring.measurement_sections import (
    missing_section,
    progress_section,
    split_section,
)
from nudge.monitoring.misclassification import Accuracy
from nudge.monitoring.monitoring_report import MonitoringReport, Section, Table
from nudge.monitoring.power_section import power_section, with_frozen_zones
from nudge.monitoring.rating_sections import (
    agreement_section,
    assessors_section,
    correction_section,
)
from nudge.store.database import Store, writing
from nudge.store.event_log import append_event, events
from nudge.territory.territory import Territory, load_territory

CLOSED = frozenset({"close", "publiee"})
STOP_SECTION = "arret"
ALERT = "alerte"


def monitor(
    store: Store,
    identifier: str,
    *,
    territory: Territory | None = None,
    today: date | None = None,
    unblind: bool = False,
    accuracy: Accuracy | None = None,
    reference: str = "referent",
) -> MonitoringReport:
    """Look at a campaign's field work.

    Parameters
    ----------
    store, identifier
        Where the campaign is, and which.
    territory
        Zones and neighbours; the default territory where it is not given.
    today
        Day of the report; waves that end before it are closed.
    unblind
        Whether to show levels by arm, which is refused before the campaign is closed.
    accuracy
        Sensitivity and specificity of assessors, where they are known.
    reference
        Assessor whose ratings are taken as true.

    Raises
    ------
    CampaignError
        The campaign is unknown, or levels by arm are asked for too early.
    """
    place = territory if territory is not None else load_territory()
    day = today or date.today()
    field = field_data(store, identifier, place, today=day)
    if unblind and field.status not in CLOSED:
        raise CampaignError(
            Problem(
                place=identifier,
                what="les résultats par groupe restent cachés tant que la campagne court",
                mend="la clore d'abord par « pouce campaign close »",
            )
        )
    context = gate_context(field.campaign, territory=place, store=store, today=day)
    sections = [progress_section(field), missing_section(field), split_section(field)]
    if len(field.checks):
        sections += [
            agreement_section(field),
            correction_section(field, accuracy=accuracy, reference=reference),
            assessors_section(field),
        ]
    sections += [
        fidelity_section(field),
        contamination_section(field),
        stop_section(field),
        power_section(with_frozen_zones(context, field.zones)),
    ]
    if unblind:
        sections.append(_levels_section(field))
    return MonitoringReport(
        identifier=identifier,
        title=field.campaign.shown_title,
        status=field.status,
        day=day,
        blinded=not unblind,
        sections=tuple(sections),
    )


def log_stop_alerts(store: Store, report: MonitoringReport) -> tuple[Problem, ...]:
    """Append an event for each alert of a stop rule that is not in the log yet.

    Returns
    -------
    tuple of Problem
        Alerts that were logged now.
    """
    stop = report.section(STOP_SECTION).alerts
    if not stop:
        return ()
    with writing(store) as connection:
        known = {
            event.payload.get("regle")
            for event in events(store, campaign=report.identifier, kind=ALERT)
        }
        new = tuple(alert for alert in stop if alert.column not in known)
        for alert in new:
            append_event(
                connection,
                campaign=report.identifier,
                kind=ALERT,
                payload={"regle": alert.column, "texte": alert.what},
            )
    return new


def _levels_section(field: FieldData) -> Section:
    waves = [wave.name for wave in field.waves]
    before = [wave.name for wave in field.campaign.baseline_waves]
    rows = outcome_rows(
        field.outcome,
        field.primary,
        arms=field.arms,
        zones=field.zones,
        waves=waves,
        baseline=before,
    )
    levels = observed_levels(
        rows,
        outcome=field.outcome.name,
        waves=waves,
        follow_up=[wave for wave in waves if wave not in before],
    )
    titles = {arm.identifier: arm.title for arm in field.campaign.arms}
    frame = pd.DataFrame(
        {
            "Groupe": [titles[one.arm] for one in levels],
            "Vague": [one.wave or "tout le suivi" for one in levels],
            "Niveau": [one.mean for one in levels],
            "Zones": [one.zones for one in levels],
            "Unités": [one.units for one in levels],
        }
    )
    return Section(
        key="niveaux",
        title="Niveaux par groupe",
        sentences=("La campagne est close : les groupes sont levés. L'effet est dans l'analyse.",),
        tables=(
            Table(
                caption=f"{field.outcome.label.capitalize()}, moyenne des zones",
                frame=frame,
                shows={
                    "Niveau": "share" if field.outcome.is_share else "number",
                    "Zones": "count",
                    "Unités": "count",
                },
            ),
        ),
    )
