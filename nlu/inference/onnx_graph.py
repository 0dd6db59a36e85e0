"""The network as an ONNX graph: traced, fused, eight bits.

Only the TorchScript exporter with plain attention gives a graph whose attention ONNX Runtime can
fuse.
"""

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from nlu.classifier.network import MeanPoolingClassifier
from nlu.inference.static_quantization import quantize_static

GraphPrecision = Literal["int8", "fp32"]
OPSET = 17
FUSED_DOMAIN = "com.microsoft"
INTEGER_PRODUCTS = {"MatMulInteger", "QAttention"}


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenGraph:
    """An ONNX file.

    Attributes
    ----------
    fused_attentions : int
        Attention blocks that ONNX Runtime runs as one operator; 0 for an encoder whose
        attention it does not know, which then serves more slowly.
    integer_products : int
        Matrix products in eight bits.
    """

    fused_attentions: int
    integer_products: int


class _Exported(torch.nn.Module):
    def __init__(self, network: MeanPoolingClassifier) -> None:
        super().__init__()
        self.network = network

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        embeddings = self.network.embed(input_ids, attention_mask)
        return embeddings, self.network.head(embeddings)


def write_graph(
    network: MeanPoolingClassifier,
    path: Path,
    *,
    precision: GraphPrecision,
    calibration: Sequence[Sequence[int]],
) -> WrittenGraph:
    """Trace, fuse and quantise a network.

    Parameters
    ----------
    network : MeanPoolingClassifier
        On the CPU; its attention is set to the plain form.
    path : Path
        ONNX file to write; inputs ``input_ids`` and ``attention_mask`` (int64, batch and tokens
        free), outputs ``embeddings`` and ``logits`` (float32).
    precision : str
        ``int8`` or ``fp32``; word embeddings are half precision in both.
    calibration : sequence of sequence of int
        Token ids of training messages, which fix the ranges of ``int8``.
    """
    network.eval()
    network.encoder.set_attn_implementation("eager")
    raw = path.with_suffix(".traced.onnx")
    with _quiet():
        try:
            _trace(network, raw)
            model = _fuse(raw, network.encoder.config)
        finally:
            raw.unlink(missing_ok=True)
        fused = sum(node.op_type == "Attention" for node in model.graph.node)
        if precision == "int8":
            model = quantize_static(model, calibration)
        _halve_word_embeddings(model, network.encoder.get_input_embeddings().weight.shape)
        onnx.save(model, str(path))
    return WrittenGraph(
        fused_attentions=fused,
        integer_products=sum(node.op_type in INTEGER_PRODUCTS for node in model.graph.node),
    )


def _trace(network: MeanPoolingClassifier, path: Path) -> None:
    ids = torch.ones((2, 5), dtype=torch.int64)
    mask = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])
    matrix = {0: "batch", 1: "tokens"}
    with torch.no_grad():
        torch.onnx.export(
            _Exported(network).eval(),
            (ids, mask),
            str(path),
            dynamo=False,
            opset_version=OPSET,
            input_names=["input_ids", "attention_mask"],
            output_names=["embeddings", "logits"],
            dynamic_axes={
                "input_ids": matrix,
                "attention_mask": matrix,
                "embeddings": {0: "batch"},
                "logits": {0: "batch"},
            },
        )


def _fuse(path: Path, config: Any) -> onnx.ModelProto:
    from onnxruntime.transformers import optimizer
    from onnxruntime.transformers.fusion_options import FusionOptions

    options = FusionOptions("bert")
    # The fused embedding operator reads float32 tables only.
    options.enable_embed_layer_norm = False
    fused = optimizer.optimize_model(
        str(path),
        model_type="bert",
        num_heads=int(config.num_attention_heads),
        hidden_size=int(config.hidden_size),
        optimization_options=options,
        opt_level=0,
    )
    model: onnx.ModelProto = fused.model
    if FUSED_DOMAIN not in {item.domain for item in model.opset_import}:
        model.opset_import.append(helper.make_opsetid(FUSED_DOMAIN, 1))
    return model


def _halve_word_embeddings(model: onnx.ModelProto, shape: tuple[int, ...]) -> None:
    graph = model.graph
    tables = {item.name: item for item in graph.initializer if tuple(item.dims) == tuple(shape)}
    for place, node in enumerate(graph.node):
        if node.op_type == "Gather" and node.input[0] in tables:
            table, output = tables[node.input[0]], node.output[0]
            halves = numpy_helper.to_array(table).astype(np.float16)
            table.CopyFrom(numpy_helper.from_array(halves, table.name))
            node.output[0] = f"{output}_half"
            cast = helper.make_node("Cast", [node.output[0]], [output], to=TensorProto.FLOAT)
            graph.node.insert(place + 1, cast)
            return


@contextmanager
def _quiet() -> Iterator[None]:
    # The exporter and the optimiser narrate every node through the root logger.
    level = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)
