import yaml
from jsonschema import Draft202012Validator

from nudge.campaign.json_schema import campaign_schema
from nudge.campaign.template import example

SCHEMA = campaign_schema()


def as_editors_read(value):
    if isinstance(value, dict):
        return {key: as_editors_read(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_editors_read(inner) for inner in value]
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def test_the_packaged_examples_meet_the_schema():
    validator = Draft202012Validator(SCHEMA)
    for name in ("comparaison", "cendrier", "eau"):
        assert not list(validator.iter_errors(as_editors_read(yaml.safe_load(example(name)))))


def test_the_schema_refuses_unknown_fields_units_and_outcomes():
    validator = Draft202012Validator(SCHEMA)
    read = as_editors_read(yaml.safe_load(example("comparaison")))
    wrong = read | {"budget": 1, "critere_principal": "beaute", "tirage": {"unite": "quai"}}
    found = {".".join(map(str, one.path)) for one in validator.iter_errors(wrong)}
    assert {"", "critere_principal", "tirage.unite"} <= found


def test_help_is_french_and_complete():
    for section in (SCHEMA, *SCHEMA["$defs"].values()):
        for name, field in section["properties"].items():
            assert field.get("title"), name
            assert field.get("description"), name
    assert "One group of zones" not in str(SCHEMA)
