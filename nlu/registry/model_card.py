"""The model card that travels with each artefact."""

from importlib import resources

from jinja2 import Environment, StrictUndefined

from nlu.evaluation.evaluation import Evaluation
from nlu.evaluation.report import HEADLINE_TITLES
from nlu.training.pipeline import TrainedClassifier


def render_card(
    trained: TrainedClassifier, evaluation: Evaluation, *, name: str, commit: str
) -> str:
    """Markdown text of the model card (Mitchell et al. 2019, "Model cards for model reporting").

    Parameters
    ----------
    trained : TrainedClassifier
        What was trained.
    evaluation : Evaluation
        On the test split.
    name : str
        Registered model.
    commit : str
        Git commit of the code.
    """
    template = resources.files("nlu.registry").joinpath("model_card.md.jinja").read_text("utf-8")
    environment = Environment(  # noqa: S701
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    network = trained.artifact.network
    return environment.from_string(template).render(
        name=name,
        commit=commit,
        artifact=trained.artifact,
        evaluation=evaluation,
        titles=HEADLINE_TITLES,
        history=trained.fine_tuned.history,
        hardware=trained.hardware,
        seconds=trained.fine_tuned.seconds,
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        trainable=sum(p.numel() for p in network.parameters() if p.requires_grad),
        rows={split: len(rows) for split, rows in trained.corpus.items()},
    )
