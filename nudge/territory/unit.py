"""Units that a campaign can randomise."""

from collections.abc import Mapping

from nudge.errors import CampaignError, Problem

STREET, SUBSECTOR = "rue", "sous_secteur"
ZONE_TYPES = (STREET, SUBSECTOR, "pav", "cendrier")

# Units made of streets, with the column of ``zones`` that names the unit of a street.
AGGREGATES: Mapping[str, str] = {"tournee": "tournee_id", "commune": "code_insee"}
# Conversations with Sophie, shared among parts by a salted hash: see ``conversation_parts``.
CONVERSATION = "conversation"
UNITS = (*ZONE_TYPES, *AGGREGATES, CONVERSATION)


def check_unit(unit: str) -> None:
    """Raise a CampaignError unless ``unit`` is one of :data:`UNITS`."""
    if unit not in UNITS:
        raise CampaignError(
            Problem(
                what=f"« {unit} » n'est pas une unité de tirage",
                mend=f"choisir parmi {', '.join(UNITS)}",
            )
        )
