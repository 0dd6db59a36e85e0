"""Generated requests, sound and not, against what the OpenAPI document promises."""

from xml.etree import ElementTree as ET

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

SEED, EXAMPLES = 20_261_123, 8
# Sound for the document, yet refused: a filter too many, a message that is unknown.
UNTOLD = ("positive_data_acceptance",)


def failures_of(app, *, key, headers):
    """Distinct failures and number of requests of a run; the same ones each time."""
    settings = {
        "seed": SEED,
        "headers": headers,
        "generation": {
            "max-examples": EXAMPLES, "mode": "all", "deterministic": True, "no-shrink": True,
        },
        "phases": {"stateful": {"enabled": False}},
        "checks": {name: {"enabled": False} for name in UNTOLD},
    }  # fmt: skip
    if not headers:
        refused = ["400", "401", "404", "405", "413", "415", "422"]
        settings["checks"]["negative_data_rejection"] = {"expected-statuses": refused}
    schema = schemathesis.openapi.from_asgi(
        "/openapi.json", app, config=SchemathesisConfig.from_dict(settings), headers=key
    )
    found, requests = {}, 0
    for event in from_schema(schema).execute():
        assert not isinstance(event, events.FatalError | events.NonFatalError), event.info
        if isinstance(event, events.ScenarioFinished):
            requests += len(event.recorder.interactions)
            for checks in event.recorder.checks.values():
                for one in checks:
                    if one.failure_info is not None:
                        failure = one.failure_info.failure
                        found[failure.operation, failure.title] = (
                            f"{failure.message}\n{one.failure_info.code_sample}"
                        )
    return found, requests


@pytest.mark.parametrize("with_key", [True, False])
def test_every_answer_is_as_described(api, with_key):
    key = {"Authorization": f"Bearer {api.keys['admin']}"}
    found, requests = failures_of(api.client.app, key=key, headers=key if with_key else {})
    assert requests > 400
    told = [f"{operation}: {title}\n{what}" for (operation, title), what in found.items()]
    assert not told, "\n\n".join(told)


def test_a_method_that_an_address_does_not_have_is_told_with_those_that_it_has(api):
    for path, methods in (
        ("/v1/parse", "POST"),
        ("/open311/v2/requests.json", "GET, POST"),
        ("/v1/cockpit", "GET"),
    ):
        answer = api.call("PUT", path, None)
        assert (answer.status_code, answer.headers["allow"]) == (405, methods)


@pytest.mark.parametrize("scope", ["open311", None])
def test_open311_has_two_forms_and_no_third(api, scope):
    for path in ("services", "services/pav_plein", "requests", "requests/SIG-1"):
        answer = api.call("GET", f"/open311/v2/{path}.html", scope)
        assert answer.status_code == (404 if scope else 401)
        assert answer.json()[0]["code"] == answer.status_code


def plain(element):
    """XML as the values of the JSON answer."""
    if len(element):
        names = [child.tag for child in element]
        if element.tag in {"services", "service_requests", "attributes", "values", "errors"}:
            return [plain(child) for child in element]
        return dict(zip(names, map(plain, element), strict=True))
    return element.text


def as_text(value):
    if isinstance(value, dict):
        return {name: as_text(one) for name, one in value.items()}
    if isinstance(value, list):
        return [as_text(one) for one in value] or None
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value in (None, "") else str(value)


@pytest.mark.parametrize(
    "path",
    ["services", "services/pav_plein", "services/ovni", "requests", "requests/SIG-1",
     "requests/{number}"],
)  # fmt: skip
def test_xml_says_what_json_says(api, path):
    form = {
        "service_code": "pav_plein",
        "lat": "49.36",
        "long": "0.08",
        "description": "<&>é\u2028",
    }
    made = api.call("POST", "/open311/v2/requests.json", "open311", data=form).json()
    path = path.format(number=made[0]["service_request_id"])
    json, xml = (
        api.call("GET", f"/open311/v2/{path}.{form}", "open311") for form in ("json", "xml")
    )
    assert xml.headers["content-type"] == "text/xml; charset=utf-8"
    assert xml.status_code == json.status_code
    assert plain(ET.fromstring(xml.content)) == as_text(json.json())
