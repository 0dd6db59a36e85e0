"""Opening what the service needs, and closing it in order."""

import csv
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.concurrency import run_in_threadpool

from nlu.entities.gazetteer import read_gazetteer
from nlu.entities.resources import EntityResources, build_resources, ordinary_words
from nlu.entities.waste_object import read_waste_objects
from serving.calendar.load import load_calendar
from serving.calendar.opening_hours import load_opening_hours
from serving.engagement.nudging import RunningCampaigns
from serving.engagement.running_campaigns import running_campaigns
from serving.incidents.service import load_services
from serving.knowledge.load import load_answers
from serving.learning.drift_gauges import DriftCollector
from serving.observability.metrics import Metrics
from serving.runtime.model import serving_model
from serving.runtime.services import Services
from serving.security.gate import Limits
from serving.security.key_ring import KeyRing
from serving.security.token_bucket import RateLimiter
from serving.settings import Settings
from serving.store.api_keys import find_key
from serving.store.database import open_serving_store


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Open store, knowledge and model; without a model the service answers by key words.

    Raises
    ------
    CampaignError
        The store or a file of ``datasets`` cannot be used.
    """
    services = await run_in_threadpool(_without_model, settings)
    services.metrics.registry.register(DriftCollector(services.store))
    try:
        async with serving_model(services):
            yield services
    finally:
        services.store.engine.dispose()


def _without_model(settings: Settings) -> Services:
    store = open_serving_store(settings.store_url)
    if store.engine.dialect.name == "postgresql":
        # Not for commands, whose statements may be long; and the driver is an extra.
        from serving.store.postgresql_outage import bound_waits

        bound_waits(store.engine)
    datasets = settings.datasets
    return Services(
        settings=settings,
        store=store,
        keys=KeyRing(lambda identifier: find_key(store, identifier)),
        limits=Limits(
            body=settings.body_limit,
            json_depth=settings.json_depth,
            requests=settings.requests_limit,
            keys=RateLimiter(per_minute=settings.rate_per_minute, burst=settings.rate_burst),
            visitors=RateLimiter(
                per_minute=settings.public_rate_per_minute, burst=settings.public_rate_per_minute
            ),
        ),
        metrics=Metrics(),
        knowledge=load_answers(datasets / "knowledge", datasets=datasets),
        calendar=load_calendar(datasets / "calendar"),
        opening_hours=load_opening_hours(datasets / "calendar"),
        resources=_resources(datasets),
        incidents=load_services(datasets / "services" / "services.yaml"),
        campaigns=RunningCampaigns(lambda day: running_campaigns(store, today=day)),
    )


def _resources(datasets: Path) -> EntityResources:
    ordinary = ordinary_words()
    with (datasets / "sophie" / "places_outside.csv").open(encoding="utf-8", newline="") as lines:
        outside = [row["nom"] for row in csv.DictReader(lines)]
    return build_resources(
        gazetteer=read_gazetteer(
            datasets / "territory" / "communes.csv",
            datasets / "territory" / "alias.csv",
            outside=outside,
            ordinary=ordinary,
        ),
        waste_objects=read_waste_objects(datasets / "sophie" / "objects.csv"),
        ordinary=ordinary,
    )
