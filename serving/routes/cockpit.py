"""``GET /v1/cockpit``: the figures of the service, without those that would single somebody out."""

from functools import cache
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from nudge.territory.territory import load_table
from serving.cockpit.breakdown import Filter
from serving.cockpit.cockpit import Cockpit, cockpit_of
from serving.cockpit.commitments import Commitments, load_commitments
from serving.cockpit.communes import commune_groups
from serving.cockpit.facts import Counting, facts_of_year
from serving.contacts.vocabulary import vocabulary_in
from serving.runtime.services import PARIS, Services, services_of
from serving.security.problem import KEYED, FieldProblem, ProblemError, documented
from serving.security.scopes import needs

router = APIRouter(tags=["tableau de bord"])

Word = Annotated[str | None, Query(pattern=r"^[a-z0-9_]{2,40}$")]


@router.get(
    "/v1/cockpit",
    summary="Tableau de bord d'une année",
    responses=documented([*KEYED, "validation"]),
    **needs("cockpit"),
)
def cockpit(
    services: Annotated[Services, Depends(services_of)],
    year: Annotated[
        int | None,
        Query(
            ge=2000,
            le=2100,
            description="Année civile ; l'année en cours par défaut.",
            examples=[2026],
        ),
    ] = None,
    month: Annotated[int | None, Query(ge=1, le=12, description="Mois de cette année.")] = None,
    commune: Annotated[
        str | None, Query(pattern=r"^[a-z0-9_]{5,20}$", description="Code INSEE.")
    ] = None,
    theme: Word = None,
    channel: Word = None,
) -> Cockpit:
    """Donne les demandes par mois, canal, thème, nature et commune, et la qualité des réponses.

    Un filtre au plus, parmi « month », « commune », « theme » et « channel ». Les effectifs de 1
    à 4 sont masqués, avec ceux qui permettraient de les retrouver ; une petite commune est montrée
    avec ses semblables.
    """
    counting, commitments = _counting(services.settings.datasets)
    chosen = year or services.now().astimezone(PARIS).year
    only = _only(
        {
            "month": f"{chosen}-{month:02d}" if month else None,
            "commune": counting.communes.get(commune, commune) if commune else None,
            "theme": theme,
            "channel": channel,
        }
    )
    return cockpit_of(
        facts_of_year(services.store, chosen, counting),
        year=chosen,
        only=only,
        target_hours=commitments.hours,
        synthetic_targets=commitments.synthetic,
    )


def _only(given: dict[str, str | None]) -> Filter | None:
    filters = [Filter(dimension=name, value=value) for name, value in given.items() if value]
    if len(filters) > 1:
        names = ", ".join(one.dimension for one in filters)
        fault = FieldProblem(
            place=names,
            what="plusieurs filtres à la fois laisseraient des effectifs trop petits",
            mend="n'en garder qu'un : le détail par les autres dimensions est dans la réponse",
        )
        raise ProblemError(kind="validation", errors=(fault,))
    return filters[0] if filters else None


@cache
def _counting(datasets: Path) -> tuple[Counting, Commitments]:
    commitments = load_commitments(datasets / "contacts" / "engagements.yaml")
    communes = load_table("communes", datasets / "territory")
    groups = commune_groups(communes, fewest_inhabitants=commitments.fewest_inhabitants)
    counting = Counting(
        taxonomy=vocabulary_in(datasets).taxonomy,
        target_hours=commitments.hours,
        communes=groups,
    )
    return counting, commitments
