"""Time the network of a serving folder in this process: ``python model_call.py FOLDER CALLS``.

One message of exactly 16 tokens a call, from the corpus, on all processors. Prints JSON.
"""

import json
import sys
import time

from messages import corpus_messages

from nlu.inference.onnx_engine import OnnxEngine

TOKENS = 16


def main() -> None:
    engine = OnnxEngine.load(sys.argv[1])
    encoded = engine.encode(corpus_messages())
    rows = [ids for ids in encoded.token_ids if len(ids) == TOKENS]
    for ids in rows[:20]:
        engine.network([ids])
    wall, busy = [], time.process_time()
    for call in range(int(sys.argv[2])):
        started = time.perf_counter()
        engine.network([rows[call % len(rows)]])
        wall.append(1e3 * (time.perf_counter() - started))
    busy = time.process_time() - busy
    json.dump(
        {"milliseconds": wall, "cpu": 1e3 * busy / len(wall), "messages": len(rows)}, sys.stdout
    )


if __name__ == "__main__":
    main()
