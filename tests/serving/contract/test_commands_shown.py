"""A command shown on a page can be typed as it is."""

import re
from html import unescape

import pytest
from typer.testing import CliRunner

from serving.cli import app


@pytest.mark.parametrize(("page", "scope"), [("/sophie", "messages"), ("/cockpit", "cockpit")])
def test_who_has_no_key_is_told_the_command_that_makes_one(api, tmp_path, page, scope):
    (command,) = re.findall(
        r"<code>(pouce serve key create [^<]+)</code>", api.client.get(page).text
    )
    words = re.sub(r"[\u00a0\u202f]", "?", unescape(command)).split(" ")
    done = CliRunner().invoke(app, [*words[1:], "--store", f"sqlite:///{tmp_path / 'pouce.db'}"])
    assert done.exit_code == 0, done.output
    assert f"--scope {scope}" in command
    assert re.match(r"pouce_[0-9a-f]{12}_", done.stdout)
