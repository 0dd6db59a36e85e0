"""``POST /v1/contacts``: contacts of the other channels, from the client relation tool's export."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from anyio import from_thread
from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool

from nudge.errors import Problem
from serving.contacts.contacts_report import ContactsReport, RefusedContactsError
from serving.contacts.vocabulary import vocabulary_in
from serving.runtime.classification import classify
from serving.runtime.services import Services, services_of
from serving.security.problem import READING, FieldProblem, ProblemError, documented
from serving.security.scopes import needs

router = APIRouter(tags=["autres canaux"])

CSV = "text/csv"
BODY_BYTES = 20 * 1_048_576
MOST_PROBLEMS = 100
LONGEST_WORDS = 300
BODY = {
    "required": True,
    "content": {
        CSV: {
            "schema": {"type": "string", "description": "Export décrit par contacts.schema.json."},
            "example": "pseudonyme;date;canal;commune\nu-48213;02/03/2026;telephone;14220\n",
        }
    },
}
EXAMPLE = {
    "file": "contacts.csv", "sha256": "0f" * 32, "n_rows": 1, "n_new": 1, "n_known": 0,
    "n_classified": 0, "n_untyped": 1, "notices": [],
}  # fmt: skip


@router.post(
    "/v1/contacts",
    summary="Importer les contacts des autres canaux",
    responses={
        200: {"content": {"application/json": {"example": EXAMPLE}}},
        **documented(READING),
    },
    **needs("contacts", body_limit=BODY_BYTES, media_types=(CSV,), body=BODY),
)
async def contacts(
    request: Request, services: Annotated[Services, Depends(services_of)]
) -> ContactsReport:
    """Importe un export CSV (« contacts.schema.json ») : toutes ses lignes, ou aucune.

    Un contact déjà connu n'entre pas deux fois. Ceux qui n'ont pas de thème sont typés d'après
    leur texte, expurgé, qui n'est pas conservé.
    """
    return await run_in_threadpool(_imported, await request.body(), services)


def _imported(content: bytes, services: Services) -> ContactsReport:
    # Loaded with the first import: most replicas never see one.
    from serving.contacts.import_contacts import import_contacts

    def classified(texts: Sequence[str]) -> list[str | None]:
        return from_thread.run(_classify, services, texts)

    with TemporaryDirectory() as folder:
        file = Path(folder) / "contacts.csv"
        file.write_bytes(content)
        try:
            return import_contacts(
                services.store,
                file,
                vocabulary=vocabulary_in(services.settings.datasets),
                now=services.now(),
                classify=classified,
            )
        except RefusedContactsError as error:
            raise _refusal(error) from error


async def _classify(services: Services, texts: Sequence[str]) -> list[str | None]:
    found = await classify(
        texts,
        batcher=services.batcher,
        knowledge=services.knowledge,
        deadline=services.settings.deadline_seconds,
    )
    return [one.intent for one in found.understandings]


def _refusal(error: RefusedContactsError) -> ProblemError:
    n = max(error.log.n, len(error.problems))
    return ProblemError(
        kind="validation",
        detail=f"Le fichier a {n} anomalie{'s' if n > 1 else ''} : rien n'est importé.",
        errors=tuple(map(_field, error.problems[:MOST_PROBLEMS])),
    )


def _field(problem: Problem) -> FieldProblem:
    line = f"ligne {problem.row}" if problem.row is not None else "fichier"
    column = f", « {_short(problem.column)} »" if problem.column else ""
    return FieldProblem(
        place=f"{line}{column}", what=_short(problem.what), mend=_short(problem.mend)
    )


def _short(text: str) -> str:
    # A title may be the whole of a file that is no CSV.
    return text if len(text) <= LONGEST_WORDS else f"{text[:LONGEST_WORDS]}…"
