"""Training speed on this machine: what each choice of the defaults buys.

Run it by hand on a quiet machine: ``python tests/benchmarks/nlu/training_speed.py``. Every
configuration trains the embedded encoder on the same batches of Sophie's corpus; the ratio is
against the first row, in the same run. Not collected by pytest: speed is reported, not asserted.
"""

import random
import resource
import statistics
import time
from pathlib import Path

import torch

from nlu.classifier.network import MeanPoolingClassifier
from nlu.corpus.loading import load_corpus
from nlu.encoder.precision import Hardware, autocast, choose_hardware
from nlu.encoder.source import fast_attention, load_encoder
from nlu.training.parameter_groups import freeze, parameter_groups

ROOT = Path(__file__).parents[3]
BASE = {
    "precision": "fp32",
    "attention": "sdpa",
    "dropout": 0.1,
    "embeddings": False,
    "layers": 0,
    "padding": "longest",
    "threads": 0,
}
CASES = {
    "float32, everything trained": {},
    "+ padded to 64 tokens": {"padding": "max_length"},
    "+ one thread": {"threads": 1},
    "+ frozen word embeddings": {"embeddings": True},
    "+ bfloat16 (where native)": {"embeddings": True, "precision": "auto"},
    "+ plain attention": {"embeddings": True, "precision": "auto", "attention": "auto"},
    "+ no encoder dropout": {
        "embeddings": True, "precision": "auto", "attention": "auto", "dropout": 0.0,
    },
    "+ 4 lowest layers frozen (default)": {
        "embeddings": True, "precision": "auto", "attention": "auto", "dropout": 0.0, "layers": 4,
    },
}  # fmt: skip


def batches(tokenizer, size: int = 32, count: int = 12) -> list[list[str]]:
    texts = load_corpus(ROOT / "datasets" / "sophie")["train"]["text"][::5]
    texts = sorted(texts, key=lambda text: len(tokenizer(text)["input_ids"]))
    groups = [texts[start : start + size] for start in range(0, len(texts) - size, size)]
    random.Random(0).shuffle(groups)
    return groups[:count]


def seconds_per_batch(case: dict) -> list[float]:
    chosen = BASE | case
    torch.set_num_threads(chosen["threads"] or torch.get_num_threads())
    encoder = load_encoder("embedded", dropout=chosen["dropout"])
    attention = fast_attention() if chosen["attention"] == "auto" else chosen["attention"]
    encoder.model.set_attn_implementation(attention)
    hardware = choose_hardware(chosen["precision"])
    network = MeanPoolingClassifier(encoder.model, 45).to(hardware.device).train()
    freeze(network, word_embeddings=chosen["embeddings"], layers=chosen["layers"])
    optimizer = torch.optim.AdamW(
        parameter_groups(
            network,
            learning_rate=1e-4,
            head_learning_rate=1e-4,
            layer_decay=0.9,
            weight_decay=0.01,
        ),
        fused=True,
    )
    times = []
    for texts in batches(encoder.tokenizer):
        started = time.perf_counter()
        step(network, encoder.tokenizer, optimizer, texts, chosen["padding"], hardware)
        times.append((time.perf_counter() - started) / len(texts))
    return times[2:]


def step(network, tokenizer, optimizer, texts, padding: str, hardware: Hardware) -> None:
    batch = tokenizer(
        texts, padding=padding, truncation=True, max_length=64, return_tensors="pt"
    ).to(hardware.device)
    labels = torch.zeros(len(texts), dtype=torch.long, device=hardware.device)
    with autocast(hardware):
        loss = network(batch["input_ids"], batch["attention_mask"], labels)["loss"]
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad()


def main() -> None:
    threads = torch.get_num_threads()
    print("| configuration | messages/s | ratio | peak memory GiB |\n|---|---|---|---|")
    reference = None
    for name, case in CASES.items():
        torch.set_num_threads(threads)
        speed = 1 / statistics.median(seconds_per_batch(case))
        reference = reference or speed
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
        print(f"| {name} | {speed:.0f} | {speed / reference:.2f} | {peak:.1f} |", flush=True)


if __name__ == "__main__":
    main()
