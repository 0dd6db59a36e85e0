"""The evaluation as one HTML file, figures inside, nothing to download."""

from collections.abc import Mapping
from importlib import resources

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from nlu.evaluation.evaluation import Evaluation
from nlu.evaluation.figures import evaluation_figures, figure_svg

HEADLINE_TITLES = {
    "accuracy": "Accuracy",
    "macro_f1": "Macro-F1",
    "accuracy_stress": "Accuracy, stress split (deliberately oblique)",
    "accuracy_blind": "Accuracy, blind split (authors who saw definitions only)",
    "accuracy_terse": "Accuracy, terse split (two to eight words)",
    "accuracy_all_held_out": "Accuracy, all held-out rows together",
    "ece": "Expected calibration error (15 bins)",
    "brier": "Brier score (0 to 2)",
    "aurc": "Area under the risk-coverage curve",
    "answered_share": "Share of messages answered",
    "answered_risk": "Wrong among answered",
    "out_of_scope_auroc": "Out-of-scope AUROC",
    "out_of_scope_auroc_near": "Out-of-scope AUROC, near messages",
    "out_of_scope_auroc_far": "Out-of-scope AUROC, far messages",
    "out_of_scope_fpr95": "Out-of-scope false alarms at 95 % recall",
    "coverage_v1": "coverage_v1: first-release messages answered rightly",
}
MOST_ERRORS = 60
MOST_PAIRS = 40


def render_report(
    evaluation: Evaluation,
    *,
    title: str,
    provenance: Mapping[str, object],
    theme_of: Mapping[str, str] | None = None,
) -> str:
    """HTML text of the report.

    Parameters
    ----------
    evaluation : Evaluation
        What to show.
    title : str
        Heading, such as the model's name and version.
    provenance : mapping
        Facts printed at the end: encoder, corpus, git commit…
    theme_of : mapping of str to str, optional
        Groups the confusion matrix.
    """
    template = resources.files("nlu.evaluation").joinpath("report.html.jinja").read_text("utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True,
                              lstrip_blocks=True)  # fmt: skip
    figures = {
        # Our own drawing: the only markup that is trusted.
        name: Markup(figure_svg(figure))  # noqa: S704
        for name, figure in evaluation_figures(evaluation, theme_of).items()
    }
    return environment.from_string(template).render(
        title=title,
        evaluation=evaluation,
        headline_titles=HEADLINE_TITLES,
        figures=figures,
        errors=evaluation.errors[:MOST_ERRORS],
        pairs=evaluation.pairs[:MOST_PAIRS],
        classes=sorted(evaluation.classes, key=lambda score: score.f1),
        provenance=provenance,
    )
