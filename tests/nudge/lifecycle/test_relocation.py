import shutil

import pytest

from nudge.errors import CampaignError
from nudge.lifecycle.relocation import relocate_campaign
from nudge.lifecycle.verification import verify_campaign
from nudge.store.audit import audit
from nudge.store.campaigns import stored_campaign


def test_a_moved_campaign_is_found_again(life, campaign_of, tmp_path):
    campaign = campaign_of()
    life.draw(campaign)
    moved = tmp_path / "ailleurs"
    life.folder.rename(moved)
    relocate_campaign(life.store, campaign.identifier, folder=moved)
    assert stored_campaign(life.store, campaign.identifier).folder == str(moved)
    assert verify_campaign(life.store, campaign.identifier).differences == ()
    assert audit(life.store).intact


def test_a_folder_with_another_plan_is_refused(life, campaign_of, tmp_path):
    campaign = campaign_of()
    life.draw(campaign)
    other = tmp_path / "autre"
    shutil.copytree(life.folder, other)
    plan = other / "verrou" / "plan.yaml"
    plan.write_text(plan.read_text(encoding="utf-8") + "# ajout\n", encoding="utf-8")
    with pytest.raises(CampaignError, match="n'est pas le plan verrouillé"):
        relocate_campaign(life.store, campaign.identifier, folder=other)
    assert stored_campaign(life.store, campaign.identifier).folder == str(life.folder)
