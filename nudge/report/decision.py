"""Decision aid: a table of rules, the first that fits being the one that is printed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from experiments.analysis.heterogeneity import Heterogeneity, SubgroupEffect
from nudge.analysis.result import CampaignResult
from nudge.outcomes.catalogue import OUTCOMES
from nudge.report.conclusion import Conclusion, arm_of, arm_title, compares, conclusions
from nudge.report.small_cells import SMALL_CELL
from nudge.report.worthwhile_effect import WorthwhileEffect, worthwhile_effect

Action = Literal["deployer", "adapter", "prolonger", "arreter"]
ACTIONS: dict[Action, str] = {
    "deployer": "Déployer",
    "adapter": "Adapter",
    "prolonger": "Prolonger",
    "arreter": "Arrêter",
}
WHO_DECIDES = "Aide à la décision : la décision reste aux élus."


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the rules look at, for one arm.

    Attributes
    ----------
    conclusion
        None where nothing may be said of a cause.
    worthwhile
        None where the plan gives neither costs nor a plausible effect.
    better_in, worse_in
        Declared subgroups in which the effect differs and is shown to improve or degrade.
    complaints
        Whether complaints passed the declared threshold.
    """

    conclusion: Conclusion | None
    worthwhile: WorthwhileEffect | None
    better_in: tuple[str, ...]
    worse_in: tuple[str, ...]
    complaints: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: when it applies, what it suggests, and how it reads.

    Attributes
    ----------
    code
        Stable name.
    action
        What is suggested.
    situation
        The rule in French, as it is printed.
    next_step
        What the suggestion amounts to.
    applies
        Test on the evidence.
    """

    code: str
    action: Action
    situation: str
    next_step: str
    applies: Callable[[Evidence], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Suggestion for one arm, with the rule used.

    Attributes
    ----------
    arm
        Identifier; empty where the campaign as a whole is meant.
    title
        Title of the arm, or of the campaign.
    rule
        The first rule that fits.
    threshold
        French sentence on the smallest worthwhile effect.
    subgroups
        Subgroups that the rule is about.
    """

    arm: str
    title: str
    rule: Rule
    threshold: str
    subgroups: tuple[str, ...]


def _benefit(seen: Evidence) -> bool:
    return seen.conclusion is not None and seen.conclusion.verdict == "benefit"


def _harm(seen: Evidence) -> bool:
    return seen.conclusion is not None and seen.conclusion.verdict == "harm"


def _low_is_worthwhile(seen: Evidence) -> bool:
    one, least = seen.conclusion, seen.worthwhile
    return one is not None and least is not None and one.gain_low >= least.size


def _estimate_is_worthwhile(seen: Evidence) -> bool:
    one, least = seen.conclusion, seen.worthwhile
    return one is not None and (least is None or one.gain >= least.size)


def _worthwhile_excluded(seen: Evidence) -> bool:
    one, least = seen.conclusion, seen.worthwhile
    return one is not None and least is not None and one.gain_high < least.size


def _always(_: Evidence) -> bool:
    return True


RULES: tuple[Rule, ...] = (
    Rule(
        code="reclamations",
        action="arreter",
        situation="Les réclamations dépassent le seuil d'arrêt inscrit au plan.",
        next_step="Cesser les messages et comprendre ce qui a gêné les habitants.",
        applies=lambda seen: seen.complaints,
    ),
    Rule(
        code="sans_comparaison",
        action="prolonger",
        situation="Sans comparaison solide avec un groupe témoin, la cause n'est pas connue.",
        next_step="Refaire la mesure avec des zones témoins tirées au sort avant de décider.",
        applies=lambda seen: seen.conclusion is None,
    ),
    Rule(
        code="degradation",
        action="arreter",
        situation="Tout l'intervalle est du côté d'une dégradation.",
        next_step="Cesser les messages : ils ont fait moins bien que le groupe témoin.",
        applies=_harm,
    ),
    Rule(
        code="degradation_sous_groupe",
        action="adapter",
        situation=(
            "Amélioration d'ensemble, mais dégradation établie dans une partie des zones "
            "annoncée d'avance."
        ),
        next_step="Ne pas adresser ce message là où il dégrade.",
        applies=lambda seen: _benefit(seen) and bool(seen.worse_in),
    ),
    Rule(
        code="rentable",
        action="deployer",
        situation="Tout l'intervalle dépasse le plus petit effet qui en vaut la peine.",
        next_step="Étendre aux autres zones, en continuant de mesurer.",
        applies=lambda seen: _benefit(seen) and _low_is_worthwhile(seen),
    ),
    Rule(
        code="ameliore_trop_peu",
        action="adapter",
        situation=(
            "Amélioration établie, mais tout l'intervalle est sous le plus petit effet qui en "
            "vaut la peine."
        ),
        next_step="Garder l'idée et réduire son coût, ou renforcer le message.",
        applies=lambda seen: _benefit(seen) and _worthwhile_excluded(seen),
    ),
    Rule(
        code="ameliore",
        action="deployer",
        situation=(
            "Amélioration établie, et l'effet estimé atteint le plus petit effet qui en vaut la "
            "peine, quand le plan en donne un."
        ),
        next_step="Étendre par étapes, en gardant des zones témoins pour préciser l'effet.",
        applies=lambda seen: _benefit(seen) and _estimate_is_worthwhile(seen),
    ),
    Rule(
        code="ameliore_a_preciser",
        action="prolonger",
        situation=(
            "Amélioration établie, mais l'intervalle ne dit pas si elle atteint le plus petit "
            "effet qui en vaut la peine."
        ),
        next_step="Mesurer une vague de plus, ou davantage de zones.",
        applies=_benefit,
    ),
    Rule(
        code="sous_groupe",
        action="adapter",
        situation=(
            "L'essai ne tranche pas dans l'ensemble, mais l'amélioration est établie dans une "
            "partie des zones annoncée d'avance."
        ),
        next_step="Réserver le message à ces zones et l'y vérifier par un nouvel essai.",
        applies=lambda seen: bool(seen.better_in),
    ),
    Rule(
        code="rentable_exclu",
        action="arreter",
        situation="L'essai exclut tout effet assez grand pour en valoir la peine.",
        next_step="Consacrer les moyens à un autre levier.",
        applies=_worthwhile_excluded,
    ),
    Rule(
        code="indecis",
        action="prolonger",
        situation=(
            "L'essai ne permet pas de trancher : zéro et des effets qui en vaudraient la peine "
            "restent possibles."
        ),
        next_step="Mesurer une vague de plus, ou davantage de zones, avant de décider.",
        applies=_always,
    ),
)


def decide(result: CampaignResult) -> tuple[Decision, ...]:
    """Return the suggestion for each nudged arm, or one where nothing was compared."""
    campaign = result.campaign
    if not compares(result):
        crossed = [arm.identifier for arm in campaign.nudged if _complained(result, arm.identifier)]
        seen = Evidence(
            conclusion=None, worthwhile=None, better_in=(), worse_in=(), complaints=bool(crossed)
        )
        return (_decision("", campaign.title, seen),)
    arms = {arm.identifier: arm for arm in campaign.nudged}
    found = []
    for one in conclusions(result.primary):
        arm = arms.get(one.arm)
        better, worse = _subgroups(result, one.arm)
        seen = Evidence(
            conclusion=one,
            worthwhile=None if arm is None else worthwhile_effect(campaign, arm),
            better_in=better,
            worse_in=worse,
            complaints=_complained(result, one.arm),
        )
        found.append(_decision(one.arm, arm_title(campaign, one.arm), seen))
    return tuple(found)


def _decision(arm: str, title: str, seen: Evidence) -> Decision:
    rule = next(rule for rule in RULES if rule.applies(seen))
    threshold = ""
    if seen.conclusion is not None:
        threshold = (
            "Le plan ne donne ni coûts ni effet espéré : seul zéro sert de repère."
            if seen.worthwhile is None
            else f"Plus petit effet qui en vaut la peine : {seen.worthwhile.why}"
        )
    named = {"degradation_sous_groupe": seen.worse_in, "sous_groupe": seen.better_in}
    return Decision(
        arm=arm, title=title, rule=rule, threshold=threshold, subgroups=named.get(rule.code, ())
    )


def _complained(result: CampaignResult, arm: str) -> bool:
    if result.complaints is None or arm not in result.complaints:
        return False
    return result.complaints[arm] > result.campaign.stop_rules.complaints_per_100


def _subgroups(result: CampaignResult, arm: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Subgroups where an arm is shown to improve, and to degrade; declared moderators only."""
    better: list[str] = []
    worse: list[str] = []
    sign = 1 if OUTCOMES[result.primary.outcome].higher_is_better else -1
    for found in result.heterogeneity:
        if found.kind != "factor" or found.p_value > 1 - result.campaign.analysis.level:
            continue
        for effect in found.effects:
            if arm_of(effect.contrast) != arm or effect.n_clusters < SMALL_CELL:
                continue
            if effect.ci_low > 0 or effect.ci_high < 0:
                side = better if sign * effect.estimate > 0 else worse
                side.append(_subgroup_name(found, effect))
    return tuple(better), tuple(worse)


def _subgroup_name(found: Heterogeneity, effect: SubgroupEffect) -> str:
    return f"{found.moderator.replace('_', ' ')} : {effect.level}"
