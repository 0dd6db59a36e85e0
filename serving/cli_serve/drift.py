"""``pouce serve drift``: the reference of a model, and the check of a week."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nudge.cli.console import StoreOption, say, user_errors

if TYPE_CHECKING:
    from datetime import date

    from nlu.inference.engine import Engine
    from serving.learning.drift import Drift

app = typer.Typer(
    help="Dérive : les messages d'une semaine comparés à une référence.", no_args_is_help=True
)
WORDS = {"ok": "rien à signaler", "watch": "à surveiller", "alert": "alerte"}
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
        str, typer.Option("--model", metavar="MODÈLE", help="Dossier, alias ou version.")
    ] = "champion",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FICHIER", help="Écrit aussi reference.json.")
    ] = None,
    store: StoreOption = None,
) -> None:
    """Fait la référence d'un modèle qui vient d'être promu, sur des textes mis de côté.

    Étape suivante : « pouce serve drift check », chaque semaine.

    Code 0 : enregistrée ; 2 : refusé.
    """
    with user_errors():
        import json
        from datetime import UTC, datetime

        from nlu.inference.engine import predict
        from nudge.french.numbers import count
        from serving.cli_serve.model_errors import model_errors
        from serving.learning.drift_store import keep_reference
        from serving.learning.reference import make_reference, save_reference
        from serving.runtime.classification import version_of
        from serving.store.database import open_serving_store

        with model_errors(model):
            engine = _engine(model)
        rows = map(json.loads, _read(corpus).splitlines())
        found = predict(engine, [row["text"] for row in rows])
        reference = make_reference(
            [one.intent for one in found],
            [one.confidence for one in found],
            model_version=version_of(engine.describe()),
            source="corpus",
            made_at=datetime.now(UTC),
        )
        keep_reference(open_serving_store(store), reference)
        if out is not None:
            save_reference(reference, out)
    say(f"Référence de {reference.model_version} : {count(len(found), 'texte')}.")


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
    store: StoreOption = None,
) -> None:
    """Fait de quelques semaines de messages la référence d'un modèle, au lieu de son corpus.

    Étape suivante : « pouce serve drift check », chaque semaine.

    Code 0 : enregistrée ; 2 : refusé.
    """
    with user_errors():
        from datetime import UTC, datetime, timedelta

        from nudge.errors import CampaignError, Problem
        from nudge.french.numbers import count
        from serving.learning.drift import FEWEST
        from serving.learning.drift_store import keep_reference, predicted_messages
        from serving.learning.reference import make_reference
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
        reference = make_reference(
            read.intents,
            read.confidences,
            model_version=model_version,
            source="traffic",
            made_at=datetime.now(UTC),
        )
        keep_reference(opened, reference)
    say(f"Référence de {model_version} : {count(len(read.intents), 'conversation')}.")


@app.command("check")
def check_command(week: WeekOption = None, store: StoreOption = None) -> None:
    """Compare les messages d'une semaine avec la référence du modèle.

    Une semaine sans alerte n'est pas une semaine sans dérive : la réponse dit ce qui aurait été vu.

    Code 0 : rien à signaler ; 1 : à surveiller ou alerte ; 2 : refusé.
    """
    with user_errors():
        from datetime import UTC, datetime

        from serving.learning.drift_run import check_week, week_before
        from serving.store.database import open_serving_store

        now = datetime.now(UTC)
        chosen = week or week_before(now.date())
        _monday(chosen)
        drift = check_week(open_serving_store(store), chosen, now=now)
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
    lines = [f"{week} : {WORDS[drift.level]} ({texts}, {drift.n_reference} en référence)."]
    for name, found in (("Intentions", drift.intents), ("Confiance", drift.confidence)):
        if found is not None:
            lines.append(
                f"{name} : distance {decimal_comma(found.jensen_shannon, 2)} "
                f"[{decimal_comma(found.low, 2)} ; {decimal_comma(found.high, 2)}], "
                f"indice {decimal_comma(found.psi, 3)}"
            )
    if drift.level != "ok":
        moved = ", ".join(f"{name or 'rien'} {points(change)}" for name, change in drift.moved)
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


def _read(path: Path) -> str:
    from nudge.errors import CampaignError, Problem

    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CampaignError(
            Problem(place=str(path), what=f"fichier illisible ({type(error).__name__})",
                    mend="donner un corpus .jsonl en UTF-8")
        ) from error  # fmt: skip


def _engine(model: str) -> "Engine":
    """Open a model as the service does, so that its version has the same name."""
    from nlu.encoder.embedded import cache_root
    from nlu.inference.engine_choice import choose_engine
    from nlu.inference.hot_reload import HotReload
    from nlu.registry.aliases import CHAMPION
    from nlu.registry.serving_versions import ChampionSource
    from nlu.registry.versions import resolve_model

    if model != CHAMPION:
        return choose_engine(resolve_model(model).folder)
    cache = cache_root() / "serving"
    cache.mkdir(parents=True, exist_ok=True)
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
