"""Which nodes of an ONNX graph lead from one recurrent node to the next, from an embedding, and to a dense layer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from lstmviz.io.models.arrays import as_floats
from lstmviz.io.models.model_file import Candidate, Embedding
from lstmviz.io.models.onnx_graph import OnnxGraph
from lstmviz.io.models.onnx_recurrent import KINDS, node_name
from lstmviz.io.models.wiring import Dense

_PASSING = frozenset(["Identity", "Cast", "Dropout", "Squeeze", "Unsqueeze", "Transpose", "Reshape"])
_ONE_STEP = frozenset(("Gather", "Slice"))
_FUNCTIONS = frozenset(["Softmax", "LogSoftmax", "Sigmoid", "Tanh", "Relu"])
_LONGEST = 40
_SIDE_BY_SIDE = ("Transpose", "Reshape")
"""How the outputs of two directions [T, 2, B, H] are put side by side: swap two axes, then join two."""


def source(graph: OnnxGraph, node: Any) -> tuple[Any, list[Any]]:
    """The node that the input of a recurrent node comes from, and the ones passed on the way."""
    name = node.input[0]
    passed: list[Any] = []
    for _ in range(_LONGEST):
        producer = graph.producer(name)
        if producer is None or producer.op_type not in _PASSING or not producer.input:
            return producer, passed
        passed.append(producer)
        name = producer.input[0]
    return None, passed


def joins(graph: OnnxGraph, lower: Any, passed: list[Any]) -> bool:
    """Whether all of the output of a recurrent node goes on to the next one in the usual order."""
    if graph.attribute(lower, "direction", "forward") != "bidirectional":
        return True
    no_order: list[int] = []
    kinds = tuple(node.op_type for node in reversed(passed) if node.op_type not in ("Identity", "Cast", "Dropout"))
    swaps = [graph.attribute(node, "perm", no_order) for node in passed if node.op_type == "Transpose"]
    return kinds == _SIDE_BY_SIDE and swaps == [[0, 2, 1, 3]]


def embedding_of(graph: OnnxGraph, producer: Any, reader: Candidate) -> Embedding | None:
    """The table that a Gather looks tokens up in."""
    if producer is None or producer.op_type != "Gather" or graph.attribute(producer, "axis", 0):
        return None
    table = graph.constant(producer.input[0])
    if table is None or table.ndim != 2 or table.shape[1] != reader.input_size:
        return None
    return Embedding(producer.input[0], as_floats(table, producer.input[0]))


def dense_of(graph: OnnxGraph, node: Any, below: Candidate) -> tuple[Dense | None, tuple[str, ...]]:
    """The only dense layer behind a recurrent node, and what is put on y after it."""
    behind = list(_behind(graph, node))
    products = [each for each in behind if each.op_type in ("MatMul", "Gemm")]
    if len(products) != 1 or any(each.op_type in KINDS for each in behind):
        return None, ()
    dense = _dense(graph, products[0], behind, below)
    place = behind.index(products[0])
    before, after = behind[:place], behind[place + 1 :]
    straight = all(each.op_type in _PASSING | _ONE_STEP for each in before)
    known = all(each.op_type in _PASSING | _ONE_STEP | _FUNCTIONS or each.op_type == "Add" for each in after)
    adds = sum(each.op_type == "Add" for each in after)
    both = below.num_directions == 2 and tuple(each.op_type for each in before) != _SIDE_BY_SIDE
    if dense is None or not straight or not known or both or adds > (products[0].op_type == "MatMul"):
        return None, ()
    named = [each.op_type for each in after if each.op_type in _FUNCTIONS]
    return dense, (f"The model puts {', '.join(named)} on y; here y is the value before it.",) if named else ()


def _behind(graph: OnnxGraph, node: Any) -> Iterator[Any]:
    """The nodes behind a recurrent one, while each has a single reader."""
    outputs = [name for name in node.output[:2] if name and graph.readers(name)]
    for _ in range(_LONGEST):
        readers = [reader for name in outputs for reader in graph.readers(name)]
        if len(readers) != 1:
            return
        yield readers[0]
        outputs = list(readers[0].output)[:1]


def _dense(graph: OnnxGraph, product: Any, behind: list[Any], below: Candidate) -> Dense | None:
    scaled = graph.attribute(product, "alpha", 1.0) != 1 or graph.attribute(product, "beta", 1.0) != 1
    if len(product.input) < 2 or scaled:
        return None
    matrix = graph.constant(product.input[1])
    if matrix is None or matrix.ndim != 2 or graph.attribute(product, "transA", 0):
        return None
    weight = as_floats(matrix, product.input[1])
    if not graph.attribute(product, "transB", 0):
        weight = weight.T
    bias_names = list(product.input[2:3])
    for each in behind:
        if each.op_type == "Add":
            bias_names += [name for name in each.input if graph.constant(name) is not None]
    if weight.shape[1] != below.output_size or len(bias_names) > 1:
        return None
    bias = as_floats(np.asarray(graph.constant(bias_names[0])), bias_names[0]) if bias_names else None
    if bias is not None and bias.shape != weight.shape[:1]:
        return None
    return Dense(node_name(product), weight, bias)
