from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from nudge.campaign.campaign import Campaign
from nudge.campaign.load import campaign_from_yaml
from nudge.campaign.template import example
from nudge.lifecycle.drawing import DrawnCampaign, draw_campaign
from nudge.lifecycle.locking import Lock, lock_campaign
from nudge.lifecycle.validation import Examination, check_campaign
from nudge.store.database import Store, open_store
from nudge.territory.territory import Territory, load_territory

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="session")
def territory() -> Territory:
    return load_territory()


@pytest.fixture
def store(tmp_path) -> Store:
    return open_store(f"sqlite:///{tmp_path / 'pouce.db'}")


@dataclass(frozen=True)
class Life:
    """A campaign that is led through its life in a folder of its own."""

    store: Store
    territory: Territory
    folder: Path

    def check(self, campaign: Campaign) -> Examination:
        return check_campaign(
            campaign, folder=self.folder, store=self.store, territory=self.territory, today=TODAY
        )

    def lock(self, campaign: Campaign) -> Lock:
        self.check(campaign)
        return lock_campaign(
            campaign, folder=self.folder, store=self.store, territory=self.territory, today=TODAY
        )

    def draw(self, campaign: Campaign, *, seed: int | None = 7) -> DrawnCampaign:
        self.lock(campaign)
        return draw_campaign(
            self.store, campaign.identifier, territory=self.territory, today=TODAY, seed=seed
        )


@pytest.fixture
def life(store, territory, tmp_path) -> Life:
    folder = tmp_path / "campagne"
    folder.mkdir()
    return Life(store=store, territory=territory, folder=folder)


@pytest.fixture
def campaign_of() -> Callable[..., Campaign]:
    """The packaged comparison with parts of its text replaced: ``campaign_of((old, new))``."""

    def build(*changes: tuple[str, str], name: str = "comparaison") -> Campaign:
        text = example(name)
        for old, new in changes:
            assert old in text, f"the example no longer holds {old!r}"
            text = text.replace(old, new)
        return campaign_from_yaml(text)

    return build
