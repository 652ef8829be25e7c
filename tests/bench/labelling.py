"""Labelling against `transformers.pipeline`, against the bare matrices, and how soon and how large.

The pipeline runs a model of the shipped one's sizes with random weights: the numbers in them do not
change its speed, and the shipped folder holds no fp32 weights.
"""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
import transformers
from onnx import TensorProto, helper

from classifier.model_folder import MODEL_FILE, read_settings, shipped_model
from classifier.stance_classifier import StanceClassifier, _batches
from classifier.text import normalise
from tests.bench.timing import median_seconds, show
from tests.conftest import ROOT

BATCH = 32
"""Posts of a pipeline's batch."""
FEW = 256
"""Posts that the slow side is timed on."""


@dataclass(frozen=True)
class Shape:
    """The sizes of the shipped encoder."""

    pieces: int
    width: int
    layers: int
    inner: int


def bench_labelling(texts: Sequence[str]) -> None:
    """Print every figure of labelling on one thread."""
    classifier = StanceClassifier.load(threads=1)
    rate = len(texts) / median_seconds(lambda: classifier.predict(texts))
    show("labelling: posts/s on one thread", rate)
    show("labelling: ratio to transformers.pipeline (issue asks 10)", rate / pipeline(texts))
    show(
        "labelling: share of the bare MatMulInteger rate (asked 0.6)",
        matrix_share(classifier, texts),
    )


def pipeline(texts: Sequence[str]) -> float:
    """Posts a second of `transformers.pipeline` in fp32, batch 32, in the order given."""
    hub: Any = transformers  # its classes carry no types
    torch.set_num_threads(1)
    shape = shape_of(shipped_model() / MODEL_FILE)
    config = hub.BertConfig(
        vocab_size=shape.pieces,
        hidden_size=shape.width,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.width // 32,
        intermediate_size=shape.inner,
    )
    tokenizer = hub.PreTrainedTokenizerFast(
        tokenizer_file=str(shipped_model() / "tokenizer.json"), pad_token="[PAD]"
    )
    run = hub.TextClassificationPipeline(
        model=hub.BertForSequenceClassification(config).eval(),
        tokenizer=tokenizer,
        batch_size=BATCH,
    )
    longest = read_settings(shipped_model()).max_tokens
    plain = [normalise(text) for text in texts[:FEW]]
    return FEW / median_seconds(lambda: run(plain, truncation=True, max_length=longest))


def shape_of(path: Path) -> Shape:
    """Read the encoder's sizes off its quantised matrices."""
    sizes = Counter(
        tuple(t.dims)
        for t in onnx.load(path).graph.initializer
        if t.data_type in (TensorProto.INT8, TensorProto.UINT8) and len(t.dims) == 2
    )
    pieces, width = max(sizes)
    inner = max(long for long, short in sizes if short == width and long < pieces)
    return Shape(pieces, width, sizes[inner, width], inner)


def matrix_share(classifier: StanceClassifier, texts: Sequence[str]) -> float:
    """Seconds that the encoder's MatMulInteger calls take alone, over those of the whole run."""
    posts = [e.ids for e in classifier._tokenizer.encode_batch_fast([normalise(t) for t in texts])]
    batches = list(_batches(posts))

    def run() -> None:
        for _, ids, mask in batches:
            classifier._run(ids, mask)

    shape = shape_of(shipped_model() / MODEL_FILE)
    matrices = list(matrix_shapes(shape))
    sessions = {size: multiply(*size) for size in set(matrices)}
    rows = [ids.size for _, ids, _ in batches]
    seconds = 0.0
    for size, count in Counter(matrices).items():
        inputs = {n: np.ones((n, size[0]), np.uint8) for n in set(rows)}

        def alone(size: tuple[int, int] = size, inputs: dict[int, np.ndarray] = inputs) -> None:
            for n in rows:
                sessions[size].run(None, {"a": inputs[n]})

        seconds += count * median_seconds(alone)
    return seconds / median_seconds(run)


def matrix_shapes(shape: Shape) -> Iterator[tuple[int, int]]:
    """Yield (inner, outer) sizes of the matrices that a token passes."""
    for _ in range(shape.layers):
        yield from [(shape.width, shape.width)] * 4
        yield shape.width, shape.inner
        yield shape.inner, shape.width


def multiply(inner: int, outer: int) -> onnxruntime.InferenceSession:
    """Return a graph of nothing but one MatMulInteger with random int8 weights."""
    weights = np.random.default_rng(13).integers(-127, 127, (inner, outer), dtype=np.int8)
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["a", "b"], ["y"])],
        "alone",
        [helper.make_tensor_value_info("a", TensorProto.UINT8, ["n", inner])],
        [helper.make_tensor_value_info("y", TensorProto.INT32, ["n", outer])],
        [helper.make_tensor("b", TensorProto.INT8, weights.shape, weights.tobytes(), raw=True)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def bench_first_label() -> None:
    """Time whole processes up to the first label, and read their largest memory."""
    code = (
        "from classifier.stance_classifier import StanceClassifier as C;"
        "C.load().predict(['me too'])"
    )
    show("first label: seconds from process start (asked 0.5)", median_seconds(lambda: call(code)))
    more = code.replace("['me too']", "[f'me too {n} ' * 9 for n in range(8000)]")
    show("first label: MB of memory after 8,000 posts (asked 300)", call(more))


def call(code: str) -> float:
    """Run a line of Python in a process of its own; return its largest memory in MB (Linux)."""
    # not from wait4: its figure starts at what this process held when it forked
    told = f"{code}; print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"
    done = subprocess.run(
        [sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return int(done.stdout) / 1024
