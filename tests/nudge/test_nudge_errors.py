import errno

import pytest

from nudge.campaign.load import load_campaign
from nudge.errors import CampaignError, os_reason


def test_a_missing_file_is_told_in_french(tmp_path):
    with pytest.raises(CampaignError, match="le fichier ou le dossier n'existe pas") as caught:
        load_campaign(tmp_path / "campagne.yaml")
    assert "No such file" not in str(caught.value)


@pytest.mark.parametrize(
    ("code", "says"), [(errno.EROFS, "lecture seule"), (errno.ENOSPC, "plein"), (None, "panne")]
)
def test_the_system_refuses_in_french(code, says):
    assert says in os_reason(OSError(code, "panne") if code else OSError("panne"))


def test_broken_yaml_is_told_in_french(tmp_path):
    (tmp_path / "campagne.yaml").write_text("titre: a\n  - b: c\n", encoding="utf-8")
    with pytest.raises(CampaignError, match="YAML illisible ici, ou juste au-dessus") as caught:
        load_campaign(tmp_path / "campagne.yaml")
    assert "mapping" not in str(caught.value)
