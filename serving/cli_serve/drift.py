"""``pouce serve drift``: the reference of a model, and the check of a week."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nudge.cli.console import StoreOption, say, user_errors

if TYPE_CHECKING:
    from datetime import date

    from nlu.inference.engine import Engine
    from nudge.store.database import Store
    from serving.learning.drift import Drift, Missing
    from serving.learning.reference import Reference

app = typer.Typer(
    help="Dérive : les messages d'une semaine comparés à une référence.", no_args_is_help=True
)
WORDS = {"ok": "aucune alerte", "watch": "à surveiller", "alert": "alerte"}
MISSING: dict["Missing", str] = {
    "model": "indisponible, le modèle ne s'ouvre pas ici : donner --model, ou lancer la commande "
    "sur une machine qui le sert",
    "reference": "indisponible, la référence n'en a pas : exporter de nouveau le modèle par "
    "« pouce nlu export --publish », ou refaire la référence par « pouce serve drift reference »",
    "texts": "indisponible, trop peu de textes sont encore conservés : lancer la commande dans la "
    "semaine qui suit",
}
ModelOption = Annotated[
    str,
    typer.Option(
        "--model",
        metavar="MODÈLE",
        envvar="POUCE_MODEL",
        help="Dossier, alias ou version, pour les textes.",
    ),
]
WeekOption = Annotated[
    str | None,
    typer.Option("--week", metavar="AAAA-Wnn", help="Semaine ISO ; sinon la dernière entière."),
]


@app.command("reference")
def corpus_reference_command(
    corpus: Annotated[
        Path, typer.Argument(metavar="CORPUS", help="Textes que le modèle n'a pas appris, .jsonl.")
    ],
    model: Annotated[
        str,
        typer.Option(
            "--model", metavar="MODÈLE", envvar="POUCE_MODEL", help="Dossier, alias ou version."
        ),
    ] = "champion",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FICHIER", help="Écrit aussi reference.json.")
    ] = None,
    store: StoreOption = None,
) -> None:
    """Fait la référence d'un modèle sur d'autres textes que ceux de son export.

    Un modèle exporté porte déjà la sienne (reference.json) ; il n'en faut une autre que pour un
    modèle exporté auparavant, ou servi par torch. De chaque famille de textes un seul est compté.

    Étape suivante : « pouce serve drift check », chaque semaine.

    Code 0 : enregistrée ; 2 : refusé.
    """
    with user_errors():
        from datetime import UTC, datetime

        from nlu.inference.prediction_reference import engine_reference
        from nudge.french.numbers import count
        from serving.cli_serve.model_errors import model_errors
        from serving.learning.drift_store import keep_reference
        from serving.learning.reference import Reference, save_reference
        from serving.learning.reference_texts import read_reference_texts
        from serving.runtime.classification import version_of
        from serving.store.database import open_serving_store

        read = read_reference_texts(corpus)
        with model_errors(model):
            engine = _engine(model)
        counted = engine_reference(engine, read.texts, families=read.families)
        now = datetime.now(UTC)
        version = version_of(engine.describe())
        reference = Reference(
            model_version=version, source="corpus", made_at=now, predictions=counted
        )
        keep_reference(open_serving_store(store), reference, made_at=now)
        if out is not None:
            save_reference(reference, out)
    texts = sum(counted.intents.values())
    say(f"Référence de {version} : {count(texts, 'texte')}, un par famille.")


@app.command("reference-traffic")
def traffic_reference_command(
    first_week: Annotated[
        str, typer.Option("--first", metavar="AAAA-Wnn", help="Première semaine de la référence.")
    ],
    last_week: Annotated[
        str, typer.Option("--last", metavar="AAAA-Wnn", help="Dernière semaine, comprise.")
    ],
    model_version: Annotated[
        str, typer.Option("--model-version", metavar="VERSION", help="Version, comme dans /readyz.")
    ],
    model: ModelOption = "champion",
    store: StoreOption = None,
) -> None:
    """Fait de quelques semaines de messages la référence d'un modèle, au lieu de son corpus.

    Étape suivante : « pouce serve drift check », chaque semaine.

    Code 0 : enregistrée ; 2 : refusé.
    """
    with user_errors():
        from datetime import UTC, datetime, timedelta

        from nlu.inference.prediction_reference import (
            FEWEST,
            prediction_reference,
            redacted_embeddings,
        )
        from nudge.errors import CampaignError, Problem
        from nudge.french.numbers import count
        from serving.learning.drift_store import keep_reference, predicted_messages
        from serving.learning.reference import Reference
        from serving.runtime.classification import version_of
        from serving.store.database import open_serving_store

        opened = open_serving_store(store)
        first, last = _monday(first_week), _monday(last_week) + timedelta(days=6)
        read = predicted_messages(opened, model_version, first=first, last=last)
        if len(read.intents) < FEWEST:
            raise CampaignError(
                Problem(
                    place=f"{first_week} à {last_week}",
                    what=f"{len(read.intents)} conversations lues par ce modèle",
                    mend=f"choisir des semaines qui en ont {FEWEST} au moins",
                )
            )
        engine = _engine_or_none(model)
        if engine is not None and version_of(engine.describe()) != model_version:
            engine = None
        counted = prediction_reference(
            read.intents,
            read.confidences,
            embeddings=None if engine is None else redacted_embeddings(engine, read.texts),
        )
        now = datetime.now(UTC)
        reference = Reference(
            model_version=model_version, source="traffic", made_at=now, predictions=counted
        )
        keep_reference(opened, reference, made_at=now)
    say(f"Référence de {model_version} : {count(len(read.intents), 'conversation')}.")
    if counted.embeddings is None:
        reason: Missing = "model" if engine is None else "texts"
        say(f"Sens des messages : {MISSING[reason]}.")


@app.command("check")
def check_command(
    week: WeekOption = None, model: ModelOption = "champion", store: StoreOption = None
) -> None:
    """Compare les messages d'une semaine avec la référence du modèle.

    Trois mesures : part des intentions, confiance, sens des messages (distance entre moyennes des
    plongements). Une semaine sans alerte n'est pas une semaine sans dérive : la réponse dit ce qui
    aurait été vu. Le résultat est gardé, donné à /metrics et inscrit dans MLflow (figure, table).

    Code 0 : aucune alerte ; 1 : à surveiller ou alerte ; 2 : refusé.
    """
    with user_errors():
        from datetime import UTC, datetime

        from serving.learning.drift_run import check_week, week_before
        from serving.store.database import open_serving_store

        now = datetime.now(UTC)
        chosen = week or week_before(now.date())
        _monday(chosen)
        opened, engine = open_serving_store(store), _engine_or_none(model)
        reference = _reference(opened, engine)
        drift = check_week(opened, chosen, reference=reference, engine=engine, now=now)
    for line in report_lines(drift, week=chosen):
        say(line)
    if drift.level != "ok":
        raise typer.Exit(1)


def report_lines(drift: "Drift", *, week: str) -> list[str]:
    """Return what a person reads of a check, in French."""
    from nudge.french.numbers import count, decimal_comma, points

    texts = count(drift.n_week, "conversation")
    if not drift.enough:
        return [f"{week} : {texts}, trop peu pour comparer. Aucune conclusion."]
    lines = [
        f"{week} : {WORDS[drift.level]} ({texts}, {drift.n_reference} en référence).",
        *_table(drift),
    ]
    if drift.embeddings_missing is not None:
        lines.append(f"Sens des messages : {MISSING[drift.embeddings_missing]}.")
    if drift.level != "ok":
        moved = ", ".join(f"{name or 'aucune'} {points(change)}" for name, change in drift.moved)
        lines.append(f"Ce qui a le plus bougé : {moved}.")
    elif drift.detectable_points is None:
        lines.append("Avec si peu de messages, seule une dérive très forte aurait été vue.")
    else:
        size = decimal_comma(100 * drift.detectable_points, 0)
        lines.append(
            f"Un report de {size} points vers une intention aurait été vu quatre fois sur cinq ; "
            "un plus petit a pu passer inaperçu."
        )
    return lines


def _table(drift: "Drift") -> list[str]:
    """Return one line a measure, its distance beside what chance gives."""
    from nudge.french.numbers import decimal_comma
    from serving.learning.drift import WATCH_P
    from serving.learning.drift_figure import NAMES, measure_rows

    head = ("Mesure", "distance", "hasard, 1 sur 20", "p ajustée", "verdict")
    rows = [
        (
            NAMES[row.measure],
            decimal_comma(row.distance, 3),
            decimal_comma(row.by_chance, 3),
            decimal_comma(row.p_adjusted, 3),
            "dérive" if row.p_adjusted < WATCH_P else "rien de net",
        )
        for row in measure_rows(drift)
    ]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if place in (0, 4) else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (head, *rows)
    ]


def _reference(store: "Store", engine: "Engine | None") -> "Reference":
    """Return the reference that was kept for a model, or else the one exported with it."""
    from nudge.errors import CampaignError, Problem
    from serving.learning.drift_store import kept_reference
    from serving.learning.reference import model_reference
    from serving.runtime.classification import version_of

    if engine is None:
        found = kept_reference(store)
    else:
        description = engine.describe()
        version = version_of(description)
        found = kept_reference(store, version) or model_reference(Path(description.folder), version)
    if found is None:
        raise CampaignError(
            Problem(
                place="dérive",
                what="ce modèle n'a pas de référence",
                mend="l'exporter de nouveau par « pouce nlu export --publish », ou faire sa "
                "référence par « pouce serve drift reference »",
            )
        )
    return found


def _engine_or_none(model: str) -> "Engine | None":
    from nlu.errors import InputError

    try:
        return _engine(model)
    except InputError:
        return None


def _engine(model: str) -> "Engine":
    """Open a model as the service does, so that its version has the same name."""
    from nlu.encoder.cache import cache_root
    from nlu.inference.engine_choice import choose_engine
    from nlu.inference.hot_reload import HotReload
    from nlu.registry.aliases import CHAMPION
    from nlu.registry.serving_versions import ChampionSource
    from nlu.registry.versions import resolve_model

    if model != CHAMPION:
        # A serving folder is none that the registry knows.
        folder = Path(model)
        return choose_engine(folder if folder.is_dir() else resolve_model(model).folder)
    cache = cache_root() / "serving"
    return HotReload(ChampionSource(), cache, install=lambda _engine: None).open()


def _monday(week: str) -> "date":
    from nudge.errors import CampaignError, Problem
    from serving.learning.drift_run import first_day

    try:
        return first_day(week)
    except ValueError:
        mend = "écrire l'année et la semaine ISO, par exemple 2026-W46"
        raise CampaignError(
            Problem(place="--week", what=f"« {week[:20]} » n'est pas une semaine", mend=mend)
        ) from None
