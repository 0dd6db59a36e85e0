"""Serving speed on this machine: what the ONNX graph in eight bits buys.

Run it by hand on a quiet machine: ``python tests/benchmarks/nlu/inference_speed.py MODEL`` with a
classifier folder. Messages of every engine are interleaved in one run, so that a busy neighbour
slows all of them; CPU time is beside wall time for the same reason. Memory and cold start are
those of a fresh process each. Not collected by pytest: speed is reported, not asserted.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from nlu.corpus.loading import load_corpus

ROOT = Path(__file__).parents[3]
TOKENS = 16
COLD = """
import json, sys, time
started = time.perf_counter()
from nlu.inference.engine_choice import choose_engine
from nlu.inference.engine import predict
engine = choose_engine(sys.argv[1], "cpu", threads=2)
predict(engine, ["quand passe le bac jaune ?"])
ready = time.perf_counter() - started
texts = json.loads(sys.stdin.read())
predict(engine, texts)
resident = next(int(line.split()[1]) for line in open("/proc/self/status") if "VmRSS" in line)
print(json.dumps({"ready": ready, "resident": resident / 1024}))
"""


def summary(times: list[float]) -> str:
    return f"{1e3 * np.median(times):.1f} | {1e3 * np.quantile(times, 0.99):.1f}"


def pipeline_call(model: Path):
    """The plain text-classification pipeline of transformers on the same encoder."""
    import torch
    from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer, pipeline

    torch.set_num_threads(2)
    config = AutoConfig.from_pretrained(model, num_labels=45)
    network = AutoModelForSequenceClassification.from_config(config).eval()
    return pipeline(
        "text-classification",
        model=network,
        tokenizer=AutoTokenizer.from_pretrained(model),
        device="cpu",
    )


def engines(model: Path, scratch: Path) -> dict:
    from nlu.inference.onnx_engine import OnnxEngine
    from nlu.inference.onnx_export import export_onnx, labelled_texts
    from nlu.inference.torch_engine import TorchEngine

    corpus = load_corpus(ROOT / "datasets" / "sophie")
    dev, test = labelled_texts(corpus["dev"]), labelled_texts(corpus["test"])
    made = {}
    for precision in ("int8", "fp32"):
        if (scratch / precision).is_dir():
            made[f"ONNX {precision}"] = OnnxEngine.load(scratch / precision, threads=2)
            continue
        parity = export_onnx(
            model,
            scratch / precision,
            calibration_texts=corpus["train"]["text"][:],
            dev=dev,
            test=test,
            precision=precision,
        )
        print(f"{precision}: {parity}\n", flush=True)
        made[f"ONNX {precision}"] = OnnxEngine.load(scratch / precision, threads=2)
    return made | {"torch eager fp32": TorchEngine.load(model)}


def measure(calls: dict, rounds: int) -> dict:
    wall, cpu = {name: [] for name in calls}, dict.fromkeys(calls, 0.0)
    for turn in range(rounds + 5):
        for name, call in calls.items():
            busy, started = time.process_time(), time.perf_counter()
            call()
            if turn >= 5:
                wall[name].append(time.perf_counter() - started)
                cpu[name] += (time.process_time() - busy) / rounds
    return {name: (wall[name], cpu[name]) for name in calls}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--exports", type=Path, help="folder that keeps the exports")
    given = parser.parse_args()
    from nlu.inference.engine import predict

    texts = list(load_corpus(ROOT / "datasets" / "sophie")["test"]["text"])[:256]
    with tempfile.TemporaryDirectory() as folder:
        scratch = given.exports or Path(folder)
        made = engines(given.model, scratch)
        rng = np.random.default_rng(0)
        row = [tuple(int(token) for token in rng.integers(100, 9_000, TOKENS))]
        calls = {name: (lambda e=e: e.network(row)) for name, e in made.items()}
        print(f"| one call, {TOKENS} tokens | p50 ms | p99 ms | CPU ms |\n|---|---|---|---|")
        for name, (wall, cpu) in measure(calls, given.rounds).items():
            print(f"| {name} | {summary(wall)} | {1e3 * cpu:.1f} |", flush=True)
        peer = pipeline_call(given.model)
        whole = {name: (lambda e=e: predict(e, texts)) for name, e in made.items()}
        whole |= {
            "transformers pipeline": lambda: peer(texts),
            "transformers pipeline, batches of 32": lambda: peer(texts, batch_size=32),
        }
        print("\n| 256 messages, text to decision | messages/s | ratio |\n|---|---|---|")
        figures = measure_whole(whole)
        slowest = figures["transformers pipeline"]
        for name, rate in figures.items():
            print(f"| {name} | {rate:.0f} | {rate / slowest:.1f} |", flush=True)
        print("\n| fresh process | ready s | resident MB |\n|---|---|---|")
        places = {"ONNX int8": scratch / "int8", "ONNX fp32": scratch / "fp32"}
        for name, place in (places | {"torch eager fp32": given.model}).items():
            done = subprocess.run(
                [sys.executable, "-c", COLD, str(place)],
                input=json.dumps(texts), capture_output=True, text=True, check=True,
            )  # fmt: skip
            cold = json.loads(done.stdout.splitlines()[-1])
            print(f"| {name} | {cold['ready']:.1f} | {cold['resident']:.0f} |", flush=True)


def measure_whole(calls: dict, rounds: int = 3) -> dict[str, float]:
    times = {name: [] for name in calls}
    for _turn in range(rounds):
        for name, call in calls.items():
            started = time.perf_counter()
            call()
            times[name].append(time.perf_counter() - started)
    return {name: 256 / float(np.median(values)) for name, values in times.items()}


if __name__ == "__main__":
    main()
