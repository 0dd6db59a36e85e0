"""The same ONNX engine behind ``POST /v1/parse`` without queue, keys, store, entities or metrics.

``python bare_server.py SERVING_FOLDER PORT``: what those cost is the difference.
"""

import sys
from threading import Lock
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

from nlu.inference.engine import predict
from nlu.inference.onnx_engine import OnnxEngine


class ParseRequest(BaseModel):
    texts: list[str]


def create_app(folder: str) -> FastAPI:
    app, engine, alone = FastAPI(), OnnxEngine.load(folder), Lock()

    @app.get("/readyz")
    def readyz() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/v1/parse")
    def parse(asked: ParseRequest) -> dict[str, Any]:
        with alone:
            found = predict(engine, asked.texts)
        return {"results": [one.to_dict() for one in found]}

    return app


if __name__ == "__main__":
    uvicorn.run(create_app(sys.argv[1]), port=int(sys.argv[2]), access_log=False)
