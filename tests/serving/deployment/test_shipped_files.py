import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from serving.cli_serve.server import GRACE_SECONDS, KEEP_ALIVE_SECONDS
from serving.settings import PREFIX, Settings

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "serving" / "deployment"
# Read by the command, not by the settings of the application.
OF_THE_COMMAND = {"DRAIN_SECONDS"}


def shipped(name):
    return (SHIPPED / name).read_text("utf-8")


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load(shipped("compose.yaml"))["services"]


def seconds(pattern, text):
    return int(re.search(pattern, text)[1])


def test_whoever_closes_a_connection_is_never_who_is_written_to(services):
    kept = seconds(r"keepalive_timeout (\d+)s;", shipped("proxy/replicas.conf"))
    drain = int(services["api"]["environment"][f"{PREFIX}DRAIN_SECONDS"])
    assert kept < drain
    assert kept < KEEP_ALIVE_SECONDS
    patience = seconds(r"(\d+)s", services["api"]["stop_grace_period"])
    assert drain + GRACE_SECONDS < patience


def test_every_variable_is_one_that_the_service_reads(services):
    known = {field.name.upper() for field in fields(Settings)} | OF_THE_COMMAND
    text = shipped("compose.yaml") + shipped("Containerfile") + shipped(".env.example")
    assert set(re.findall(rf"{PREFIX}([A-Z_]+)", text)) <= known


def test_every_variable_to_fill_in_has_its_line_and_no_value():
    asked = set(re.findall(r"\$\{([A-Z_]+)", shipped("compose.yaml"))) - {"POUCE_IMAGE"}
    lines = dict(
        line.split("=", 1) for line in shipped(".env.example").splitlines() if "=" in line[:40]
        and not line.startswith("#")
    )  # fmt: skip
    assert asked == set(lines)
    assert {name: value for name, value in lines.items() if "PASSWORD" in name and value} == {}


def test_the_proxy_takes_the_largest_body_that_the_service_takes():
    from serving.routes.contacts import BODY_BYTES

    largest = seconds(r"client_max_body_size (\d+)m;", shipped("proxy/nginx.conf"))
    assert largest * 1_048_576 >= BODY_BYTES


def test_the_image_is_of_this_version_and_installs_what_it_needs(services):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert services["api"]["image"] == f"${{POUCE_IMAGE:-coup-de-pouce:{project['version']}}}"
    (extras,) = re.findall(r"'\.\[([a-z,]+)\]'", shipped("Containerfile"))
    assert set(extras.split(",")) <= set(project["optional-dependencies"])


def test_what_is_copied_exists_and_secrets_are_not():
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", shipped("Containerfile"), re.MULTILINE)
    for name in " ".join(copied).split():
        assert (ROOT / name).exists(), name
        assert f"!{name}" in shipped("Containerfile.dockerignore").splitlines(), name
    assert "**/.env" in shipped("Containerfile.dockerignore")
