import numpy as np
import pandas as pd
import pytest

from nudge.store.batches import new_batch, record_batch
from nudge.store.campaigns import save_campaign
from nudge.store.database import open_store, writing
from nudge.store.observations import insert_observations


def _make_checks(n, start=0):
    number = np.arange(start, start + n)
    return pd.DataFrame(
        {
            "controle_id": [f"c{i}" for i in number],
            "zone_id": [f"rue-14220-{i % 24:03d}" for i in number],
            "foyer_id": [f"f{i % 97}" for i in number],
            "vague": "reference",
            "date": pd.to_datetime("2027-05-10") + pd.to_timedelta(number % 10, unit="D"),
            "presente": number % 5 != 0,
            "couleur": np.where(number % 5 == 0, None, np.where(number % 2, "vert", "rouge")),
            "codes_erreur": np.where(number % 3 == 0, "verre|textile", None),
            "controleur": "agent-1",
            "rang": 1,
            "meteo": np.where(number % 4 == 0, "", "sec"),
        }
    )


def _add_campaign(store, identifier="bacs"):
    with writing(store) as connection:
        save_campaign(
            connection,
            identifier=identifier,
            title="SIMULATION – Été",
            yaml="titre: Été\nsimulation: true\n",
            status="validee",
            simulation=True,
            folder="bacs",
        )


def _add_rows(store, *chunks, campaign="bacs", instrument="controle_bac", file_name="a.csv"):
    with writing(store) as connection:
        batch = new_batch(
            connection,
            campaign=campaign,
            instrument=instrument,
            file_name=file_name,
            sha256=file_name.encode().hex().ljust(64, "0"),
        )
        summary = insert_observations(
            connection, campaign=campaign, instrument=instrument, batch_id=batch, chunks=chunks
        )
        record_batch(connection, batch, summary)
    return summary


@pytest.fixture
def store(store_url):
    """Store with one campaign, bacs."""
    opened = open_store(store_url)
    _add_campaign(opened)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def make_checks():
    """Frame of checks: ``make_checks(n, start=0)``."""
    return _make_checks


@pytest.fixture
def add_campaign():
    """Save a campaign: ``add_campaign(store, identifier)``."""
    return _add_campaign


@pytest.fixture
def add_rows():
    """Import chunks as one batch: ``add_rows(store, *chunks)``."""
    return _add_rows
