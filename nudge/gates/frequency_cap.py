"""Gate: no dwelling receives too many messages, nor two too close together."""

from nudge.campaign.arm import Arm
from nudge.errors import Problem
from nudge.french.numbers import count
from nudge.gates.eligible_zones import places_of
from nudge.gates.gate import GateContext, GateResult, OtherCampaign, reason


def check(context: GateContext) -> GateResult:
    """Refuse doses above the cap, days too few for them, and campaigns that add up on a zone."""
    campaign = context.campaign
    days = (campaign.end - campaign.start).days + 1
    reasons = [problem for arm in campaign.nudged for problem in _arm(context, arm, days=days)]
    shared = [other for other in context.others if _meets(context, other)]
    reasons += [problem for other in shared for problem in _together(context, other)]
    ethics = campaign.ethics
    facts = [
        f"Au plus {count(ethics.max_messages, 'message')} par foyer, à "
        f"{count(ethics.quiet_days, 'jour')} d'écart au moins."
    ]
    facts += [
        f"Une autre campagne touche les mêmes zones aux mêmes dates : « {other.title} »."
        for other in shared
    ]
    warnings = tuple(
        f"« {other.title} » agit sur les mêmes zones : son effet ne se distinguera pas de celui "
        "de cette campagne si elle ne touche pas tous les groupes également."
        for other in shared
    )
    return GateResult(
        name="frequency_cap", title="Nombre de messages", reasons=tuple(reasons),
        facts=tuple(facts), warnings=warnings,
    )  # fmt: skip


def _arm(context: GateContext, arm: Arm, *, days: int) -> list[Problem]:
    ethics = context.campaign.ethics
    field = f"groupes, {arm.identifier}, passages"
    problems = []
    if arm.doses > ethics.max_messages:
        problems.append(
            reason(
                f"{count(arm.doses, 'passage')} pour un plafond de {ethics.max_messages}",
                "réduire « passages », ou relever « messages_max_par_foyer » avec l'accord de "
                "qui relit",
                field=field,
            )
        )
    needed = (arm.doses - 1) * ethics.quiet_days + 1
    if needed > days:
        problems.append(
            reason(
                f"{count(arm.doses, 'passage')} espacés de {count(ethics.quiet_days, 'jour')} "
                f"demandent {count(needed, 'jour')} ; il y en a {days} de « debut » à « fin »",
                "réduire « passages » ou allonger la campagne",
                field=field,
            )
        )
    return problems


def _meets(context: GateContext, other: OtherCampaign) -> bool:
    campaign = context.campaign
    places = places_of(context.territory, unit=campaign.randomisation.unit, zones=context.zones)
    same_days = other.start <= campaign.end and campaign.start <= other.end
    return same_days and not places.isdisjoint(other.places)


def _together(context: GateContext, other: OtherCampaign) -> list[Problem]:
    most = context.campaign.ethics.max_messages
    doses = max((arm.doses for arm in context.campaign.nudged), default=0)
    if doses + other.doses <= most:
        return []
    return [
        reason(
            f"avec « {other.title} », un foyer recevrait jusqu'à "
            f"{count(doses + other.doses, 'message')} pour un plafond de {most}",
            "changer les dates, écarter ces zones (zones_exclues) ou réduire « passages »",
            field="debut",
        )
    ]
