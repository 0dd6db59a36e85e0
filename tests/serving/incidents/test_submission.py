import pytest

from nudge.territory.territory import load_territory
from serving.dialogue.incident import KINDS, SERVICES
from serving.incidents.open311_error import Open311Error
from serving.incidents.service import load_services
from serving.incidents.submission import submission_of_form
from serving.incidents.territory_box import territory_box
from serving.settings import Settings

DATASETS = Settings().datasets
LIST = load_services(DATASETS / "services" / "services.yaml")


@pytest.fixture(scope="module")
def box():
    return territory_box(load_territory(DATASETS / "territory"))


def form(**fields):
    given = {"service_code": "pav_plein", "lat": "49.36", "long": "0.08"} | fields
    return {name: [value] for name, value in given.items() if value is not None}


def refused(fields, box):
    with pytest.raises(Open311Error) as caught:
        submission_of_form(fields, services=LIST, box=box)
    return caught.value


def test_list_holds_what_a_conversation_reports_and_says_that_it_is_a_demonstration():
    codes = {one.code for one in LIST.services}
    assert codes == set(SERVICES)
    assert {code for kinds in KINDS.values() for code in kinds} <= codes
    assert LIST.synthetic
    assert "démonstration" in LIST.note


def test_personal_data_leave_the_description_and_the_place_keeps_its_street(box):
    fields = form(
        description="Borne pleine, je m'appelle Marie Dupont, 06 12 34 56 78, voiture AB-123-CD",
        address_string="12 rue des Bains, chez Mme Dupont",
    )
    kept, _ = submission_of_form(fields, services=LIST, box=box)
    for secret in ("Dupont", "06 12", "AB-123-CD"):
        assert secret not in kept.description
        assert secret not in kept.address
    assert "Borne pleine" in kept.description
    assert kept.address.startswith("12 rue des Bains")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"service_code": None}, "service_code"),
        ({"lat": None, "long": None}, "lieu"),
        ({"lat": "49.36", "long": None}, "lat et long"),
        ({"lat": "nan", "long": "0.08"}, "lat et long"),
        ({"lat": "48.85", "long": "2.35"}, "hors_territoire"),
        ({"attribute[flux]": "plutonium"}, "attribute[flux]"),
        ({"attribute[inconnu]": "1"}, "attribute[inconnu]"),
        ({"media_url": "javascript:alert(1)"}, "media_url"),
        ({"email": "pas une adresse"}, "email"),
        ({"description": "a" * 4_001}, "description"),
        ({"service_code": "collecte_manquee"}, "attribute[flux]"),
        ({"service_code": "megots_plage", "attribute[quantite]": "beaucoup"}, "quantite"),
        ({"service_code": "bac_perdu_vole", "attribute[date_constat]": "hier"}, "date_constat"),
    ],
)
def test_what_is_missing_or_wrong_is_named(fields, told, box):
    error = refused(form(**fields), box)
    assert error.status == 400
    assert any(told in one for one in error.descriptions)


def test_every_fault_is_told_at_once(box):
    error = refused(form(lat=None, long=None, media_url="x", email="x"), box)
    assert len(error.descriptions) == 3


def test_unknown_kind_and_jurisdiction_are_not_found(box):
    assert refused(form(service_code="ovni"), box).status == 404
    assert refused(form(jurisdiction_id="ailleurs.fr"), box).status == 404


def test_a_place_in_words_is_enough(box):
    kept, kind = submission_of_form(
        form(lat=None, long=None, address_string="plage de Deauville"), services=LIST, box=box
    )
    assert (kept.latitude, kept.address, kind.code) == (None, "plage de Deauville", "pav_plein")


def test_several_answers_are_kept_for_a_multiple_choice(box):
    fields = form(service_code="bac_casse") | {"attribute[partie]": ["roue", "cuve", "roue"]}
    kept, _ = submission_of_form(fields, services=LIST, box=box)
    assert kept.attributes["partie"] == ("roue", "cuve")
