import numpy as np
import pytest
import torch

from nlu.classifier.network import MeanPoolingClassifier
from nlu.encoder.source import load_encoder
from nlu.errors import InputError
from nlu.training.config import load_config
from nlu.training.parameter_groups import freeze, parameter_groups
from nlu.training.pipeline import train_classifier


def test_the_same_seed_gives_the_same_classifier(toy_settings, toy_trained):
    again = train_classifier(load_config(None, toy_settings))
    np.testing.assert_array_equal(
        again.artifact.network.head.weight.detach().numpy(),
        toy_trained.artifact.network.head.weight.detach().numpy(),
    )
    assert again.artifact.temperature == toy_trained.artifact.temperature


def test_the_test_split_is_never_read_in_training(toy_settings, toy_corpus, tmp_path, toy_trained):
    import shutil

    folder = tmp_path / toy_corpus.name
    shutil.copytree(toy_corpus, folder)
    path = folder / "utterances" / "test.jsonl"
    path.write_text(path.read_text().splitlines()[0] + "\n")
    other = train_classifier(load_config(None, (*toy_settings, f"corpus.path={folder}")))
    assert other.artifact.thresholds == toy_trained.artifact.thresholds
    assert other.artifact.temperature == toy_trained.artifact.temperature


def test_each_epoch_is_reported(toy_trained):
    history = toy_trained.fine_tuned.history
    assert [row["epoch"] for row in history] == list(range(1, len(history) + 1))
    assert all(np.isfinite(row["train_loss"]) for row in history)
    assert max(row["dev_accuracy"] for row in history) > 0.7
    assert {"dev_accuracy", "dev_macro_f1", "dev_loss"} <= set(history[0])


def test_every_out_of_scope_score_is_compared(toy_trained):
    assert set(toy_trained.out_of_scope_auroc) == {
        "explicit_class", "max_softmax", "energy", "mahalanobis", "knn",
    }  # fmt: skip
    best = max(toy_trained.out_of_scope_auroc, key=toy_trained.out_of_scope_auroc.get)
    assert toy_trained.artifact.detector.method == best


def test_a_wrong_out_of_scope_label_is_refused(toy_settings):
    config = load_config(None, (*toy_settings, "corpus.out_of_scope_label=nimporte"))
    with pytest.raises(InputError, match="nimporte"):
        train_classifier(config)


@pytest.fixture
def network(tiny_encoder):
    return MeanPoolingClassifier(load_encoder(str(tiny_encoder)).model, 3)


def test_lower_layers_learn_slower_and_the_head_fastest(network):
    groups = parameter_groups(
        network, learning_rate=1e-3, head_learning_rate=1e-2, layer_decay=0.5, weight_decay=0.1
    )
    rate = {id(p): group["lr"] for group in groups for p in group["params"]}
    named = dict(network.named_parameters())
    assert rate[id(named["head.weight"])] == 1e-2
    assert rate[id(named["encoder.encoder.layer.1.output.dense.weight"])] == 1e-3
    assert rate[id(named["encoder.encoder.layer.0.output.dense.weight"])] == 5e-4
    assert rate[id(named["encoder.embeddings.word_embeddings.weight"])] == 2.5e-4
    assert len(rate) == len(named)


def test_biases_and_norms_are_not_decayed(network):
    groups = parameter_groups(
        network, learning_rate=1e-3, head_learning_rate=1e-2, layer_decay=1.0, weight_decay=0.1
    )
    decay = {id(p): group["weight_decay"] for group in groups for p in group["params"]}
    for name, parameter in network.named_parameters():
        expected = 0.0 if name.endswith("bias") or "LayerNorm" in name else 0.1
        assert decay[id(parameter)] == expected, name


def test_frozen_parts_stay_as_they_were(network):
    freeze(network, word_embeddings=False, layers=1)
    trained = {name for name, p in network.named_parameters() if p.requires_grad}
    assert not any("embeddings" in name or "layer.0." in name for name in trained)
    assert any("layer.1." in name for name in trained)


def test_padding_changes_no_embedding(network):
    network.eval()
    ids = torch.tensor([[2, 5, 6, 3]])
    padded = torch.tensor([[2, 5, 6, 3, 0, 0]])
    with torch.inference_mode():
        alone = network.embed(ids, torch.ones_like(ids))
        longer = network.embed(padded, (padded != 0).long())
    torch.testing.assert_close(alone, longer, atol=1e-6, rtol=1e-5)


def test_any_corpus_trains_without_a_taxonomy(toy_settings, tmp_path):
    rows = ["utt,label"]
    for place in range(12):
        rows += [f"allume la lampe {place},lampe", f"mets la chanson {place} svp,musique"]
    path = tmp_path / "maison.csv"
    path.write_text("\n".join(rows) + "\n")
    overrides = (
        *toy_settings,
        f"corpus.path={path}",
        "corpus.text_column=utt",
        "corpus.label_column=label",
        "optimisation.epochs=3",
    )
    trained = train_classifier(load_config(None, overrides))
    assert trained.artifact.labels == ("lampe", "musique")
    assert trained.artifact.out_of_scope_label is None
    assert trained.artifact.detector.method == "max_softmax"
