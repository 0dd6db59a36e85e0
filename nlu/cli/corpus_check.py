"""``pouce nlu corpus check``."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nlu.cli.console import err, out, user_errors

if TYPE_CHECKING:
    from nlu.corpus.checks import CorpusReport


def command(
    corpus: Annotated[
        Path, typer.Argument(help="Folder with intents.yaml and utterances/*.jsonl.")
    ] = Path("datasets/sophie"),
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Check a corpus: counts, registers, families, splits, leakage, label conflicts, diversity.

    Leaves with status 1 when a rule is broken, 2 when a file cannot be read.
    """
    with user_errors():
        from nlu.corpus.checks import check_corpus

        report = check_corpus(corpus)
    if as_json:
        from dataclasses import asdict

        out.print_json(json.dumps(asdict(report), ensure_ascii=False))
    else:
        _show(report)
    if report.violations:
        for violation in report.violations[:50]:
            err.print(f"[red]{violation.check}[/]", end=" ")
            err.print(violation.message, markup=False, highlight=False, soft_wrap=True)
        err.print(f"{len(report.violations)} violations")
        raise typer.Exit(1)
    err.print("[green]The corpus passes every check.[/]")


def _show(report: "CorpusReport") -> None:
    from rich.table import Table

    table = Table(title="Rows by intent")
    table.add_column("intent")
    splits = list(report.intents[0].rows)
    for name in (*splits, "families", "std", "oral", "sms", "indirect"):
        table.add_column(name, justify="right")
    for intent in report.intents:
        total = sum(intent.registers.values()) or 1
        table.add_row(
            intent.intent,
            *(str(count) for count in intent.rows.values()),
            str(intent.families),
            *(f"{count / total:.0%}" for count in intent.registers.values()),
        )
    totals = [sum(intent.rows[split] for intent in report.intents) for split in splits]
    table.add_section()
    table.add_row("all", *(str(total) for total in totals))
    out.print(table)
    distinct = ", ".join(f"distinct-{size} {share:.3f}" for size, share in report.distinct.items())
    out.print(f"{sum(totals)} rows, median length {report.median_words} words, {distinct}")
