"""A plan with what its lock adds, as registries want it."""

from dataclasses import dataclass

from nudge.campaign.campaign import Campaign
from nudge.campaign.randomisation import UNIT_TITLES
from nudge.french.numbers import and_list, count, decimal_comma, percent
from nudge.gates.effect_text import size_text
from nudge.gates.planned_trial import TARGET
from nudge.lifecycle.plan_in_force import plan_in_force
from nudge.store.campaigns import campaign_zones
from nudge.store.database import Store
from nudge.store.locks import stored_lock


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredPlan:
    """What a registry is told of a campaign.

    Attributes
    ----------
    campaign
        Plan in force.
    n_zones
        Zones of the frozen list; before the lock, those that the plan asks for, or 0.
    plan_sha256, locked_at
        Hash and instant of the lock; empty before it.
    """

    campaign: Campaign
    n_zones: int
    plan_sha256: str = ""
    locked_at: str = ""

    @property
    def observations(self) -> int:
        """Units planned over all zones and waves; 0 where the plan gives no number."""
        power = self.campaign.power
        units = 0.0 if power is None else power.units
        return round(self.n_zones * units * len(self.campaign.waves))

    @property
    def unit(self) -> str:
        """French name of the unit that is drawn."""
        return UNIT_TITLES[self.campaign.randomisation.unit]

    @property
    def sizes(self) -> str:
        """Zones planned in each arm, in words."""
        arms = self.campaign.arms
        if any(arm.zones for arm in arms):
            return " ; ".join(f"{arm.title} : {len(arm.zones)}" for arm in arms)
        shares = sum(arm.ratio for arm in arms)
        return " ; ".join(
            f"{arm.title} : {decimal_comma(self.n_zones * arm.ratio / shares, 0)} environ"
            for arm in arms
        )

    @property
    def detectable(self) -> str:
        """Accepted minimum detectable effect, in words."""
        power = self.campaign.power
        if power is None or power.acknowledged is None:
            return "non calculé"
        size = size_text(power.acknowledged, self.campaign.outcomes[0])
        return f"{size} (puissance {percent(TARGET)}, accepté par {power.acknowledged_by})"

    @property
    def interventions(self) -> str:
        """Nudged arms: name, procedure and doses."""
        told = []
        for arm in self.campaign.nudged:
            text = arm.title if arm.tidier is None else f"{arm.title} : {arm.tidier.procedures}"
            told.append(f"{text} ({count(arm.doses, 'passage')})")
        return " ; ".join(told)

    @property
    def method(self) -> str:
        """How arms are given to zones."""
        if self.campaign.conception != "randomisee":
            return "aucun tirage au sort : groupes déclarés avant les mesures de suivi"
        plan = self.campaign.randomisation
        told = ["tirage par logiciel après verrouillage, graine du système publiée"]
        if plan.strata:
            told.append(f"strates : {and_list(plan.strata)}")
        if plan.pairs:
            told.append(f"paires selon {and_list(plan.pairs)}")
        if plan.balance:
            told.append(f"équilibre imposé sur {and_list(plan.balance)}")
        return " ; ".join(told)

    @property
    def analysis(self) -> str:
        """Locked analysis, in words."""
        settings = self.campaign.analysis
        told = [
            f"estimateur {settings.estimator}",
            f"robustesse : {and_list(settings.robustness)}" if settings.robustness else "",
            f"correction des critères secondaires : {settings.correction}",
            f"intervalles à {percent(settings.level)}",
            f"modérateurs : {and_list(settings.moderators)}" if settings.moderators else "",
        ]
        return " ; ".join(text for text in told if text)


def registered_plan(store: Store, identifier: str) -> RegisteredPlan:
    """Return a stored campaign as registries want it.

    Raises
    ------
    CampaignError
        The store does not know the campaign.
    """
    campaign = plan_in_force(store, identifier).campaign
    lock = stored_lock(store, identifier)
    planned = campaign.randomisation.eligibility.sample or 0
    return RegisteredPlan(
        campaign=campaign,
        n_zones=len(campaign_zones(store, identifier)) or planned,
        plan_sha256="" if lock is None else lock.plan_sha256,
        locked_at="" if lock is None else lock.at,
    )
