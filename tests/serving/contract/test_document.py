"""The OpenAPI document: sound, whole, in French, and true to what the door may answer."""

import jsonschema_rs
import pytest
import schemathesis

from serving.security.problem import KEYED, READING, problem_content, status_of

REFERENCE = "#/components/schemas/"


@pytest.fixture(scope="module")
def document(api):
    return api.call("GET", "/openapi.json", "parse").json()


@pytest.fixture(scope="module")
def operations(document):
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def statuses_of(kinds):
    return {str(status_of(kind)) for kind in kinds}


def test_the_document_is_openapi_3_1(document):
    assert document["openapi"] == "3.1.0"
    schemathesis.openapi.from_dict(document).validate()


def test_every_route_with_a_key_is_described(api, operations):
    described = {name for name, _ in operations}
    for route in api.client.app.routes:
        if route.include_in_schema:
            assert {f"{method} {route.path_format}" for method in route.methods} <= described


def test_each_operation_says_all_that_the_door_may_answer(operations):
    for name, operation in operations:
        said = set(operation["responses"])
        if operation["security"]:
            forbidden = set() if operation["x-access"] == "any" else {"403"}
            assert statuses_of(KEYED) - {"403"} | forbidden <= said, name
        else:
            assert "429" in said, name
        if name.startswith("POST"):
            # GeoReport v2 knows no 422.
            own = {"422"} if "/open311/" in name else set()
            assert statuses_of(READING) - own <= said, name
        assert not {"500", "default"} & said, name


def test_each_refusal_has_its_form_and_a_french_example(operations):
    for name, operation in operations:
        for status, response in operation["responses"].items():
            if status < "400":
                continue
            content = response["content"]
            if "/open311/" in name:
                assert set(content) == {"application/json", "text/xml"}, (name, status)
                (example,) = content["application/json"]["example"]
                assert example["code"] == int(status)
                continue
            assert set(content) == {"application/problem+json"}, (name, status)
            problem = content["application/problem+json"]
            assert problem["schema"]["$ref"] == f"{REFERENCE}Problem"
            for kind, example in problem["examples"].items():
                assert example["value"] == problem_content(kind)


def test_headers_that_a_client_needs_are_described(operations):
    for _, operation in operations:
        for status, response in operation["responses"].items():
            assert {"X-Request-ID", "Server-Timing"} <= set(response["headers"])
            assert ("Retry-After" in response["headers"]) == (status in ("429", "503"))
            assert ("WWW-Authenticate" in response["headers"]) == (status == "401")


def examples_in(content, schemas):
    for described in content.values():
        schema = described.get("schema", {})
        named = schemas.get(schema.get("$ref", "").removeprefix(REFERENCE), schema)
        found = [*named.get("examples", ())]
        found += [described["example"]] if "example" in described else []
        found += [one["value"] for one in described.get("examples", {}).values()]
        yield schema, found


def test_examples_are_valid_and_every_body_has_one(document, operations):
    schemas = document["components"]["schemas"]
    checked = 0
    for name, operation in operations:
        body = operation.get("requestBody", {}).get("content", {})
        assert bool(body) == name.startswith("POST"), name
        for schema, found in examples_in(body, schemas):
            assert found, f"{name} shows no example of its body"
            check(schema, found, schemas)
        for response in operation["responses"].values():
            for schema, found in examples_in(response.get("content", {}), schemas):
                check(schema, found, schemas)
                checked += len(found)
    assert checked > 100


def check(schema, examples, schemas):
    validator = jsonschema_rs.Draft202012Validator({**schema, "components": {"schemas": schemas}})
    for example in examples:
        assert not [error.message for error in validator.iter_errors(example)], example


def descriptions_of(schema):
    if isinstance(schema, dict):
        if isinstance(schema.get("description"), str):
            yield schema["description"]
        for one in schema.values():
            yield from descriptions_of(one)
    elif isinstance(schema, list):
        for one in schema:
            yield from descriptions_of(one)


def test_what_people_read_is_french(document, operations):
    english = {" the ", " and ", " is ", " of ", "Successful Response", "Validation Error"}
    told = [*descriptions_of(document["components"])]
    assert not [one for one in told if any(sign in f" {one} " for sign in english)]
    for name, operation in operations:
        words = [operation["summary"], operation["description"]]
        words += [one["description"] for one in operation["responses"].values()]
        words += [one.get("description", "") for one in operation.get("parameters", ())]
        assert not [one for one in words if any(sign in f" {one} " for sign in english)], name
