"""All that a route may use."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from fastapi import Request

from nlu.entities.resources import EntityResources
from nlu.inference.micro_batching import MicroBatcher
from nudge.store.database import Store
from serving.calendar.calendar import Calendar
from serving.calendar.opening_hours import OpeningHours
from serving.engagement.nudging import RunningCampaigns
from serving.incidents.service import ServiceList
from serving.knowledge.knowledge_base import KnowledgeBase
from serving.observability.metrics import Metrics
from serving.security.gate import Limits
from serving.security.key_ring import KeyRing
from serving.settings import Settings

PARIS = ZoneInfo("Europe/Paris")


@dataclass(slots=True, kw_only=True)
class Services:
    """What the service has opened.

    Attributes
    ----------
    settings
        How it runs.
    store
        Open store.
    keys, limits
        Of the door.
    metrics
        What is counted.
    knowledge, calendar, opening_hours, resources
        What Sophie may say, and what she looks for in messages.
    incidents
        Kinds of incident that may be reported.
    campaigns
        Running campaigns that speak in conversations.
    batcher
        Queue of the model; None while there is none.
    trouble
        Why there is no model, for the operator; empty where there is one.
    """

    settings: Settings
    store: Store
    keys: KeyRing
    limits: Limits
    metrics: Metrics
    knowledge: KnowledgeBase
    calendar: Calendar
    opening_hours: OpeningHours
    resources: EntityResources
    incidents: ServiceList
    campaigns: RunningCampaigns
    batcher: MicroBatcher | None = field(default=None)
    trouble: str = ""

    def now(self) -> datetime:
        """Return the present instant, in UTC."""
        return datetime.now(UTC)


def services_of(request: Request) -> Services:
    """Return the services of the application that a request reached."""
    found: Services = request.app.state.services
    return found
