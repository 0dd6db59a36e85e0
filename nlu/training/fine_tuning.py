"""Fine-tune an encoder and its head with the Hugging Face ``Trainer``."""

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from transformers import (
    EarlyStoppingCallback,
    EvalPrediction,
    PrinterCallback,
    ProgressCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

import datasets as hf_datasets
from nlu.classifier.network import MeanPoolingClassifier
from nlu.encoder.precision import Hardware
from nlu.encoder.source import Encoder
from nlu.text.normalization import normalize
from nlu.training.batches import AugmentingCollator
from nlu.training.config import TrainingConfig
from nlu.training.linear_probe import start_from_linear_probe
from nlu.training.parameter_groups import freeze, parameter_groups

EpochListener = Callable[[Mapping[str, float]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class FineTuned:
    """Result of a fine-tuning.

    Attributes
    ----------
    network : MeanPoolingClassifier
        Weights of the best epoch by dev macro-F1, on the CPU, evaluation mode.
    history : tuple of dict
        Metrics of each epoch: ``epoch``, ``train_loss``, ``dev_loss``, ``dev_accuracy``,
        ``dev_macro_f1``.
    seconds : float
        Wall-clock time of the training loop.
    rows_per_second : float
        Training rows over that time, dev evaluations included.
    """

    network: MeanPoolingClassifier
    history: tuple[dict[str, float], ...]
    seconds: float
    rows_per_second: float


def fine_tune(
    encoder: Encoder,
    corpus: hf_datasets.DatasetDict,
    labels: list[str],
    config: TrainingConfig,
    hardware: Hardware,
    *,
    on_epoch: EpochListener | None = None,
    progress: TrainerCallback | None = None,
) -> FineTuned:
    """Train on ``train``, choose the epoch on ``dev``; ``test`` is never read.

    Parameters
    ----------
    encoder : Encoder
        Base encoder; its weights are changed.
    corpus : datasets.DatasetDict
        Columns ``text`` and ``intent``.
    labels : list of str
        Column order of the head.
    config : TrainingConfig
        All settings.
    hardware : Hardware
        Device and number format.
    on_epoch : callable, optional
        Called with the metrics of each epoch.
    progress : transformers.TrainerCallback, optional
        Shows progress; the Trainer's own bar when omitted.
    """
    settings = config.optimisation
    transformers.set_seed(settings.seed)
    if config.hardware.threads:
        torch.set_num_threads(config.hardware.threads)
    network = MeanPoolingClassifier(
        encoder.model,
        len(labels),
        dropout=settings.dropout,
        label_smoothing=settings.label_smoothing,
    )
    freeze(
        network,
        word_embeddings=config.encoder.freeze_word_embeddings,
        layers=config.encoder.freeze_layers,
    )
    rows = {
        split: _rows(corpus[split], labels, encoder, config, augment=split == "train")
        for split in ("train", "dev")
    }
    if settings.linear_probe:
        start_from_linear_probe(
            network,
            encoder.tokenizer,
            [config.encoder.prefix + text for text in rows["train"]["text"]],
            np.asarray(rows["train"]["label"], np.int64),
            max_length=config.encoder.train_max_length,
            hardware=hardware,
            seed=settings.seed,
        )
    optimizer = torch.optim.AdamW(
        parameter_groups(
            network,
            learning_rate=settings.learning_rate,
            head_learning_rate=settings.head_learning_rate,
            layer_decay=settings.layer_decay,
            weight_decay=settings.weight_decay,
        ),
        fused=True,
    )
    steps = -(-len(rows["train"]) // settings.batch_size) * settings.epochs
    schedule = transformers.get_linear_schedule_with_warmup(
        optimizer, int(settings.warmup * steps), steps
    )
    log = EpochLog(on_epoch)
    with _scratch_folder() as scratch:
        trainer = Trainer(
            model=network,
            args=_arguments(config, hardware, scratch),
            data_collator=AugmentingCollator(
                encoder.tokenizer,
                max_length=config.encoder.train_max_length,
                prefix=config.encoder.prefix,
                clean_share=config.augmentation.clean_share,
                rates=config.augmentation.rates if config.augmentation.enabled else {},
                seed=settings.seed,
            ),
            train_dataset=rows["train"],
            eval_dataset=rows["dev"],
            compute_metrics=_dev_metrics,
            optimizers=(optimizer, schedule),
            callbacks=[log, EarlyStoppingCallback(settings.patience)],
        )
        trainer.remove_callback(PrinterCallback)
        if progress is not None:
            trainer.remove_callback(ProgressCallback)
            trainer.add_callback(progress)
        started = time.perf_counter()
        trainer.train()
        seconds = time.perf_counter() - started
    network = network.cpu().eval()
    epochs = len(log.history)
    return FineTuned(
        network=network,
        history=tuple(log.history),
        seconds=seconds,
        rows_per_second=len(rows["train"]) * epochs / seconds,
    )


@contextlib.contextmanager
def _scratch_folder() -> Iterator[str]:
    # The best epoch is written by one process and read by all: they need one folder.
    port = os.environ.get("MASTER_PORT")
    if port is None:
        with tempfile.TemporaryDirectory(prefix="pouce-train-") as own:
            yield own
        return
    shared = Path(tempfile.gettempdir()) / f"pouce-train-{os.getuid()}-{port}"
    shared.mkdir(exist_ok=True)
    try:
        yield str(shared)
    finally:
        if os.environ.get("RANK", "0") == "0":
            shutil.rmtree(shared, ignore_errors=True)


def _arguments(config: TrainingConfig, hardware: Hardware, scratch: str) -> TrainingArguments:
    settings = config.optimisation
    return TrainingArguments(
        output_dir=scratch,
        num_train_epochs=settings.epochs,
        per_device_train_batch_size=settings.batch_size,
        per_device_eval_batch_size=64,
        max_grad_norm=settings.max_gradient_norm,
        train_sampling_strategy="group_by_length",
        length_column_name="length",
        remove_unused_columns=False,
        eval_strategy="epoch",
        save_strategy="epoch",
        save_only_model=True,
        save_total_limit=1,
        load_best_model_at_end=True,
        metric_for_best_model="macro_f1",
        greater_is_better=True,
        logging_strategy="epoch",
        report_to="none",
        seed=settings.seed,
        data_seed=settings.seed,
        bf16=hardware.precision == "bf16",
        fp16=hardware.precision == "fp16",
        torch_compile=config.hardware.compile,
        use_cpu=hardware.device == "cpu",
        dataloader_pin_memory=hardware.device == "cuda",
        label_names=["labels"],
        disable_tqdm=os.environ.get("POUCE_QUIET") == "1",
    )


def _rows(
    split: hf_datasets.Dataset,
    labels: list[str],
    encoder: Encoder,
    config: TrainingConfig,
    *,
    augment: bool,
) -> hf_datasets.Dataset:
    texts = [normalize(text) for text in split["text"]]
    column = {label: index for index, label in enumerate(labels)}
    encoded = encoder.tokenizer(texts, truncation=True, max_length=config.encoder.train_max_length)[
        "input_ids"
    ]
    return hf_datasets.Dataset.from_dict(
        {
            "text": texts,
            "label": [column[intent] for intent in split["intent"]],
            "length": [len(ids) for ids in encoded],
            "augment": [augment] * len(texts),
        }
    )


def _dev_metrics(prediction: EvalPrediction) -> dict[str, float]:
    from sklearn.metrics import f1_score

    logits = prediction.predictions
    if isinstance(logits, tuple):
        logits = logits[0]
    best = np.asarray(logits).argmax(axis=1)
    truth = np.asarray(prediction.label_ids)
    return {
        "accuracy": float((best == truth).mean()),
        "macro_f1": float(f1_score(truth, best, average="macro", zero_division=0)),
    }


class EpochLog(TrainerCallback):  # type: ignore[misc]
    """Collect one row of metrics an epoch and hand it on."""

    def __init__(self, listener: EpochListener | None) -> None:
        self.history: list[dict[str, float]] = []
        self._listener = listener

    def on_evaluate(
        self,
        args: TrainingArguments,
        state: Any,
        control: Any,
        metrics: dict[str, float] | None = None,
        **kwargs: Any,
    ) -> None:
        """Called by the Trainer after each evaluation of the dev split."""
        losses = [entry["loss"] for entry in state.log_history if "loss" in entry]
        values = metrics or {}
        row = {
            "epoch": float(round(state.epoch or 0)),
            "train_loss": float(losses[-1]) if losses else float("nan"),
            "dev_loss": float(values.get("eval_loss", float("nan"))),
            "dev_accuracy": float(values.get("eval_accuracy", float("nan"))),
            "dev_macro_f1": float(values.get("eval_macro_f1", float("nan"))),
        }
        self.history.append(row)
        if self._listener is not None:
            self._listener(row)
