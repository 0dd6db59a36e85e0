from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest

from nudge.campaign.campaign import Campaign
from nudge.campaign.load import campaign_from_fields, campaign_from_yaml
from nudge.campaign.template import example
from nudge.gates.eligible_zones import eligible_zones, neighbours_among, zone_sample
from nudge.gates.gate import GateContext
from nudge.territory.territory import Territory, load_territory

TODAY = date(2026, 11, 23)
CONSENTS = ["consentement_id", "zone_id", "foyer_id", "donne_le", "retire_le"]
DELIVERIES = ["remise_id", "zone_id", "foyer_id", "date", "bras", "remis"]


@pytest.fixture(scope="session")
def territory() -> Territory:
    return load_territory()


def changed(fields: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Fields with values replaced at dotted paths; numbers are places in lists."""
    for path, value in changes.items():
        *parents, last = path.split(".")
        place: Any = fields
        for name in parents:
            place = place[int(name)] if isinstance(place, list) else place.setdefault(name, {})
        if value is None:
            if isinstance(place, list):
                place.pop(int(last))
            else:
                place.pop(last, None)
        else:
            place[int(last) if isinstance(place, list) else last] = value
    return fields


@pytest.fixture
def campaign_of() -> Callable[..., Campaign]:
    """Packaged campaigns with fields changed: ``campaign_of(juridique__notice="")``."""

    def build(name: str = "comparaison", **changes: Any) -> Campaign:
        campaign = campaign_from_yaml(example(name))
        fields = campaign.model_dump(mode="json", by_alias=True, exclude_none=True)
        dotted = {path.replace("__", "."): value for path, value in changes.items()}
        return campaign_from_fields(changed(fields, dotted))

    return build


@pytest.fixture
def context_of(territory, campaign_of) -> Callable[..., GateContext]:
    """Contexts of a campaign before its lock, nothing imported, with fields replaced."""

    def build(campaign: Campaign | None = None, **more: Any) -> GateContext:
        campaign = campaign or campaign_of()
        eligible = eligible_zones(campaign, territory)
        zones = zone_sample(campaign, eligible)
        unit = campaign.randomisation.unit
        context = GateContext(
            campaign=campaign,
            territory=territory,
            eligible=eligible,
            zones=zones,
            neighbours=neighbours_among(territory, unit=unit, zones=zones),
            reference_level=pd.Series(dtype="float64"),
            baseline=None,
            consents=pd.DataFrame(columns=CONSENTS),
            deliveries=pd.DataFrame(columns=DELIVERIES),
            others=(),
            today=TODAY,
        )
        return replace(context, **more)

    return build
