"""The plain pipeline of transformers behind ``POST /v1/parse``, in the fewest lines of FastAPI.

``python transformers_server.py CLASSIFIER PORT``. One request at a time is in the network: torch
already uses every processor.
"""

import sys
from pathlib import Path
from threading import Lock
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from sequence_classification import classification_pipeline, classify


class ParseRequest(BaseModel):
    texts: list[str]


def create_app(folder: Path) -> FastAPI:
    app, pipe, alone = FastAPI(), classification_pipeline(folder), Lock()

    @app.get("/readyz")
    def readyz() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/v1/parse")
    def parse(asked: ParseRequest, batch_size: int = 1) -> dict[str, Any]:
        with alone:
            return {"results": classify(pipe, asked.texts, batch_size=batch_size)}

    return app


if __name__ == "__main__":
    uvicorn.run(create_app(Path(sys.argv[1])), port=int(sys.argv[2]), access_log=False)
