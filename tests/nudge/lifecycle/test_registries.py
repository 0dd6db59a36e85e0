import json

from nudge.lifecycle.aea_registry import aea_json
from nudge.lifecycle.osf_preregistration import osf_markdown
from nudge.lifecycle.processing_register import register_entry
from nudge.lifecycle.registered_plan import registered_plan

REQUIRED = {
    "title", "country", "primary_investigator", "status", "keywords", "abstract",
    "trial_start_date", "trial_end_date", "intervention_start_date", "intervention_end_date",
    "interventions", "primary_outcomes", "experimental_design", "randomization_method",
    "randomization_unit", "was_the_treatment_clustered", "planned_number_of_clusters",
    "planned_number_of_observations", "sample_size_by_treatment_arms",
    "minimum_detectable_effect_size",
}  # fmt: skip


def test_the_aea_entry_holds_the_locked_plan(life, campaign_of):
    lock = life.lock(campaign_of())
    fields = json.loads(aea_json(registered_plan(life.store, "comparaison-tri")))
    assert all(fields[name] not in ("", None) for name in REQUIRED)
    assert fields["planned_number_of_clusters"] == 40
    assert fields["planned_number_of_observations"] == 40 * 20 * 4
    assert fields["trial_start_date"] == "2027-02-01"
    assert fields["analysis_plan_sha256"] == lock.plan_sha256


def test_the_osf_entry_tells_outcomes_waves_and_rules(life, campaign_of):
    life.lock(campaign_of())
    text = osf_markdown(registered_plan(life.store, "comparaison-tri")).replace("\u00a0", " ")
    told_all = (
        "# SIMULATION", "Zones : 40", "8,3 points", "`bac_sans_rouge`", "suivi-3",
        "strates : type_habitat", "2,0 réclamations", "Niveau de preuve au mieux : A",
    )  # fmt: skip
    for told in told_all:
        assert told in text


def test_a_plan_that_is_not_locked_says_so(life, campaign_of):
    life.check(campaign_of())
    assert "non encore verrouillé" in osf_markdown(registered_plan(life.store, "comparaison-tri"))


def test_the_register_of_processing_has_its_rubrics(campaign_of):
    text = register_entry(campaign_of())
    for told in ("mission d'intérêt public", "12 mois", "pseudonyme du logement",
                 "Droit d'opposition", "Décision automatisée"):  # fmt: skip
        assert told in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {row.count("|") for row in rows} == {3}
