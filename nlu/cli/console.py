"""What every command shares: the two consoles, error exits and quiet libraries."""

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console

from nlu.errors import InputError

USER_ERROR = 2
REFUSED = 3

# Results go to stdout, progress and remarks to stderr, so that pipes stay clean.
out = Console()
err = Console(stderr=True)


@contextmanager
def user_errors() -> Iterator[None]:
    """Print an :class:`InputError` and leave with status 2 instead of a traceback."""
    try:
        yield
    except InputError as error:
        err.print("[bold red]Error:[/]", end=" ")
        err.print(str(error), markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(USER_ERROR) from None


def quiet_libraries() -> None:
    """Silence progress bars and warnings that say nothing to the user."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    # Told by the environment, before their first import: a command may need neither of the two.
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "ERROR")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    warnings.filterwarnings("ignore", category=FutureWarning)
    warnings.filterwarnings("ignore", category=UserWarning)
    for name in ("mlflow", "alembic", "transformers", "datasets"):
        logging.getLogger(name).setLevel(logging.ERROR)
