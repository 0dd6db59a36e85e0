import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from transformers import BertConfig, BertModel

from nlu.classifier.network import MeanPoolingClassifier
from nlu.inference.encoded_texts import pad
from nlu.inference.onnx_graph import write_graph
from nlu.inference.static_quantization import observe_inputs, quantize_static, smooth


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(2)
    return [
        tuple(int(token) for token in rng.integers(5, 500, length))
        for length in rng.integers(4, 45, 120)
    ]


@pytest.fixture(scope="module")
def network(rows):
    """A network as wide as the embedded encoder, with the few large channels of real ones."""
    torch.manual_seed(4)
    encoder = BertModel(
        BertConfig(
            vocab_size=500, hidden_size=384, num_hidden_layers=3, num_attention_heads=12,
            intermediate_size=512, max_position_embeddings=64, initializer_range=0.04,
        ),
        add_pooling_layer=False,
    )  # fmt: skip
    with torch.no_grad():
        for layer in encoder.encoder.layer:
            layer.attention.output.LayerNorm.weight[:2] = 6.0
    return MeanPoolingClassifier(encoder, 45).eval()


@pytest.fixture(scope="module")
def graphs(network, rows, tmp_path_factory):
    folder = tmp_path_factory.mktemp("graphs")
    for precision in ("fp32", "int8"):
        path = folder / f"{precision}.onnx"
        write_graph(network, path, precision=precision, calibration=rows[:40])
    return folder


def run(graph, rows):
    ids, mask = pad(rows, 0)
    session = graph
    if not isinstance(graph, onnxruntime.InferenceSession):
        session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    return session.run(["embeddings", "logits"], {"input_ids": ids, "attention_mask": mask})


def test_company_moves_no_logit(graphs, rows):
    session = onnxruntime.InferenceSession(str(graphs / "int8.onnx"))
    alone = np.concatenate([run(session, [row])[1] for row in rows])
    rng = np.random.default_rng(7)
    for size in (3, 40):
        order = rng.permutation(len(rows))
        for start in range(0, len(order), size):
            batch = order[start : start + size]
            logits = run(session, [rows[row] for row in batch])[1]
            np.testing.assert_allclose(logits, alone[batch], rtol=0, atol=2e-6)


def test_every_range_is_a_constant_and_the_head_stays_exact(graphs):
    model = onnx.load(graphs / "int8.onnx")
    kinds = [node.op_type for node in model.graph.node]
    assert "DynamicQuantizeLinear" not in kinds
    assert kinds.count("QAttention") == 3
    assert kinds.count("MatMulInteger") == 9
    assert kinds.count("Gemm") + kinds.count("MatMul") == 1


def test_large_channels_cost_the_others_nothing(network, graphs, rows):
    ids, mask = pad(rows, 0)
    with torch.inference_mode():
        truth = network(torch.from_numpy(ids), torch.from_numpy(mask))["logits"].numpy()
    spread = truth.std()
    exact = run(str(graphs / "fp32.onnx"), rows)[1]
    integers = run(str(graphs / "int8.onnx"), rows)[1]
    # Word embeddings are half precision in both.
    assert np.abs(exact - truth).max() < 0.01 * spread
    assert np.sqrt(np.mean((integers - truth) ** 2)) < 0.05 * spread


def test_smoothing_changes_no_answer(graphs, rows):
    model = onnx.load(graphs / "fp32.onnx")
    before = run(model.SerializeToString(), rows[:20])[1]
    ranges = observe_inputs(model, rows[:10])
    smooth(model, ranges)
    after = run(model.SerializeToString(), rows[:20])[1]
    np.testing.assert_allclose(after, before, atol=1e-4)
    largest = [max(seen.channels) / np.median(seen.channels) for seen in ranges.values()]
    smoothed = observe_inputs(model, rows[:10]).values()
    assert max(max(seen.channels) / np.median(seen.channels) for seen in smoothed) < max(largest)


def test_ranges_need_messages(graphs):
    with pytest.raises(ValueError, match="calibration messages"):
        quantize_static(onnx.load(graphs / "fp32.onnx"), [])
