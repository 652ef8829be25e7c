"""Write a fine-tuned encoder as an int8 ONNX graph that serving loads without torch."""

import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers.fusion_options import FusionOptions
from onnxruntime.transformers.optimizer import optimize_model
from torch import nn
from transformers import PreTrainedModel

__all__ = ["export_onnx", "quantise"]

OPSET = 17
_MATRIX = 2  # dimensions
_SMALL_TABLE = 30_000  # numbers; smaller tables are not worth the extra nodes


def export_onnx(model: nn.Module, encoder: PreTrainedModel, path: Path) -> None:
    """Write an fp32 graph: input_ids, attention_mask (batch, tokens) to logits (batch, 16).

    `encoder` is the part of `model` whose attention must be written out for the tracer.
    """
    encoder.set_attn_implementation("eager")
    example = torch.ones(2, 8, dtype=torch.long)
    mask = example.clone()
    mask[1, 5:] = 0  # a mask of ones alone would be traced away
    axes = {0: "batch", 1: "tokens"}
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # the tracer warns of its own retirement
        torch.onnx.export(
            model.eval(),
            (example, mask),
            str(path),
            input_names=["input_ids", "attention_mask"],
            output_names=["logits"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "logits": {0: "batch"}},
            opset_version=OPSET,
            dynamo=False,
        )


def quantise(source: Path, target: Path, *, heads: int, width: int) -> None:
    """Fuse the graph, then quantise matrices (by channel) and embeddings to int8.

    `heads` and `width` are those of the encoder's attention; activations are quantised at run time.
    """
    options = FusionOptions("bert")
    options.enable_embed_layer_norm = False  # its int8 form has one scale for all embeddings
    options.enable_skip_layer_norm = False  # slow on a CPU; see `stance_classifier.SLOW_FUSION`
    with tempfile.TemporaryDirectory() as folder:
        fused = Path(folder) / "fused.onnx"
        graph = optimize_model(
            str(source),
            model_type="bert",
            num_heads=heads,
            hidden_size=width,
            optimization_options=options,
        )
        onnx.save(_quantise_embeddings(graph.model), fused)
        quantize_dynamic(
            fused,
            target,
            per_channel=True,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul", "Attention", "Gemm"],
            extra_options={"DefaultTensorType": TensorProto.FLOAT},
        )


def _quantise_embeddings(model: onnx.ModelProto) -> onnx.ModelProto:
    """Store each large table that is gathered from as int8 rows with a scale per row."""
    tables = {t.name: t for t in model.graph.initializer if len(t.dims) == _MATRIX}
    nodes: list[onnx.NodeProto] = []
    for node in model.graph.node:
        table = tables.get(node.input[0]) if node.op_type == "Gather" else None
        if table is None or table.dims[0] * table.dims[1] < _SMALL_TABLE:
            nodes.append(node)
            continue
        nodes.extend(_gather_int8(model.graph, node, table))
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model


def _gather_int8(
    graph: onnx.GraphProto, node: onnx.NodeProto, table: onnx.TensorProto
) -> list[onnx.NodeProto]:
    values = numpy_helper.to_array(table)
    scale = np.maximum(np.abs(values).max(axis=1, keepdims=True) / 127, 1e-12)
    whole = np.clip(np.rint(values / scale), -127, 127).astype(np.int8)
    graph.initializer.remove(table)
    names = [f"{table.name}_{suffix}" for suffix in ("int8", "scale", "rows", "float", "row_scale")]
    graph.initializer.append(numpy_helper.from_array(whole, names[0]))
    graph.initializer.append(numpy_helper.from_array(scale.astype(np.float32), names[1]))
    return [
        helper.make_node("Gather", [names[0], node.input[1]], [names[2]], axis=0),
        helper.make_node("Cast", [names[2]], [names[3]], to=TensorProto.FLOAT),
        helper.make_node("Gather", [names[1], node.input[1]], [names[4]], axis=0),
        helper.make_node("Mul", [names[3], names[4]], list(node.output)),
    ]
