"""The pipeline of transformers behind LitServe with its dynamic batching.

``python litserve_server.py CLASSIFIER PORT``. Batches of up to 32 requests, and a wait for company
of two milliseconds, as ``pouce serve`` has it.
"""

import sys
from pathlib import Path
from typing import Any

import litserve
from sequence_classification import classification_pipeline, classify

BATCH = 32


class Sophie(litserve.LitAPI):
    def __init__(self, folder: Path) -> None:
        super().__init__(max_batch_size=BATCH, batch_timeout=0.002, api_path="/v1/parse")
        self._folder = folder

    def setup(self, device: str) -> None:
        self._pipe = classification_pipeline(self._folder)

    def decode_request(self, request: dict[str, Any]) -> list[str]:
        return request["texts"]

    def batch(self, inputs: list[list[str]]) -> list[list[str]]:
        return inputs

    def predict(self, requests: list[list[str]]) -> list[list[dict[str, Any]]]:
        texts = [text for request in requests for text in request]
        found = iter(classify(self._pipe, texts, batch_size=BATCH))
        return [[next(found) for _ in request] for request in requests]

    def unbatch(self, output: list[list[dict[str, Any]]]) -> list[list[dict[str, Any]]]:
        return output

    def encode_response(self, output: list[dict[str, Any]]) -> dict[str, Any]:
        return {"results": output}


if __name__ == "__main__":
    server = litserve.LitServer(Sophie(Path(sys.argv[1])), accelerator="cpu", workers_per_device=1)
    server.run(
        host="127.0.0.1", port=int(sys.argv[2]), generate_client_file=False, log_level="warning"
    )
