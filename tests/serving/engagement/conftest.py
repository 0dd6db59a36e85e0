from datetime import UTC, date, datetime

import pytest

from nudge.campaign.template import campaign_template
from nudge.store.campaigns import save_allocation, save_campaign, set_status
from nudge.store.database import writing

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
# What only a manager knows, by field.
FIXED = {
    "niveau_attendu": "0.5",
    "effet_boomerang": "0.05",
    "base_legale": "mission_interet_public",
    "conservation_mois": "12",
    "relu_le": "2026-09-01",
    "responsable": "Communauté de communes",
}


def campaign_text(*changes, simulation=False):
    """A campaign whose arm is an eco-gesture in conversation, filled in enough to be read."""
    text = campaign_template("eco", lever="eco_geste_sophie", simulation=simulation)
    dates = iter(
        ["2026-11-01", "2026-12-31", "2026-10-01", "2026-10-15", "2026-11-01", "2026-11-15",
         "2026-11-16", "2026-11-30", "2026-12-01", "2026-12-15"]
    )  # fmt: skip
    lines = []
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if value.strip() != "À REMPLIR":
            lines.append(line)
        elif name.strip() in {"debut", "fin"}:
            lines.append(f"{name}: {next(dates)}")
        else:
            lines.append(f"{name}: {FIXED.get(name.strip(), 'essai')}")
    text = "\n".join(lines).replace("« À REMPLIR »", "").replace("À REMPLIR", "essai")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


@pytest.fixture
def run_campaign():
    """Write a running campaign in a store, drawn over some zones."""

    def run(store, *changes, drawn=None, status="en_cours", identifier="eco", **options):
        text = campaign_text(("identifiant: eco\n", f"identifiant: {identifier}\n"), *changes,
                             **options)  # fmt: skip
        with writing(store) as connection:
            save_campaign(
                connection, identifier=identifier, title="Éco-geste", yaml=text,
                status="validee", simulation=options.get("simulation", False), folder="eco",
            )  # fmt: skip
            if drawn:
                save_allocation(connection, identifier, drawn)
            set_status(connection, identifier, status, plan_sha256="0" * 64, seed=7)

    return run


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def today():
    return TODAY
