import numpy as np
import pandas as pd
import pytest

from nudge.levers.norm_figure import dwelling_volume, norm_figure, similar_dwellings_mean

FRAMING = {
    "expediteur": "Communauté de communes Cœur Côte Fleurie",
    "desinscription": "répondez STOP, ou dites-le à l'accueil.",
}


def make_checks(*, dwellings=20, green=0.7, presented=1.0, zone="rue-1", waves=2):
    """Bin checks: in each wave the first dwellings set out, the first of those are green."""
    out = round(dwellings * presented)
    place = np.tile(np.arange(dwellings), waves)
    wave = np.repeat(np.arange(waves), dwellings)
    colour = np.where(place < round(out * green), "vert", "orange").astype(object)
    colour[place >= out] = None
    return pd.DataFrame(
        {
            "controle_id": [f"{zone}-{w}-{d}" for w, d in zip(wave, place, strict=True)],
            "zone_id": zone,
            "foyer_id": [f"{zone}-f{d}" for d in place],
            "vague": [f"v{w}" for w in wave],
            "date": pd.Timestamp("2027-06-03") + pd.to_timedelta(25 * wave, unit="D"),
            "presente": place < out,
            "couleur": colour,
            "rang": 1,
        }
    )


def make_readings(dwellings=15):
    return pd.DataFrame(
        {
            "releve_id": [f"r{i}" for i in range(dwellings)],
            "zone_id": "rue-1",
            "foyer_id": [f"f{i}" for i in range(dwellings)],
            "vague": "s1",
            "date": pd.Timestamp("2027-06-30"),
            "volume_m3": 40.0 + np.arange(dwellings),
        }
    )


@pytest.fixture
def framing():
    return dict(FRAMING)


@pytest.fixture
def checks():
    return make_checks


@pytest.fixture
def readings():
    return make_readings


@pytest.fixture
def share():
    return norm_figure(make_checks(), scope="rue des Essais")


@pytest.fixture
def mean():
    frame = make_readings()
    return similar_dwellings_mean(
        frame, dwelling="f0", similar=list(frame["foyer_id"]), wave="s1", scope="maisons d'essai"
    )


@pytest.fixture
def own():
    return dwelling_volume(make_readings(), dwelling="f0", wave="s1")
