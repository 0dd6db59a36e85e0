"""Eight-bit products with ranges fixed once, on training messages.

Dynamic quantisation takes one range for the whole batch, so the same message gets other logits
beside other messages (microsoft/onnxruntime issue 10111). Here every range is a constant of the
graph. A few channels of the feed-forward inputs are ten times larger than the rest and would cost
the others their precision; part of their size is moved into the weights first (Xiao et al. 2023,
"SmoothQuant").
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

# Share of a channel's size that moves into the weights.
MIGRATION = 0.8
# Of the extremes of messages; what lies outside is clipped.
RANGE_QUANTILE = 0.98
PRODUCTS = {"MatMul", "Attention"}


@dataclass(frozen=True, slots=True, kw_only=True)
class InputRange:
    """What the input of a product was seen to hold.

    Attributes
    ----------
    low, high : float
        Range of nearly all messages; holds zero.
    channels : ndarray of float32, shape (channels,)
        Greatest magnitude of each channel.
    """

    low: float
    high: float
    channels: npt.NDArray[np.float32]


def quantize_static(
    model: onnx.ModelProto, calibration: Sequence[Sequence[int]]
) -> onnx.ModelProto:
    """Matrix products in int8 with fixed ranges; weights are rounded channel by channel.

    Parameters
    ----------
    model : onnx.ModelProto
        Fused graph with inputs ``input_ids`` and ``attention_mask``.
    calibration : sequence of sequence of int
        Token ids of training messages.

    Raises
    ------
    ValueError
        Without messages.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    if not calibration:
        raise ValueError("static quantisation needs calibration messages")
    smooth(model, observe_inputs(model, calibration))
    ranges = observe_inputs(model, calibration)
    with tempfile.TemporaryDirectory(prefix="pouce-int8-") as scratch:
        path = str(Path(scratch) / "int8.onnx")
        quantize_dynamic(
            model,
            path,
            per_channel=True,
            weight_type=QuantType.QInt8,
            # The head stays float32: it is small, and rounding its input to eight bits would turn
            # a last bit of the pooled embedding into a thousandth of a logit.
            nodes_to_quantize=[node.name for node in _products(model)],
            extra_options={"DefaultTensorType": TensorProto.FLOAT},
        )
        quantized = onnx.load(path)
    _fix_ranges(quantized, ranges)
    return quantized


def observe_inputs(
    model: onnx.ModelProto, calibration: Sequence[Sequence[int]]
) -> dict[str, InputRange]:
    """Range of the input of every product with constant weights, by tensor name."""
    observed = onnx.ModelProto()
    observed.CopyFrom(model)
    names = sorted({node.input[0] for node in _products(model)})
    observed.graph.output.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names
    )
    session = onnxruntime.InferenceSession(
        observed.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    extremes: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    channels: dict[str, Any] = dict.fromkeys(names, 0.0)
    for row in calibration:
        ids = np.asarray([row], np.int64)
        values = session.run(names, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        for name, value in zip(names, values, strict=True):
            extremes[name].append((float(value.min()), float(value.max())))
            size = np.abs(value).reshape(-1, value.shape[-1]).max(axis=0)
            channels[name] = np.maximum(channels[name], size)
    ranges = {}
    for name in names:
        lows, highs = np.asarray(extremes[name]).T
        ranges[name] = InputRange(
            low=min(float(np.quantile(lows, 1 - RANGE_QUANTILE)), 0.0),
            high=max(float(np.quantile(highs, RANGE_QUANTILE)), 0.0),
            channels=np.asarray(channels[name], np.float32),
        )
    return ranges


def smooth(model: onnx.ModelProto, ranges: dict[str, InputRange]) -> None:
    """Divide large input channels of the plain products and multiply their weight rows."""
    weights = {item.name: item for item in model.graph.initializer}
    nodes = list(model.graph.node)
    smoothed = []
    for node in nodes:
        if node.op_type == "MatMul" and node.input[1] in weights:
            table = weights[node.input[1]]
            weight = numpy_helper.to_array(table)
            large = np.maximum(ranges[node.input[0]].channels, 1e-5)
            own = np.maximum(np.abs(weight).max(axis=1), 1e-5)
            factor = large**MIGRATION / own ** (1 - MIGRATION)
            factor = (factor / np.exp(np.log(factor).mean())).astype(np.float32)
            table.CopyFrom(numpy_helper.from_array(weight * factor[:, None], table.name))
            name = f"{node.name}_smoothed"
            inverse = numpy_helper.from_array((1 / factor).astype(np.float32), f"{name}_factor")
            model.graph.initializer.append(inverse)
            smoothed.append(helper.make_node("Mul", [node.input[0], inverse.name], [name]))
            node.input[0] = name
        smoothed.append(node)
    _replace_nodes(model, smoothed)


def _products(model: onnx.ModelProto) -> list[onnx.NodeProto]:
    constant = {item.name for item in model.graph.initializer}
    return [
        node
        for node in model.graph.node
        if node.op_type in PRODUCTS and len(node.input) > 1 and node.input[1] in constant
    ]


def _fix_ranges(model: onnx.ModelProto, ranges: dict[str, InputRange]) -> None:
    fixed = []
    for node in model.graph.node:
        if node.op_type != "DynamicQuantizeLinear":
            fixed.append(node)
            continue
        seen = ranges[node.input[0]]
        scale = np.float32(max(seen.high - seen.low, 1e-6) / 255)
        zero = np.uint8(np.clip(round(-seen.low / float(scale)), 0, 255))
        output, scale_name, zero_name = node.output
        model.graph.initializer.extend(
            [
                numpy_helper.from_array(np.asarray(scale), scale_name),
                numpy_helper.from_array(np.asarray(zero), zero_name),
            ]
        )
        inputs = [node.input[0], scale_name, zero_name]
        fixed.append(helper.make_node("QuantizeLinear", inputs, [output], name=node.name))
    _replace_nodes(model, fixed)


def _replace_nodes(model: onnx.ModelProto, nodes: list[onnx.NodeProto]) -> None:
    # Copied first: clearing the list would free the nodes that are put back.
    copies = []
    for node in nodes:
        copy = onnx.NodeProto()
        copy.CopyFrom(node)
        copies.append(copy)
    del model.graph.node[:]
    model.graph.node.extend(copies)
