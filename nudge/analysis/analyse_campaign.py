"""The whole analysis of a campaign: exactly the locked plan."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from experiments.analysis.equivalence import EquivalenceTest, equivalence_test
from experiments.analysis.findings import findings
from nudge.analysis.arm_balance import arm_balance
from nudge.analysis.before_after import before_after
from nudge.analysis.campaign_data import CampaignData
from nudge.analysis.detectable import detectable_effect, outcome_correlation
from nudge.analysis.deviations import deviations
from nudge.analysis.evidence_grade import evidence_grade
from nudge.analysis.exposed_neighbours import exposed_neighbours
from nudge.analysis.field_conduct import complaint_rates, fidelity
from nudge.analysis.flow import zone_flow
from nudge.analysis.outcome_result import AnalysedOutcome, analyse_outcome
from nudge.analysis.outcome_rows import WAVE, ZONE, waves_with_all_zones
from nudge.analysis.result import BeforeAfter, CampaignResult, ExposedNeighbours, OutcomeResult
from nudge.analysis.secondary_outcomes import adjust_secondary
from nudge.campaign.campaign import Campaign
from nudge.errors import CampaignError, Problem


def analyse_campaign(data: CampaignData, *, today: date, early: bool = False) -> CampaignResult:
    """Estimate everything that the locked plan declares.

    Parameters
    ----------
    data
        Campaign and observations.
    today
        Day of the analysis.
    early
        Whether the analysis comes before its time; it is then a serious deviation.

    Raises
    ------
    CampaignError
        The primary outcome's instrument has no row, or no row of any zone of the campaign.
    """
    context, campaign = data.context, data.context.campaign
    analysed = _outcomes(data)
    first = analysed[0]
    outcomes = adjust_secondary([one.result for one in analysed], campaign)
    follow_up = [wave.name for wave in campaign.follow_up_waves]
    before = [wave.name for wave in campaign.baseline_waves]
    after = first.rows[first.rows[WAVE].isin(follow_up)]
    baseline_rows = first.rows[first.rows[WAVE].isin(before)]
    delivered = data.observations.get("distribution", pd.DataFrame())
    sample_ratio = None
    if first.analysis is not None and campaign.conception == "randomisee":
        sample_ratio = first.analysis.sample_ratio
    found = deviations(
        campaign,
        arms=context.arms,
        measured=list(after[ZONE].unique()),
        waves=list(first.rows[WAVE].unique()),
        delivered=delivered,
        sample_ratio=sample_ratio,
        amendments=data.amendments,
        declared=data.declared,
        early=early,
    )
    grade, reasons = evidence_grade(
        campaign, locked=data.locked, estimated=bool(outcomes[0].estimates), deviations=found
    )
    icc = outcome_correlation(
        baseline_rows if len(baseline_rows) else after, outcome=campaign.primary
    )
    return CampaignResult(
        campaign=campaign,
        status=data.status,
        analysed_on=today,
        grade=grade,
        grade_reasons=reasons,
        outcomes=outcomes,
        before_after=_before_after(first, campaign, before, follow_up),
        heterogeneity=first.heterogeneity,
        equivalence=_equivalence(outcomes[0], campaign),
        influence=None if first.analysis is None else first.analysis.influence,
        sample_ratio=sample_ratio,
        exposed_neighbours=_neighbours(data, first, before),
        flow=zone_flow(
            arms=context.arms,
            zones=context.zones,
            eligible=data.eligible,
            measured=first.rows,
            analysed=first.rows,
            follow_up=follow_up,
            delivered=delivered,
        ),
        balance=arm_balance(context, first.rows, outcome=campaign.primary, baseline=before),
        minimum_detectable_effect=(
            detectable_effect(outcomes[0].estimates[0]) if outcomes[0].estimates else None
        ),
        icc=None if icc is None else icc.estimate,
        icc_low=None if icc is None else icc.ci_low,
        icc_high=None if icc is None else icc.ci_high,
        fidelity=fidelity(
            delivered, arms=context.arms, nudged=[a.identifier for a in campaign.nudged]
        ),
        complaints=complaint_rates(
            data.observations.get("reclamation"), arms=context.arms, zones=context.zones
        ),
        deviations=found,
        findings=_findings(analysed),
        plan_sha256=data.plan_sha256,
        zones_sha256=data.zones_sha256,
        data_sha256=data.data_sha256,
        seed=data.seed,
        problems=(),
        synthetic_territory=data.synthetic_territory,
        run_id="",
    )


def _outcomes(data: CampaignData) -> list[AnalysedOutcome]:
    campaign = data.context.campaign
    analysed = []
    for place, outcome in enumerate(campaign.outcomes):
        rows = data.observations.get(outcome.instrument)
        if rows is None or not len(rows):
            if place == 0:
                raise CampaignError(
                    Problem(
                        place=campaign.identifier,
                        what=f"aucune donnée « {outcome.instrument} » pour le critère principal",
                        mend="importer les fichiers de terrain : pouce campaign import FICHIER",
                    )
                )
            analysed.append(_unmeasured(outcome.name))
            continue
        analysed.append(analyse_outcome(data.context, outcome, rows, primary=place == 0))
    return analysed


def _unmeasured(name: str) -> AnalysedOutcome:
    result = OutcomeResult(
        outcome=name,
        primary=False,
        estimates=(),
        robustness=(),
        levels=(),
        by_wave={},
        other_scales=(),
        not_estimable=("Critère prévu et non mesuré.",),
    )
    return AnalysedOutcome(result=result, analysis=None, rows=pd.DataFrame())


def _before_after(
    first: AnalysedOutcome, campaign: Campaign, before: Sequence[str], after: Sequence[str]
) -> BeforeAfter | None:
    if campaign.control is not None:
        return None
    return before_after(
        first.rows,
        outcome=campaign.primary,
        before=before,
        after=after,
        level=campaign.analysis.level,
    )


def _equivalence(primary: OutcomeResult, campaign: Campaign) -> dict[str, EquivalenceTest]:
    margin = campaign.analysis.equivalence
    if margin is None:
        return {}
    found: dict[str, EquivalenceTest] = {}
    for one in (*primary.estimates, *primary.robustness):
        # The planned estimator's test; the first other with a t distribution where it has none.
        if one.contrast in found or one.scale != "difference":
            continue
        if one.std_error is None or one.df is None:
            continue
        found[one.contrast] = equivalence_test(
            estimate=one.estimate,
            std_error=one.std_error,
            df=one.df,
            lower=-margin,
            upper=margin,
            alpha=1 - one.level,
        )
    return found


def _neighbours(
    data: CampaignData, first: AnalysedOutcome, before: Sequence[str]
) -> ExposedNeighbours | None:
    campaign = data.context.campaign
    wanted = campaign.analysis.exposed_neighbours and campaign.conception == "randomisee"
    if campaign.control is None or not wanted or not len(data.neighbours):
        return None
    return exposed_neighbours(
        first.rows,
        outcome=campaign.primary,
        arms=data.context.arms,
        control=campaign.control.identifier,
        neighbours=data.neighbours,
        baseline=waves_with_all_zones(first.rows, before),
        level=campaign.analysis.level,
    )


def _findings(analysed: Sequence[AnalysedOutcome]) -> tuple[str, ...]:
    first = analysed[0]
    sentences = [] if first.analysis is None else findings(first.analysis)
    return (*sentences, *(note for one in analysed for note in one.notes))
