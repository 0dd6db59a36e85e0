"""Everything that the statistics package may say of a campaign must have a French form."""

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pkgutil import iter_modules

import pytest

from experiments.analysis import estimators
from experiments.analysis.estimators.catalogue import CATALOGUE
from experiments.analysis.findings import findings
from nudge.analysis.analyse_campaign import analyse_campaign
from nudge.analysis.outcome_rows import outcome_rows
from nudge.analysis.remaining_draw import remaining_draw
from nudge.analysis.trial_run import TrialRun, attempt
from nudge.outcomes.catalogue import OUTCOMES
from nudge.report.analysis_notes import analysis_notes, french_note
from nudge.report.compose import compose
from nudge.report.html import render_html

THREE_ARMS = {
    "groupes": [
        {"identifiant": "temoin", "titre": "Sans message", "temoin": True},
        {"identifiant": "carte", "titre": "Carte", "levier": "comparaison_sociale",
         "canal": "carte_porte"},
        {"identifiant": "sms", "titre": "SMS", "levier": "rappel", "canal": "sms"},
    ],
    "analyse": {"correction_groupes": "dunnett", "tirages": 199},
}  # fmt: skip
ENGLISH = re.compile(r"\b(the|with|of|and|is|are|clusters?|degrees|use|draw|why|vs)\b")
# Fills for what the sentences leave open, tried one after the other.
FILLS = ("7", "", "below", " within strata")
# Parts of other sentences, descriptions of methods, and what no campaign asks for: the plan of a
# campaign always names its control.
NOT_REMARKS = re.compile(
    r" and \{\} more|, |jackknife over|clusters within stratum|.* as the control; --control"
    r"|the influence of single clusters|0/1 values in column"
    r"|(?:paired|Student's|Welch's) t test on|\{\}, \{\}|[^:]+\(\d{4}\)"
    r"|multiplicity|\{\} degrees of freedom: the t reference"
)
FEEDERS = ("recommend", "trial_data", "multiple_comparisons")
# Further scales are asked for beside the planned estimate, and bring no remark of their own.
NO_FEEDER = "experiments.analysis.effect_scales"


def run_of(data, outcome, tmp_path):
    context = data.context
    waves = [wave.name for wave in context.campaign.waves]
    rows = outcome_rows(
        outcome, data.observations[outcome.instrument], arms=context.arms, zones=context.zones,
        waves=waves, baseline=["reference"], strata=context.strata, columns=(),
    )  # fmt: skip
    draw = None
    if context.draw is not None:
        draw = remaining_draw(context.draw, zones=set(rows["zone"]), folder=tmp_path)
    return TrialRun(context=context, outcome=outcome, rows=rows, baseline=("reference",), draw=draw)


def remarks_of(run) -> Iterator[str]:
    for name in ("recommande", *CATALOGUE):
        done = attempt(run, name, influence=name == "zone-t")
        yield from [done.refusal] if done.analysis is None else findings(done.analysis)


@pytest.mark.parametrize(
    ("design", "fields"),
    [
        ({"zones": 4}, {}),
        ({"zones": 12, "strata": True}, {"estimande": "unite"}),
        ({"zones": 12, "pairs": True}, {}),
        ({"zones": 20, "effects": {"temoin": 0.0, "carte": 0.9}}, {}),
        ({"zones": 9, "effects": {"temoin": 0.0, "carte": 0.1, "sms": 0.2}}, THREE_ARMS),
    ],
    ids=["four", "strata", "pairs", "all-green", "three-arms"],
)
def test_every_remark_of_a_simulated_campaign_is_french(
    make_field, campaign_data, tmp_path, design, fields
):
    data = campaign_data(make_field(**design), fields)
    run = run_of(data, OUTCOMES["bac_bien_trie"], tmp_path)
    remarks = list(remarks_of(run))
    told = {remark: french_note(remark, data.context.campaign) for remark in remarks}
    assert len(told) > 10
    assert [remark for remark, french in told.items() if french is None] == []
    assert [french for french in told.values() if ENGLISH.search(french)] == []
    assert [french for french in told.values() if re.search(r"\d\.\d", french)] == []


def test_what_has_no_french_form_is_counted_and_never_quoted(make_field, campaign_data):
    data = campaign_data(make_field(zones=12))
    result = analyse_campaign(data, today=data.context.campaign.end)
    odd = "the moon was full, which no French form foresees"
    changed = replace(result, findings=(*result.findings, odd))
    page = render_html(compose(changed))
    assert "the moon" not in page
    assert "remarque technique en anglais" in analysis_notes(changed)[-1]
    assert 'lang="en"' not in page


def sentences_of(module: str) -> Iterator[str]:
    """Sentences of a module that reach results, what is left open as ``{}``."""
    tree = ast.parse(inspect.getsource(import_module(module)))
    parent = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}

    def above(node: ast.AST) -> Iterator[ast.AST]:
        while node in parent:
            node = parent[node]
            yield node

    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant | ast.JoinedStr):
            continue
        if isinstance(parent[node], ast.JoinedStr | ast.FormattedValue | ast.Expr):
            continue
        parts = node.values if isinstance(node, ast.JoinedStr) else [node]
        text = "".join(
            str(part.value) if isinstance(part, ast.Constant) else "{}" for part in parts
        )
        raised = any(
            (
                isinstance(one, ast.Raise | ast.keyword)
                and getattr(one, "arg", "method") in {"method", "reference"}
            )
            or (
                isinstance(one, ast.Assign)
                and any(getattr(target, "id", "") == "message" for target in one.targets)
            )
            for one in above(node)
        )
        if not raised and len(text.split()) >= 5 and not NOT_REMARKS.match(text):
            yield text


def feeders() -> list[str]:
    """Modules whose remarks end in a campaign's result: those that estimators are made from."""
    found = {f"experiments.analysis.{name}" for name in FEEDERS}
    for one in iter_modules(estimators.__path__):
        name = f"{estimators.__name__}.{one.name}"
        if one.name == "catalogue":
            continue
        found.add(name)
        for node in ast.walk(ast.parse(inspect.getsource(import_module(name)))):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("experiments.ana"):
                found.add(str(node.module))
    return sorted(found - {NO_FEEDER})


@pytest.mark.parametrize("module", feeders())
def test_every_warning_written_in_the_package_has_a_french_form(module, campaign_data, make_field):
    campaign = campaign_data(make_field(zones=4)).context.campaign
    untold = [
        sentence
        for sentence in sentences_of(module)
        if all(french_note(sentence.replace("{}", fill), campaign) is None for fill in FILLS)
    ]
    assert untold == []
