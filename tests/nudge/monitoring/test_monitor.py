import json
import re
from datetime import date

import pytest

from nudge.errors import CampaignError
from nudge.monitoring.misclassification import Accuracy
from nudge.monitoring.monitor import log_stop_alerts, monitor
from nudge.monitoring.write_report import write_monitoring
from nudge.store.campaigns import allocation, set_status
from nudge.store.database import writing
from nudge.store.event_log import events

DURING, AFTER = date(2027, 4, 10), date(2027, 7, 1)


@pytest.fixture
def report_of(territory):
    def report(campaign, **settings):
        given = {"territory": territory, "today": AFTER} | settings
        return monitor(campaign.store, campaign.identifier, **given)

    return report


def texts(report):
    return json.dumps([section.sentences for section in report.sections], ensure_ascii=False)


def test_a_sound_campaign_raises_no_alert(sound, report_of):
    report = report_of(sound)

    assert report.alerts == ()
    assert report.title.startswith("SIMULATION")
    assert [section.key for section in report.sections] == [
        "avancement", "manques", "repartition", "accord", "correction", "controleurs", "remises",
        "contamination", "arret", "puissance",
    ]  # fmt: skip
    assert "pas d'alerte" in texts(report)


def test_a_harmful_campaign_raises_every_alert(harmful, report_of):
    campaign = harmful
    report = report_of(campaign)

    rules = {alert.column for alert in report.section("arret").alerts}
    assert rules == {"boomerang", "reclamations, comparaison"}
    assert all("personne décide" in alert.mend for alert in report.section("arret").alerts)
    assert "dans des zones d'un autre groupe" in report.section("contamination").alerts[0].what
    missing = report.section("manques").tables[0].frame
    assert set(missing["Vague"]) == {"suivi-1", "suivi-2", "suivi-3"}
    arms = allocation(campaign.store, campaign.identifier)
    zones = set(missing["Lesquelles"].iloc[0].replace(" et ", ", ").split(", "))
    assert zones & set(arms)


def test_stop_alerts_are_logged_once(harmful, copied, report_of):
    campaign = copied(harmful)

    first = log_stop_alerts(campaign.store, report_of(campaign))
    second = log_stop_alerts(campaign.store, report_of(campaign))

    assert len(first) == 2
    assert second == ()
    logged = events(campaign.store, campaign=campaign.identifier, kind="alerte")
    assert {event.payload["regle"] for event in logged} == {
        "boomerang",
        "reclamations, comparaison",
    }


def test_the_rule_on_outcomes_waits_for_a_closed_wave(harmful, report_of):
    campaign = harmful

    early = report_of(campaign, today=date(2027, 3, 20)).section("arret")

    assert "pas encore de vague de suivi close" in early.sentences[1]
    assert {alert.column for alert in early.alerts} == {"reclamations, comparaison"}


def test_levels_by_arm_stay_hidden_until_the_campaign_is_closed(sound, copied, report_of):
    campaign = copied(sound)

    with pytest.raises(CampaignError, match="restent cachés"):
        report_of(campaign, unblind=True)

    with writing(campaign.store) as connection:
        set_status(connection, campaign.identifier, "close")
    shown = report_of(campaign, unblind=True).section("niveaux").tables[0].frame
    assert set(shown["Groupe"]) == {"Sans message", "Carte de comparaison"}
    assert len(shown) == 2 * 5


def test_blind_report_holds_no_outcome_by_arm(sound, report_of):
    report = report_of(sound)
    titles = {"Sans message", "Carte de comparaison"}

    for section in report.sections:
        for table in section.tables:
            if titles & set(table.frame.iloc[:, 0]):
                assert section.key in {"repartition", "remises", "arret"}


def test_shares_are_corrected_with_given_or_estimated_accuracy(harmful, report_of):
    campaign = harmful

    estimated = report_of(campaign).section("correction")
    given = report_of(campaign, accuracy=Accuracy(sensitivity=0.95, specificity=0.85))
    refused = report_of(campaign, accuracy=Accuracy(sensitivity=0.5, specificity=0.4))

    assert "doubles cotations" in estimated.sentences[0]
    table = given.section("correction").tables[0].frame
    seen, corrected = table["Part vue"].iloc[0], table["Part corrigée"].iloc[0]
    assert corrected == pytest.approx((seen + 0.85 - 1) / 0.8)
    assert "hasard" in refused.section("correction").alerts[0].what
    assert refused.section("correction").tables == ()


def test_power_is_computed_again_from_the_reference_wave(sound, report_of):
    frame = report_of(sound).section("puissance").tables[0].frame.set_index("Hypothèse")

    assert frame.loc["Acceptée au départ", "Effet détectable"] == "8,3\u00a0points"
    sizes = [float(text.split("\u00a0")[0].replace(",", ".")) for text in frame["Effet détectable"]]
    assert sizes[1] <= sizes[0] < sizes[2]


def test_before_any_reference_wave_power_says_so(running, report_of):
    report = report_of(running(imported={"distribution"}), today=DURING)

    assert "Pas encore de vague de référence" in report.section("puissance").sentences[0]
    assert len(report.section("manques").tables[0].frame) == 2


def test_page_is_self_contained_and_accessible(harmful, report_of, tmp_path):
    page, data = write_monitoring(report_of(harmful), tmp_path / "suivi")
    html = page.read_text(encoding="utf-8")

    assert '<html lang="fr">' in html
    assert html.count("<h1") == 1
    assert html.count("<table") == html.count("<caption") > 5
    assert re.search(r"<(script|link|img)|https?://|url\(", html) is None
    assert all("scope=" in cell for cell in re.findall(r"<th[^e][^>]*>", html))
    assert "personne décide" in html
    content = json.loads(data.read_text(encoding="utf-8"))
    assert content["groupes_caches"] is True
    assert {section["cle"] for section in content["sections"]} >= {"arret", "accord"}
    alerts = [alert for section in content["sections"] for alert in section["alertes"]]
    assert len(alerts) == 3
