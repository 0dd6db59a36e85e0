import shutil
from datetime import date
from types import SimpleNamespace

import pytest

from nudge.campaign.load import load_campaign
from nudge.campaign.template import example
from nudge.imports.import_file import import_file
from nudge.lifecycle.drawing import draw_campaign
from nudge.lifecycle.locking import lock_campaign
from nudge.lifecycle.validation import check_campaign
from nudge.simulation.bin_truth import AssessorTruth
from nudge.simulation.stored_campaign import simulate_stored
from nudge.simulation.truth import ArmTruth, Attrition, Truth
from nudge.simulation.truth_file import truth_to_yaml
from nudge.store.database import open_store
from nudge.territory.territory import load_territory

BEFORE = date(2026, 12, 1)
HARMFUL = Truth(
    arms={"comparaison": ArmTruth(effect=-0.45, delivered=1.0, complaints_per_100=6.0)},
    misdelivered=0.05,
    attrition=Attrition(zones_per_wave=0.3),
    assessors=AssessorTruth(second="referent", double_share=0.3),
)


@pytest.fixture(scope="package")
def territory():
    return load_territory()


@pytest.fixture(scope="package")
def running(tmp_path_factory, territory):
    """Start the packaged example, draw it, simulate its field and import the files."""

    def start(truth=None, *, imported=None):
        tmp_path = tmp_path_factory.mktemp("suivie")
        folder = tmp_path / "campagne"
        folder.mkdir()
        (folder / "campagne.yaml").write_text(example("comparaison"), encoding="utf-8")
        store = open_store(f"sqlite:///{tmp_path / 'pouce.db'}")
        campaign = load_campaign(folder / "campagne.yaml")
        settings = {"folder": folder, "store": store, "territory": territory, "today": BEFORE}
        check_campaign(campaign, **settings)
        lock_campaign(campaign, **settings)
        draw_campaign(store, campaign.identifier, territory=territory, today=BEFORE, seed=3)
        path = None
        if truth is not None:
            path = tmp_path / "verite.yaml"
            path.write_text(truth_to_yaml(truth), encoding="utf-8")
        written = simulate_stored(store, campaign.identifier, territory, truth_path=path, seed=7)
        for name, file in written.files.items():
            if imported is None or name in imported:
                import_file(store, campaign=campaign.identifier, path=file)
        return SimpleNamespace(
            store=store, database=tmp_path / "pouce.db", identifier=campaign.identifier
        )

    return start


@pytest.fixture(scope="package")
def sound(running):
    """A campaign without a fault; not to be changed."""
    return running()


@pytest.fixture(scope="package")
def harmful(running):
    """A campaign that makes things worse, badly delivered and measured; not to be changed."""
    return running(HARMFUL)


@pytest.fixture
def copied(tmp_path):
    """Copy a campaign's store, so that a test may change it."""

    def copy(campaign):
        campaign.store.engine.dispose()
        database = tmp_path / "copie.db"
        shutil.copy(campaign.database, database)
        return SimpleNamespace(
            store=open_store(f"sqlite:///{database}"), identifier=campaign.identifier
        )

    return copy
