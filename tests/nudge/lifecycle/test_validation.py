import pytest

from nudge.errors import CampaignError
from nudge.lifecycle.validation import find_campaign
from nudge.store.event_log import events


def kinds(life):
    return [event.kind for event in events(life.store)]


def test_a_campaign_that_passes_is_kept_as_validated(life, campaign_of):
    assert life.check(campaign_of()).passed
    stored = find_campaign(life.store, "comparaison-tri")
    assert stored.status == "validee"
    assert stored.folder == str(life.folder)
    assert stored.title.startswith("SIMULATION")
    assert kinds(life) == ["creation", "validation"]


def test_a_campaign_that_is_refused_is_kept_as_a_draft(life, campaign_of):
    examination = life.check(campaign_of(("sans_sanction: oui", "sans_sanction: non")))
    assert [problem.column for problem in examination.reasons] == ["ethique, sans_sanction"]
    assert find_campaign(life.store, "comparaison-tri").status == "brouillon"
    assert kinds(life) == ["creation"]


def test_a_validated_campaign_that_worsens_is_a_draft_again(life, campaign_of):
    life.check(campaign_of())
    life.check(campaign_of(("sans_sanction: oui", "sans_sanction: non")))
    assert find_campaign(life.store, "comparaison-tri").status == "brouillon"
    life.check(campaign_of())
    assert kinds(life) == ["creation", "validation", "validation"]


def test_checking_again_logs_nothing_new(life, campaign_of):
    life.check(campaign_of())
    life.check(campaign_of())
    assert kinds(life) == ["creation", "validation"]


def test_two_folders_do_not_share_an_identifier(life, campaign_of, tmp_path):
    life.check(campaign_of())
    other = tmp_path / "autre"
    other.mkdir()
    with pytest.raises(CampaignError, match="est déjà la campagne du dossier"):
        type(life)(store=life.store, territory=life.territory, folder=other).check(campaign_of())


def test_a_locked_campaign_is_not_checked_back(life, campaign_of):
    life.lock(campaign_of())
    with pytest.raises(CampaignError, match="pouce campaign amend"):
        life.check(campaign_of())


def test_a_campaign_that_runs_in_the_same_streets_is_counted_in(life, campaign_of, tmp_path):
    life.lock(campaign_of())
    other = tmp_path / "autre"
    other.mkdir()
    beside = type(life)(store=life.store, territory=life.territory, folder=other)
    # The sample follows the identifier: all eligible streets are taken, so that they meet.
    campaign = campaign_of(
        ("identifiant: comparaison-tri", "identifiant: autre-tri"), ("    nombre: 40", "    #")
    )
    told = [problem.what.replace("\u00a0", " ") for problem in beside.check(campaign).reasons]
    assert any("jusqu'à 6 messages pour un plafond de 4" in what for what in told)
