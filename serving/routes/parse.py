"""``POST /v1/parse``: intents and entities of texts, nothing kept."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from nlu.calibration.decision import Decision
from nlu.classifier.scoring import MOST_CHARACTERS
from nlu.entities.entity import Entity
from nlu.entities.extract import extract_entities
from nlu.entities.resources import EntityResources
from serving.dialogue.reply import Channel
from serving.dialogue.understanding import Understanding
from serving.observability.request_record import record_of
from serving.runtime.classification import classify
from serving.runtime.services import PARIS, Services, services_of
from serving.security.problem import READING, documented
from serving.security.scopes import needs

router = APIRouter(tags=["Sophie"])

MOST_TEXTS = 256
STRICT = ConfigDict(frozen=True, extra="forbid")
CitizenText = Annotated[str, Field(max_length=MOST_CHARACTERS)]


class ParseRequest(BaseModel):
    """Texts to understand."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "texts": ["Quand passe le bac jaune à Deauville ?", "cest kan les encombrants"],
                    "channel": "web",
                }
            ]
        },
    )

    texts: list[CitizenText] = Field(
        min_length=1, max_length=MOST_TEXTS, description="De 1 à 256 textes."
    )
    channel: Channel = Field(default="web", description="Canal d'où viennent les textes.")


class RankedIntent(BaseModel):
    """An intent and its probability."""

    model_config = STRICT

    intent: str
    confidence: float = Field(ge=0, le=1)


class EntityCandidate(BaseModel):
    """One meaning of an entity that its words do not settle."""

    model_config = STRICT

    value: str
    label: str
    score: float = Field(ge=0, le=1)


class ParsedEntity(BaseModel):
    """What was recognised, and where."""

    model_config = STRICT

    name: str
    start: int = Field(ge=0)
    end: int = Field(ge=0, description="Fin, exclue, en caractères Unicode.")
    text: str
    value: str = Field(description="Vide quand les mots ne suffisent pas : il faut demander.")
    score: float = Field(ge=0, le=1)
    candidates: list[EntityCandidate]


class ParsedText(BaseModel):
    """What was understood of one text."""

    model_config = STRICT

    intent: str | None = Field(description="Intention la plus probable ; nulle sans rien à lire.")
    confidence: float = Field(ge=0, le=1)
    decision: Decision
    ranking: list[RankedIntent]
    out_of_scope: float = Field(ge=0, le=1)
    entities: list[ParsedEntity]


class ParseResponse(BaseModel):
    """Results, in the order of the texts."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "model_version": "sophie-intent-3@2b2f9a07c1de",
                    "degraded": False,
                    "results": [
                        {
                            "intent": "collecte_calendrier",
                            "confidence": 0.97,
                            "decision": "answer",
                            "ranking": [{"intent": "collecte_calendrier", "confidence": 0.97}],
                            "out_of_scope": 0.01,
                            "entities": [
                                {
                                    "name": "commune",
                                    "start": 27,
                                    "end": 36,
                                    "text": "Deauville",
                                    "value": "14220",
                                    "score": 1.0,
                                    "candidates": [],
                                }
                            ],
                        }
                    ],
                }
            ]
        },
    )

    model_version: str
    degraded: bool = Field(description="Vrai quand aucun modèle ne répond.")
    results: list[ParsedText]


@router.post(
    "/v1/parse",
    summary="Comprendre des textes",
    response_model=ParseResponse,
    responses=documented(READING),
    **needs("parse"),
)
async def parse(
    asked: ParseRequest, request: Request, services: Annotated[Services, Depends(services_of)]
) -> Response:
    """Donne l'intention et les entités de chaque texte. Rien n'est conservé.

    Aucune décision n'est prise sur une personne : « decision » dit seulement s'il faut répondre,
    demander une précision ou passer la main.
    """
    record = record_of(request.scope)
    found = await classify(
        asked.texts,
        batcher=services.batcher,
        knowledge=services.knowledge,
        deadline=services.settings.deadline_seconds,
    )
    for name, seconds in found.phases.items():
        record.add(name, seconds)
    today = services.now().astimezone(PARIS).date()
    with record.phase("entities"):
        entities = await run_in_threadpool(
            entities_of, asked.texts, resources=services.resources, today=today
        )
    for one in found.understandings:
        services.metrics.observe_answer(
            intent=one.intent,
            confidence=one.confidence,
            out_of_scope=one.out_of_scope,
            decision=one.decision,
            channel=asked.channel,
        )
    # Written at once, without a model a ranked intent: a batch of 256 texts has ten thousand.
    answer = {
        "model_version": found.model_version,
        "degraded": found.degraded,
        "results": [
            _result(one, found_there)
            for one, found_there in zip(found.understandings, entities, strict=True)
        ],
    }
    return Response(to_json(answer), media_type="application/json")


def entities_of(
    texts: list[str], *, resources: EntityResources, today: date
) -> list[tuple[Entity, ...]]:
    """Return the entities of each text."""
    return [extract_entities(text, resources=resources, today=today) for text in texts]


def _result(one: Understanding, entities: tuple[Entity, ...]) -> dict[str, Any]:
    """What a :class:`ParsedText` holds."""
    return {
        "intent": one.intent,
        "confidence": one.confidence,
        "decision": one.decision,
        "ranking": [
            {"intent": intent, "confidence": confidence} for intent, confidence in one.ranking
        ],
        "out_of_scope": one.out_of_scope,
        "entities": [_entity(entity) for entity in entities],
    }


def _entity(entity: Entity) -> dict[str, Any]:
    return {
        "name": entity.name,
        "start": entity.start,
        "end": entity.end,
        "text": entity.text,
        "value": entity.value,
        "score": entity.score,
        "candidates": [
            {"value": one.value, "label": one.label, "score": one.score}
            for one in entity.candidates
        ],
    }
