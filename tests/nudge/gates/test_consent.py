import pandas as pd

from nudge.gates.consent import check, sent_without_consent, valid_consents

CONSENTS = ["consentement_id", "zone_id", "foyer_id", "donne_le", "retire_le"]
DELIVERIES = ["remise_id", "zone_id", "foyer_id", "date", "bras", "remis"]


def consents(*rows):
    return pd.DataFrame(rows, columns=CONSENTS).astype(
        {"donne_le": "datetime64[us]", "retire_le": "datetime64[us]"}
    )


def test_a_withdrawn_consent_is_no_longer_valid():
    rows = consents(
        ("c1", "z", "f1", "2027-01-01", None),
        ("c2", "z", "f2", "2027-01-01", "2027-02-01"),
        ("c3", "z", "f3", "2027-03-01", None),
    )
    assert valid_consents(rows, on=pd.Timestamp("2027-02-01"))["foyer_id"].tolist() == ["f1"]


def test_launch_waits_for_a_consent_in_the_zones(context_of, campaign_of):
    context = context_of(campaign_of("eau"), stage="launch")
    assert not check(context).passed
    zone = context.zones["zone_id"].iloc[0]
    given = consents(("c1", zone, "f1", "2027-01-01", None))
    assert check(context_of(campaign_of("eau"), stage="launch", consents=given)).passed
    elsewhere = consents(("c1", "autre", "f1", "2027-01-01", None))
    assert not check(context_of(campaign_of("eau"), stage="launch", consents=elsewhere)).passed


def test_deliveries_without_a_consent_of_that_day_are_found():
    deliveries = pd.DataFrame(
        [
            ("r1", "z", "f1", "2027-03-01", "rapport", True),
            ("r2", "z", "f1", "2027-06-01", "rapport", True),
            ("r3", "z", "f9", "2027-03-01", "rapport", True),
        ],
        columns=DELIVERIES,
    )
    rows = consents(("c1", "z", "f1", "2027-02-01", "2027-05-01"))
    assert sent_without_consent(deliveries, rows)["remise_id"].tolist() == ["r2", "r3"]


def test_a_renewed_consent_covers_the_day():
    deliveries = pd.DataFrame([("r1", "z", "f1", "2027-06-01", "b", True)], columns=DELIVERIES)
    rows = consents(
        ("c1", "z", "f1", "2027-02-01", "2027-05-01"), ("c2", "z", "f1", "2027-05-15", None)
    )
    assert sent_without_consent(deliveries, rows).empty


def test_messages_sent_without_consent_shut_the_gate(context_of, campaign_of):
    rows = pd.DataFrame([("r1", "z", "f1", "2027-07-10", "rapport", True)], columns=DELIVERIES)
    result = check(context_of(campaign_of("eau"), deliveries=rows))
    assert "r1" in result.reasons[0].what


def test_messages_to_everyone_need_no_consent(context_of):
    assert check(context_of(stage="launch")).passed
