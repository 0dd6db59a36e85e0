import pytest
from sqlalchemy import text

from nudge.errors import CampaignError
from nudge.lifecycle.verification import verify_campaign, verify_folder

IDENTIFIER = "comparaison-tri"


@pytest.fixture
def drawn(life, campaign_of):
    life.draw(campaign_of())
    return life


def differences(life):
    return verify_campaign(life.store, IDENTIFIER).differences


def test_what_was_drawn_is_found_again(drawn):
    found = verify_campaign(drawn.store, IDENTIFIER)
    assert found.identical
    assert "graine 7" in " ".join(found.facts)


def test_a_draw_is_verified_from_its_folder_alone(drawn):
    assert verify_folder(drawn.folder / "tirage").identical


def test_before_the_draw_the_lock_alone_is_verified(life, campaign_of):
    life.lock(campaign_of())
    found = verify_campaign(life.store, IDENTIFIER)
    assert found.identical
    assert "pas encore eu lieu" in found.facts[-1]


def test_an_unlocked_campaign_has_nothing_to_verify(life, campaign_of):
    life.check(campaign_of())
    with pytest.raises(CampaignError, match="rien à vérifier"):
        verify_campaign(life.store, IDENTIFIER)


def test_a_plan_that_was_touched_is_named(drawn):
    path = drawn.folder / "verrou" / "plan.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert differences(drawn) == ("verrou : plan.yaml a changé depuis le verrouillage",)


def test_a_lock_without_its_zones_is_named(drawn):
    (drawn.folder / "verrou" / "zones.csv").unlink()
    assert differences(drawn) == ("verrou : zones.csv manque",)


def test_an_arm_changed_in_the_store_is_named(drawn):
    with drawn.store.engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE allocation SET arm = CASE arm WHEN 'temoin' THEN 'comparaison' "
                "ELSE 'temoin' END WHERE zone_id = (SELECT min(zone_id) FROM allocation)"
            )
        )
    (told,) = differences(drawn)
    assert told.startswith("attribution : rue-")


def test_an_arm_changed_in_the_folder_is_named(drawn):
    path = drawn.folder / "tirage" / "allocation.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    place = next(row for row, line in enumerate(lines) if ",temoin," in line)
    lines[place] = lines[place].replace(",temoin,", ",comparaison,")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    told = " ".join(differences(drawn))
    assert "tirage : allocation.csv" in told
    assert "attribution : " in told


def test_another_seed_in_the_store_is_named(drawn):
    with drawn.store.engine.begin() as connection:
        connection.execute(text("UPDATE campaign SET seed = 8"))
    assert differences(drawn) == (
        "graine : 7 dans le tirage, 8 dans l'entrepôt, 7 dans le journal",
    )


def test_a_plan_changed_in_the_store_is_named(drawn):
    with drawn.store.engine.begin() as connection:
        connection.execute(text("UPDATE campaign SET yaml = yaml || ' '"))
    assert "ni celui du verrou, ni celui d'un avenant" in differences(drawn)[0]


def test_a_frozen_zone_that_vanishes_is_named(drawn):
    with drawn.store.engine.begin() as connection:
        connection.execute(
            text(
                "DELETE FROM zone_of_campaign WHERE zone_id = "
                "(SELECT min(zone_id) FROM zone_of_campaign)"
            )
        )
    told = " ".join(differences(drawn))
    assert "manque dans l'entrepôt" in told
    assert "zones tirées : rue-" in told
