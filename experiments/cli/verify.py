"""``pouce experiment verify``."""

import json
from pathlib import Path
from typing import Annotated

import typer

from experiments.cli.console import err, out, user_errors

DIFFERENT = 1


def verify_command(
    folder: Annotated[Path, typer.Argument(help="Folder written by pouce experiment design.")],
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Also write the result as JSON.")
    ] = None,
) -> None:
    """Run a draw again from its design, clusters and seed, and name every difference.

    Status 0: identical; 1: something differs; 2: a file is missing or cannot be read.
    """
    with user_errors():
        from dataclasses import asdict

        from experiments.design.verification import verify
        from experiments.errors import InputError

        result = verify(folder)
        if json_file is not None:
            text = json.dumps(
                {"identical": result.identical, **asdict(result)}, ensure_ascii=False, indent=2
            )
            try:
                json_file.write_text(text + "\n", encoding="utf-8")
            except OSError as error:
                raise InputError(f"--json {json_file}: {error.strerror}") from None
    for remark in result.remarks:
        err.print(f"note: {remark}", markup=False, highlight=False, soft_wrap=True)
    if not result.identical:
        for difference in result.differences:
            err.print(f"differs: {difference}", markup=False, highlight=False, soft_wrap=True)
        err.print(f"{len(result.differences)} differences: this is not the draw as it was made")
        raise typer.Exit(DIFFERENT)
    out.print(
        f"identical: {result.n_clusters} clusters, seed {result.seed}, fingerprint "
        f"{result.fingerprint}",
        soft_wrap=True,
        highlight=False,
    )
