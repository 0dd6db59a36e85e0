import ast
import re
import sys
import types
from pathlib import Path
from typing import get_args

import pytest

import nudge.levers
from nudge.errors import CampaignError
from nudge.instruments.catalogue import INSTRUMENTS
from nudge.levers import catalogue
from nudge.levers.catalogue import lever_of, levers
from nudge.levers.lever import Channel, Family
from nudge.levers.message_text import check_message_text, named_values
from nudge.outcomes.outcome import Family as OutcomeFamily

EXPECTED = {
    "cendrier_sondage", "comparaison_sociale", "defi", "eco_geste_sophie", "engagement",
    "labyrinthe_sol", "rappel", "rapport_eau", "valorisation",
}  # fmt: skip


def every_message():
    return [(lever, message) for lever in levers().values() for message in lever.messages]


def test_every_lever_is_found_and_its_own_file_is_enough(monkeypatch, tmp_path):
    assert set(levers()) == EXPECTED
    source = Path(nudge.levers.__file__).with_name("reminder.py").read_text()
    added = tmp_path / "added_lever.py"
    added.write_text(source.replace('identifier="rappel"', 'identifier="nouveau"'))
    monkeypatch.setattr(nudge.levers, "__path__", [*nudge.levers.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, "nudge.levers.added_lever", raising=False)
    catalogue.levers.cache_clear()
    try:
        assert set(levers()) == EXPECTED | {"nouveau"}
        added.write_text(source)
        sys.modules.pop("nudge.levers.added_lever")
        catalogue.levers.cache_clear()
        with pytest.raises(TypeError, match="rappel"):
            levers()
    finally:
        sys.modules.pop("nudge.levers.added_lever", None)
        catalogue.levers.cache_clear()


def test_an_unknown_lever_is_refused_with_its_nearest_name():
    assert isinstance(levers(), types.MappingProxyType)
    with pytest.raises(CampaignError, match="vouliez-vous « valorisation »"):
        lever_of("valorisatoin")
    with pytest.raises(CampaignError, match="leviers connus : cendrier_sondage, "):
        lever_of("zzz")


def test_families_and_channels_are_those_of_outcomes_and_of_deliveries():
    assert get_args(Family) == get_args(OutcomeFamily)
    assert get_args(Channel) == INSTRUMENTS["distribution"].column("canal").levels


@pytest.mark.parametrize("lever", levers().values(), ids=lambda one: one.identifier)
def test_a_lever_is_complete(lever):
    assert len(lever.messages) >= 2
    assert len({one.identifier for one in lever.messages}) == len(lever.messages)
    assert {one.channel for one in lever.messages} <= set(lever.channels)
    assert lever.evidence
    assert lever.risks
    assert all(risk.safeguard for risk in lever.risks)
    texts = [getattr(lever.tidier, name) for name in lever.tidier.__slots__]
    assert len(texts) == 12
    assert all(texts)
    personal = {"email", "sms"}.intersection(lever.channels)
    assert lever.addressed or not personal


@pytest.mark.parametrize(
    ("lever", "message"),
    every_message(),
    ids=lambda one: getattr(one, "identifier", ""),
)
def test_a_template_declares_its_values_and_may_be_used_as_it_stands(lever, message):
    whole = f"{message.subject}\n{message.body}"
    assert {one.name for one in message.variables} == set(named_values(whole))
    assert check_message_text(message.subject) == []
    assert check_message_text(message.body) == []
    assert not re.search(r"\b(?:tu|ton|tes|toi)\b", whole)
    for variable in message.variables:
        assert variable.norm_figure == ("." in variable.name)
        assert bool(variable.example) != variable.norm_figure


def test_studies_without_effect_on_quality_are_kept_and_say_so():
    quality = {
        one.study: one.result
        for lever in levers().values()
        for one in lever.evidence
        if one.outcome_family == "qualite"
    }
    assert "n'a modifié la contamination" in quality["Schultz 1999, La Verne (Californie)"]
    assert "sans témoin" in quality["Comté d'Orange 2018 (Floride)"]
    ashtray = lever_of("cendrier_sondage")
    assert "manipulation" in ashtray.evidence[0].result
    assert any("boomerang" in one.result for one in lever_of("comparaison_sociale").evidence)
    assert any("Aucun des neuf messages" in one.result for one in lever_of("rappel").evidence)


def test_nothing_is_quoted_that_was_not_read():
    texts = " ".join(
        f"{one.study} {one.result} {one.source}"
        for lever in levers().values()
        for one in lever.evidence
    )
    for unread in ("Milford", "Hubbub", "Uzer", "Atlanta", "BVA", "Amiens", "46 %", "57 %"):
        assert unread not in texts
    assert "pas d'effet" not in texts
    for lever in levers().values():
        for one in lever.evidence:
            assert one.source
            assert (one.effect is None) == (one.unit == "")


def test_levers_import_no_layer_above_nor_beside():
    folder = Path(nudge.levers.__file__).parent
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("nudge."):
                assert node.module.split(".")[1] in {"levers", "french", "errors"}, path
