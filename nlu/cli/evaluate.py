"""``pouce nlu evaluate``."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nlu.cli.console import err, out, quiet_libraries, user_errors

if TYPE_CHECKING:
    from nlu.evaluation.evaluation import Evaluation
    from nlu.registry.versions import ResolvedModel


def command(
    model: Annotated[
        str, typer.Option(help="Alias (champion, challenger), version number or folder.")
    ] = "champion",
    corpus: Annotated[str, typer.Option(help="Corpus folder or file.")] = "datasets/sophie",
    text_column: Annotated[str, typer.Option(help="Column of the messages.")] = "text",
    label_column: Annotated[str, typer.Option(help="Column of the labels.")] = "intent",
    split: Annotated[
        str, typer.Option(help="train, dev, test or a further split of the corpus.")
    ] = "test",
    output: Annotated[
        Path, typer.Option(help="Folder for report.html and evaluation.json.")
    ] = Path("mlruns/reports"),
    registered_model: Annotated[
        str, typer.Option(help="Registered model that aliases belong to.")
    ] = "sophie-intent",
    robustness: Annotated[bool, typer.Option(help="Measure robustness (a minute).")] = True,
) -> None:
    """Measure a classifier with intervals and write the HTML report, which also lands in MLflow."""
    err.print("loading the model")
    quiet_libraries()
    from nlu.corpus.loading import load_corpus
    from nlu.errors import InputError
    from nlu.evaluation.evaluation import evaluate_classifier, summary
    from nlu.evaluation.report import render_report
    from nlu.registry.versions import resolve_model
    from nlu.training.pipeline import find_taxonomy

    with user_errors():
        rows = load_corpus(corpus, text_column=text_column, label_column=label_column)
        if split not in rows:
            raise InputError(f"--split {split}: one of {', '.join(rows)}")
        taxonomy = find_taxonomy(corpus)
        resolved = resolve_model(model, name=registered_model)
        evaluation, provenance = _measure(
            resolved,
            lambda classifier, note: evaluate_classifier(
                classifier,
                rows,
                split=split,
                taxonomy=taxonomy,
                with_robustness=robustness,
                progress=note,
            ),
        )
    report = render_report(
        evaluation,
        title=f"Evaluation of {resolved.title}",
        provenance=provenance,
        theme_of=taxonomy.theme_of if taxonomy else None,
    )
    output.mkdir(parents=True, exist_ok=True)
    (output / "report.html").write_text(report, encoding="utf-8")
    (output / "evaluation.json").write_text(
        json.dumps(summary(evaluation), indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    _log(resolved, evaluation, output)
    _show(evaluation)
    out.print(f"report: {output / 'report.html'}", soft_wrap=True)


def _measure(resolved: "ResolvedModel", measure):  # type: ignore[no-untyped-def]
    from nlu.classifier.intent_classifier import IntentClassifier

    classifier = IntentClassifier.load(resolved.folder)
    with err.status("measuring") as status:

        def note(step: str) -> None:
            if err.is_terminal:
                status.update(step)
            else:
                err.print(f"{step}…")

        evaluation = measure(classifier, note)
    return evaluation, {
        "Out-of-scope score in use": classifier.artifact.detector.method,
        "Temperature": f"{classifier.artifact.temperature:.4f}",
        "Thresholds": str(classifier.artifact.thresholds),
        **classifier.artifact.provenance,
    }


def _log(resolved: "ResolvedModel", evaluation: "Evaluation", folder: Path) -> None:
    from nlu.registry import store

    if resolved.registered is None:
        return
    mlflow = store.open_store()
    with mlflow.start_run(run_id=resolved.registered.run_id):
        for name in ("report.html", "evaluation.json"):
            mlflow.log_artifact(str(folder / name), artifact_path=f"evaluation-{evaluation.split}")
        mlflow.log_metrics(
            {
                f"{evaluation.split}_{name}": value.estimate
                for name, value in evaluation.headline.items()
            }
        )


def _show(evaluation: "Evaluation") -> None:
    from rich.table import Table

    from nlu.cli.headline import headline_table

    out.print(headline_table(evaluation))
    if evaluation.baseline is not None:
        comparison = evaluation.baseline.comparison
        gain = comparison.difference
        out.print(
            f"TF-IDF + linear SVM: accuracy {evaluation.baseline.accuracy.estimate:.3f}, "
            f"macro-F1 {evaluation.baseline.macro_f1.estimate:.3f}; the classifier gains "
            f"{100 * gain.estimate:.1f} points [{100 * gain.low:.1f}, {100 * gain.high:.1f}], "
            f"exact McNemar p = {comparison.p_value:.2g}"
        )
    if evaluation.robustness:
        table = Table(title="Robustness")
        for name in ("perturbation", "accuracy", "points lost", "95 % interval"):
            table.add_column(name, justify="left" if name == "perturbation" else "right")
        for drop in evaluation.robustness:
            table.add_row(
                drop.perturbation,
                f"{drop.accuracy:.3f}",
                f"{100 * drop.drop.estimate:.1f}",
                f"{100 * drop.drop.low:.1f} to {100 * drop.drop.high:.1f}",
            )
        out.print(table)
    pairs = Table(title="Most frequent confusions")
    for name in ("right intent", "taken for", "messages"):
        pairs.add_column(name, justify="right" if name == "messages" else "left")
    for pair in evaluation.pairs[:10]:
        pairs.add_row(pair.truth, pair.predicted, str(pair.count))
    out.print(pairs)
