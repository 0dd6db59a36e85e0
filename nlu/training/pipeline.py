"""From a configuration to a calibrated artefact: load, fine-tune, calibrate, choose thresholds."""

import importlib.metadata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

import datasets as hf_datasets
from nlu.calibration.decision import choose_thresholds
from nlu.calibration.out_of_scope import (
    choose_detector,
    fit_reference,
    out_of_scope_probability,
)
from nlu.calibration.temperature_scaling import (
    calibrated_probabilities,
    fit_pool,
    fit_temperature,
)
from nlu.classifier.artifact import ClassifierArtifact
from nlu.classifier.lexical_branch import fit_lexical_branch, lexical_scores
from nlu.classifier.network import NetworkOutput, run_network
from nlu.corpus.loading import TAXONOMY_FILE, corpus_fingerprint, labels_of, load_corpus
from nlu.corpus.taxonomy import Taxonomy, load_taxonomy
from nlu.encoder.precision import Hardware, choose_hardware
from nlu.encoder.source import load_encoder
from nlu.errors import InputError
from nlu.text.normalization import normalize
from nlu.training.config import TrainingConfig
from nlu.training.fine_tuning import EpochListener, FineTuned, fine_tune

AUTO = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedClassifier:
    """A trained, calibrated classifier and how it came to be.

    Attributes
    ----------
    artifact : ClassifierArtifact
        Ready to save.
    fine_tuned : FineTuned
        History and speed.
    out_of_scope_auroc : dict of str to float
        Dev AUROC of every out-of-scope score; empty without out-of-scope rows.
    corpus : datasets.DatasetDict
        What it was trained on.
    hardware : Hardware
        Where.
    """

    artifact: ClassifierArtifact
    fine_tuned: FineTuned
    out_of_scope_auroc: Mapping[str, float]
    corpus: hf_datasets.DatasetDict
    hardware: Hardware


def train_classifier(
    config: TrainingConfig,
    *,
    on_epoch: EpochListener | None = None,
    progress: Any = None,
) -> TrainedClassifier:
    """Train on ``train``, calibrate and choose thresholds on ``dev``; ``test`` is not read.

    Parameters
    ----------
    config : TrainingConfig
        All settings.
    on_epoch : callable, optional
        Called with each epoch's metrics.
    progress : transformers.TrainerCallback, optional
        Shows progress.

    Raises
    ------
    InputError
        Corpus, label or encoder not usable, with the mend.
    """
    corpus = load_corpus(
        config.corpus.path,
        text_column=config.corpus.text_column,
        label_column=config.corpus.label_column,
    )
    taxonomy = find_taxonomy(config.corpus.path)
    labels = labels_of(corpus)
    out_of_scope_label = resolve_out_of_scope_label(config, taxonomy, labels)
    hardware = choose_hardware(config.hardware.precision)
    if config.hardware.threads:
        torch.set_num_threads(config.hardware.threads)
    encoder = load_encoder(config.encoder.source, dropout=config.encoder.dropout)
    longest = min(
        config.encoder.max_length,
        int(getattr(encoder.model.config, "max_position_embeddings", 512)) - 2,
    )
    fine_tuned = fine_tune(
        encoder, corpus, labels, config, hardware, on_epoch=on_epoch, progress=progress
    )
    # Thresholds are fitted on the numbers that will be served, which are float32; the reference
    # of the out-of-scope scores is an average over rows and bears the fast format.
    exact = Hardware(device=hardware.device, precision="fp32", name=hardware.name)
    fine_tuned.network.to(hardware.device)

    def outputs(split: str, on: Hardware) -> NetworkOutput:
        texts = [config.encoder.prefix + normalize(text) for text in corpus[split]["text"]]
        return run_network(
            fine_tuned.network, encoder.tokenizer, texts, max_length=longest, hardware=on
        )

    column_of = {label: column for column, label in enumerate(labels)}
    truth = {
        split: np.asarray([column_of[intent] for intent in corpus[split]["intent"]], np.int64)
        for split in ("train", "dev")
    }
    strange_column = None if out_of_scope_label is None else column_of[out_of_scope_label]
    dev = outputs("dev", exact)
    dev_logits, lexical, lexical_weight = dev.logits, None, 0.0
    if config.lexical.enabled:
        lexical = fit_lexical_branch(
            corpus["train"]["text"],
            truth["train"],
            n_labels=len(labels),
            seed=config.optimisation.seed,
        )
        dev_scores = lexical_scores(lexical, corpus["dev"]["text"])
        temperature, lexical_weight = fit_pool(dev.logits, dev_scores, truth["dev"])
        dev_logits = dev.logits + np.float32(lexical_weight) * dev_scores
    else:
        temperature = fit_temperature(dev.logits, truth["dev"])
    reference = fit_reference(outputs("train", hardware).embeddings, truth["train"], strange_column)
    scaled = dev_logits / np.float32(temperature)
    is_strange = (
        truth["dev"] == strange_column
        if strange_column is not None
        else np.zeros(len(truth["dev"]), np.bool_)
    )
    detector, areas = choose_detector(reference, dev.embeddings, scaled, is_strange)
    thresholds = choose_thresholds(
        calibrated_probabilities(dev_logits, temperature),
        truth["dev"],
        out_of_scope_probability(detector, dev.embeddings, scaled),
        out_of_scope_column=strange_column,
        target=config.decision.target(),
    )
    artifact = ClassifierArtifact(
        network=fine_tuned.network.cpu(),
        tokenizer=encoder.tokenizer,
        labels=tuple(labels),
        out_of_scope_label=out_of_scope_label,
        prefix=config.encoder.prefix,
        max_length=longest,
        temperature=temperature,
        lexical=lexical,
        lexical_weight=lexical_weight,
        detector=detector,
        thresholds=thresholds,
        provenance={
            "encoder": encoder.source,
            "encoder_description": encoder.description,
            "taxonomy_version": taxonomy.version if taxonomy else None,
            "taxonomy_digest": taxonomy.digest if taxonomy else None,
            "corpus": config.corpus.path,
            "corpus_fingerprint": corpus_fingerprint(corpus),
            "release": importlib.metadata.version("coup-de-pouce"),
        },
    )
    return TrainedClassifier(
        artifact=artifact,
        fine_tuned=fine_tuned,
        out_of_scope_auroc=areas,
        corpus=corpus,
        hardware=hardware,
    )


def find_taxonomy(corpus_path: str | Path) -> Taxonomy | None:
    """Taxonomy beside a corpus folder, or None when there is no ``intents.yaml``."""
    path = Path(corpus_path) / TAXONOMY_FILE
    return load_taxonomy(path) if path.is_file() else None


def resolve_out_of_scope_label(
    config: TrainingConfig, taxonomy: Taxonomy | None, labels: list[str]
) -> str | None:
    """Out-of-scope label that the settings name, that the taxonomy names, or none.

    Raises
    ------
    InputError
        When the label named in the settings is not in the corpus.
    """
    label = config.corpus.out_of_scope_label
    if label == AUTO:
        label = taxonomy.out_of_scope if taxonomy else None
        return label if label in labels else None
    if label is not None and label not in labels:
        raise InputError(f"corpus.out_of_scope_label: {label!r} is not a label of the corpus")
    return label
