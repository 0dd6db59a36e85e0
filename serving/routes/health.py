"""Whether the service lives, and whether it is ready."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import text

from serving.runtime.classification import NO_MODEL, version_of
from serving.runtime.services import Services, services_of
from serving.security.problem import VISITED, documented
from serving.security.scopes import FILE_COST, public

router = APIRouter(tags=["service"])


class Alive(BaseModel):
    """The process answers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: Literal["ok"] = "ok"


class EngineState(BaseModel):
    """What runs the model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    runtime: str = Field(examples=["onnxruntime 1.32.0"])
    device: str = Field(examples=["cpu"])
    precision: str = Field(examples=["int8"])


class Readiness(BaseModel):
    """What answers."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "status": "ok",
                    "degraded": False,
                    "model_version": "sophie-intent-3@2b2f9a07c1de",
                    "engine": {
                        "runtime": "onnxruntime 1.32.0",
                        "device": "cpu",
                        "precision": "int8",
                    },
                    "queue": 0,
                }
            ]
        },
    )

    status: Literal["ok"] = "ok"
    degraded: bool = Field(description="Vrai quand aucun modèle ne répond : mots-clés seulement.")
    model_version: str = Field(description="Version qui répond.")
    engine: EngineState | None = Field(description="Ce qui exécute le modèle.")
    queue: int = Field(ge=0, description="Textes en attente du modèle.")


@router.get(
    "/healthz",
    summary="Le service vit",
    responses=documented(VISITED),
    **public(cost=FILE_COST),
)
async def healthz() -> Alive:
    """Dit que le processus répond ; rien d'autre n'est vérifié."""
    return Alive()


@router.get(
    "/readyz",
    summary="Le service est prêt",
    responses=documented([*VISITED, "unavailable"]),
    **public(),
)
def readyz(services: Annotated[Services, Depends(services_of)]) -> Readiness:
    """Dit quelle version du modèle répond, et que l'entrepôt de données répond."""
    with services.store.engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    batcher = services.batcher
    if batcher is None:
        return Readiness(degraded=True, model_version=NO_MODEL, engine=None, queue=0)
    described = batcher.engine.describe()
    return Readiness(
        degraded=False,
        model_version=version_of(described),
        engine=EngineState(
            runtime=described.runtime, device=described.device, precision=described.precision
        ),
        queue=batcher.waiting,
    )
