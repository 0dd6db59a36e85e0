import pandas as pd
import pytest

from nudge.campaign.load import campaign_from_fields

FIELDS = {
    "version": 1,
    "identifiant": "bacs-jaunes",
    "titre": "Bacs jaunes",
    "simulation": True,
    "objectif": "Savoir si la carte améliore le tri.",
    "famille": "qualite",
    "critere_principal": "bac_bien_trie",
    "population": "Logements avec bac",
    "tirage": {"unite": "rue"},
    "groupes": [
        {"identifiant": "temoin", "titre": "Groupe sans message", "temoin": True},
        {"identifiant": "carte", "titre": "Groupe avec carte", "levier": "comparaison_sociale",
         "canal": "carte_porte"},
    ],
    "debut": "2027-06-01",
    "fin": "2027-06-30",
    "vagues": [
        {"nom": "référence", "type": "reference", "debut": "2027-05-10", "fin": "2027-05-21"},
        {"nom": "suivi", "type": "suivi", "debut": "2027-06-14", "fin": "2027-06-25"},
    ],
}  # fmt: skip


@pytest.fixture
def campaign_with():
    return lambda **changes: campaign_from_fields(FIELDS | changes)


@pytest.fixture
def campaign(campaign_with):
    return campaign_with()


@pytest.fixture
def zones():
    """Six streets in two rounds, not in walking order."""
    order = [4, 2, 6, 1, 5, 3]
    return pd.DataFrame(
        {
            "zone_id": [f"rue-14220-{place:03d}" for place in order],
            "nom": [f"Rue {'ABCDEF'[place - 1]}" for place in order],
            "commune": "Deauville",
            "tournee_id": [f"tournee-{1 + (place > 4)}" for place in order],
            "n_logements": [40, 3, 40, 40, 40, 40],
        }
    )
