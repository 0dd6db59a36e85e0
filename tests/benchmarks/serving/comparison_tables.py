"""The tables of the comparison, in Markdown."""

import math
from collections.abc import Mapping

import numpy as np
from measurements import (
    OK,
    TOO_MANY,
    UNANSWERED,
    Interval,
    Latencies,
    ServerFigures,
    agreement,
    mean_of_rounds,
    ratio_of_rounds,
)
from server_processes import OURS, PIPELINE

BATCHED_PIPELINE = f"{PIPELINE}, batch_size=32"
COLUMNS = {"20": "20/s", "100": "100/s", "half": "half of saturation", "saturation": "saturation"}
Figures = Mapping[str, ServerFigures]


def tables(figures: Figures, call: Mapping[str, Interval]) -> str:
    """All tables, one empty line between them."""
    parts = [_costs(figures), _latencies(figures), _batches(figures), _answers(figures)]
    return "\n\n".join("\n".join(part) for part in [*parts, _bars(figures, call)])


def _table(*head: str) -> list[str]:
    return [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _costs(figures: Figures) -> list[str]:
    lines = _table(
        "one text a request", "ready, s", "resident MB (proportional; peak)", "CPU ms a text",
        "saturation, requests/s", "ratio to the pipeline",
    )  # fmt: skip
    pipeline = figures[PIPELINE].rates["one"]
    for name, one in figures.items():
        memory = one.memory
        lines.append(
            _row(
                name,
                f"{np.median(one.ready):.1f}",
                f"{memory['resident']:.0f} ({memory['proportional']:.0f}; {memory['peak']:.0f})",
                mean_of_rounds(one.cpu["one"]).text(),
                mean_of_rounds(one.rates["one"]).text(0),
                ratio_of_rounds(one.rates["one"], pipeline).text(),
            )
        )
    return lines


def _latencies(figures: Figures) -> list[str]:
    lines = _table("p50 / p95 / p99 [95 % of p99], ms", *COLUMNS.values())
    for name, one in figures.items():
        cells = [_latency(one.latencies.get(column)) for column in COLUMNS]
        cells[2] = f"{one.saturation / 2:.0f}/s: {cells[2]}"
        cells[3] = f"{one.connections} waiting: {cells[3]}"
        lines.append(_row(name, *cells))
    return lines


def _latency(found: Latencies | None) -> str:
    if found is None or not found.blocks:
        return "beyond saturation"
    p50, p95, p99 = found.quantiles()
    return f"{p50.value:.1f} / {p95.value:.1f} / {p99.text()}"


def _batches(figures: Figures) -> list[str]:
    lines = _table(
        "32 texts a request", "texts/s", "ratio to the pipeline", "ratio to it with batch_size=32",
        "CPU ms a text",
    )  # fmt: skip
    plain = figures[PIPELINE].rates[PIPELINE]
    batched = figures[PIPELINE].rates[BATCHED_PIPELINE]
    for one in figures.values():
        for name, rates in one.rates.items():
            if name != "one":
                lines.append(
                    _row(
                        name,
                        mean_of_rounds(rates).text(0),
                        ratio_of_rounds(rates, plain).text(),
                        ratio_of_rounds(rates, batched).text(),
                        mean_of_rounds(one.cpu[name]).text(),
                    )
                )
    return lines


def _answers(figures: Figures) -> list[str]:
    lines = _table(
        "answers", "requests", "429", "other refusals", "unanswered", f"same intent as {OURS}"
    )
    ours = figures[OURS].intents
    for name, one in figures.items():
        told = one.statuses
        other = told.total() - told[OK] - told[TOO_MANY] - told[UNANSWERED]
        counts = (told.total(), told[TOO_MANY], other, told[UNANSWERED])
        same = f"{100 * agreement(one.intents, ours):.1f} % of {len(ours)}"
        lines.append(_row(name, *map(str, counts), same))
    return lines


def _bars(figures: Figures, call: Mapping[str, Interval]) -> list[str]:
    ours, pipeline = figures[OURS], figures[PIPELINE]
    half = ours.latencies["half"].quantiles()[2]
    batch = ratio_of_rounds(ours.rates[OURS], pipeline.rates[BATCHED_PIPELINE])
    plain = ratio_of_rounds(ours.rates[OURS], pipeline.rates[PIPELINE])
    single = ratio_of_rounds(ours.rates["one"], pipeline.rates["one"])
    ready, resident = float(np.median(ours.ready)), ours.memory["resident"]
    same = agreement(pipeline.intents, ours.intents)
    lines = _table("aim", "measured", "")
    rows = [
        ("model call, 16 tokens, p50 ≤ 6 ms",
         f"{call['p50'].text(2)} ms; p99 {call['p99'].text(2)}; CPU {call['cpu'].text(2)}",
         call["p50"].value <= 6),
        ("requests of one text ≥ 4 × the pipeline", single.text(), single.value >= 4),
        ("batches of 32 ≥ 4 × the pipeline", plain.text(), plain.value >= 4),
        ("batches of 32 ≥ 4 × it with batch_size=32", batch.text(), batch.value >= 4),
        ("p99 ≤ 60 ms at half of saturation", f"{half.text()} ms", half.value <= 60),
        ("resident ≤ 700 MB", f"{resident:.0f} MB", resident <= 700),
        ("ready ≤ 8 s", f"{ready:.1f} s", ready <= 8),
        ("same intent as the pipeline ≥ 97 %", f"{100 * same:.1f} %", same >= 0.97),
    ]  # fmt: skip
    return [
        *lines,
        *(_row(aim, found, "met" if met else "**not met**") for aim, found, met in rows),
    ]


def call_summary(rounds: list[Mapping[str, object]]) -> dict[str, Interval]:
    """Quantiles of the model call over all rounds, and its processor time."""
    found = Latencies(blocks=[np.asarray(one["milliseconds"], np.float64) for one in rounds])
    p50, _p95, p99 = found.quantiles()
    cpu = mean_of_rounds([float(str(one["cpu"])) for one in rounds])
    return {"p50": p50, "p99": p99, "cpu": cpu}


def is_beyond(rate: float, saturation: float) -> bool:
    """Whether an open loop at that rate has no steady state: its figures would be its length."""
    return math.isnan(saturation) or rate > 0.9 * saturation
