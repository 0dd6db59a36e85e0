"""``pouce experiment example``."""

from pathlib import Path
from typing import Annotated

import typer

from experiments.cli.console import out, user_errors


def command(
    output: Annotated[Path, typer.Argument(help="CSV file to write.")] = Path("star.csv"),
) -> None:
    """Write a real trial to try everything on: Project STAR's kindergarten classes, 1985-1986."""
    with user_errors():
        from experiments.examples import project_star

        pupils = project_star()
    output.parent.mkdir(parents=True, exist_ok=True)
    pupils.to_csv(output, index=False)
    out.print(
        f"{output}: {len(pupils)} pupils, {pupils['class'].nunique()} classes in "
        f"{pupils['school'].nunique()} schools, arms in column class_type, outcomes math and read",
        soft_wrap=True,
    )
