"""The template that an arm names."""

from nudge.campaign.arm import Arm
from nudge.errors import CampaignError
from nudge.gates.gate import reason
from nudge.levers.catalogue import lever_of
from nudge.levers.lever import MessageTemplate


def template_of(arm: Arm) -> MessageTemplate | None:
    """Return the template that an arm names; None for a text of its own or no message.

    Raises
    ------
    CampaignError
        The lever or the template does not exist.
    """
    if arm.lever is None or arm.message is None or arm.message.template is None:
        return None
    lever = lever_of(arm.lever)
    try:
        return lever.message(arm.message.template)
    except KeyError:
        known = ", ".join(one.identifier for one in lever.messages)
        raise CampaignError(
            reason(
                f"le levier « {arm.lever} » n'a pas de modèle « {arm.message.template} »",
                f"choisir parmi {known}, ou écrire « texte »",
                field=f"groupes, {arm.identifier}, message, modele",
            )
        ) from None
