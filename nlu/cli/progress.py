"""Progress of a training run in the terminal."""

from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from transformers import TrainerCallback


class TrainingProgress(TrainerCallback):  # type: ignore[misc]
    """One bar over all steps, one line for each epoch."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("steps,"),
            TimeRemainingColumn(),
            TextColumn("left"),
            console=console,
        )
        self._task: TaskID | None = None
        self._next_line = 0

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Start the bar."""
        self._bar.start()
        self._task = self._bar.add_task("training", total=state.max_steps)

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Advance; where there is no terminal, a line each twentieth of the way."""
        if self._task is not None:
            self._bar.update(self._task, completed=state.global_step)
        if not self._console.is_terminal and state.global_step >= self._next_line:
            share = state.global_step / max(1, state.max_steps)
            self._console.print(f"training {share:.0%} ({state.global_step}/{state.max_steps})")
            self._next_line = state.global_step + max(1, state.max_steps // 20)

    def on_evaluate(
        self, args: Any, state: Any, control: Any, metrics: Any = None, **kwargs: Any
    ) -> None:
        """Print the epoch's dev metrics."""
        values = metrics or {}
        self._console.print(
            f"epoch {state.epoch:.0f}: dev accuracy {values.get('eval_accuracy', 0):.3f}, "
            f"macro-F1 {values.get('eval_macro_f1', 0):.3f}"
        )

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Stop the bar."""
        self._bar.stop()
