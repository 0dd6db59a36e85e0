from datetime import date

from nudge.gates.frequency_cap import check
from nudge.gates.gate import OtherCampaign


def other(context, **changes):
    values = {
        "identifier": "autre",
        "title": "Autre",
        "start": date(2027, 5, 1),
        "end": date(2027, 6, 1),
        "doses": 2,
        "places": frozenset(context.zones["zone_id"].head(1)),
    }
    return OtherCampaign(**(values | changes))


def test_doses_above_the_cap_are_refused(context_of, campaign_of):
    result = check(context_of(campaign_of(ethique__messages_max_par_foyer=2)))
    assert "3 passages" in result.reasons[0].what.replace("\u00a0", " ")


def test_quiet_days_must_fit_between_start_and_end(context_of, campaign_of):
    fits = campaign_of(ethique__jours_de_silence=40)
    assert check(context_of(fits)).passed
    result = check(context_of(campaign_of(ethique__jours_de_silence=41)))
    assert "83 jours" in result.reasons[0].what.replace("\u00a0", " ")


def test_campaigns_add_up_on_a_shared_zone_at_the_same_time(context_of):
    context = context_of()
    assert "5 messages" in check(context_of(others=(other(context),))).reasons[0].what.replace(
        "\u00a0", " "
    )
    later = other(context, start=date(2027, 5, 22), end=date(2027, 6, 1))
    assert check(context_of(others=(later,))).passed
    elsewhere = other(context, places=frozenset({"rue-inconnue"}))
    assert check(context_of(others=(elsewhere,))).passed
    light = check(context_of(others=(other(context, doses=1),)))
    assert light.passed
    assert light.warnings
