"""The nodes and constants of an ONNX file. Only a few operations that move numbers about are carried out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

import numpy as np

from lstmviz.core.errors import LstmvizError
from lstmviz.io.models.arrays import BFLOAT16, FileArray, from_buffer
from lstmviz.io.models.libraries import needed
from lstmviz.io.models.limits import DAMAGED, FORMATS, HARMFUL, MOST_OPERATIONS, refuse_too_many_bytes

Value = TypeVar("Value", str, int, float, list[str], list[int])

_FOLDED = frozenset(["Constant", "Identity", "Cast", "Slice", "Concat", "Squeeze", "Unsqueeze", "Transpose", "Reshape"])
_MOST_NODES = MOST_OPERATIONS // 50
_DEEPEST = 60
_NUMBERS = {1: "<f4", 11: "<f8", 10: "<f2", 7: "<i8", 6: "<i4"}  # onnx.TensorProto.FLOAT, DOUBLE, FLOAT16, INT64, INT32
_BFLOAT16 = 16
_EXTERNAL = 1


class OnnxGraph:
    """All nodes of a model, those inside branches too, and the constants that they read.

    Raises LstmvizError for what is no ONNX model.
    """

    def __init__(self, data: bytes, where: str) -> None:
        with needed("onnx"):
            import onnx
        self._onnx = onnx
        self._where = where
        try:
            self._model = self._onnx.ModelProto.FromString(data)
        except Exception as error:  # DecodeError of protobuf, which ONNX depends on and we do not
            raise LstmvizError(
                "The file is of no kind that is known; if it is meant to be ONNX, it is damaged or cut off",
                where=where,
                how=FORMATS,
            ) from error
        self.nodes: list[Any] = []
        self.outputs: set[str] = set()
        self._tensors: dict[str, Any] = {}
        self._constants: dict[str, FileArray | None] = {}
        self._bytes = 0
        for graph in self._graphs():
            self.nodes += graph.node
            self.outputs |= {output.name for output in graph.output}
            self._tensors |= {tensor.name: tensor for tensor in graph.initializer}
            if len(self.nodes) > _MOST_NODES:
                raise LstmvizError(f"The graph has more than {_MOST_NODES:,} nodes", where=where, how=HARMFUL)
        self._producers = {name: node for node in self.nodes for name in node.output if name}
        self._readers: dict[str, list[Any]] = {}
        for node in self.nodes:
            for name in node.input:
                self._readers.setdefault(name, []).append(node)

    @property
    def empty(self) -> bool:
        """Whether there is nothing in it, as when other bytes happen to be taken for a model."""
        return not self.nodes and not self._tensors

    def producer(self, name: str) -> Any:
        """The node that makes the value ``name``; None for inputs and initialisers."""
        return self._producers.get(name)

    def readers(self, name: str) -> list[Any]:
        """The nodes that read the value ``name``, but for those that read its shape alone."""
        return [node for node in self._readers.get(name, []) if node.op_type not in ("Shape", "Size")]

    def attribute(self, node: Any, name: str, default: Value) -> Value:
        """An attribute of a node, of the type of ``default`` (text, number, list of texts or of numbers).

        Raises LstmvizError for one of another type.
        """
        for each in node.attribute:
            if each.name == name:
                value = self._value(each)
                if type(value) is type(default):
                    return value
                place = f"{self._where}, {node.name[:60]}"
                raise LstmvizError(f"The attribute {name} is of another type than it must be", where=place, how=DAMAGED)
        return default

    def _value(self, attribute: Any) -> Any:
        """The value as Python has it; None for graphs and tensors."""
        kinds = self._onnx.AttributeProto
        if attribute.type == kinds.STRING:
            return attribute.s.decode("utf-8", "replace")
        if attribute.type == kinds.STRINGS:
            return [each.decode("utf-8", "replace") for each in attribute.strings]
        if attribute.type in (kinds.FLOAT, kinds.INT, kinds.FLOATS, kinds.INTS):
            value = self._onnx.helper.get_attribute_value(attribute)
            return list(value) if attribute.type in (kinds.FLOATS, kinds.INTS) else value
        return None

    def initialisers(self) -> dict[str, FileArray]:
        """Every initialiser that is an array of numbers."""
        arrays = {name: self.constant(name) for name in self._tensors}
        return {name: array for name, array in arrays.items() if array is not None}

    def constant(self, name: str, depth: int = 0) -> FileArray | None:
        """The value ``name``, where it follows from the file alone; None where it depends on the input.

        Raises LstmvizError for data in another file, and for more memory than the limit.
        """
        if name not in self._constants:
            self._constants[name] = (
                self._tensor(self._tensors[name]) if name in self._tensors else self._made(name, depth)
            )
        return self._constants[name]

    def _made(self, name: str, depth: int) -> FileArray | None:
        node = self._producers.get(name)
        if node is None or node.domain not in ("", "ai.onnx") or node.op_type not in _FOLDED or depth > _DEEPEST:
            return None
        self._constants[name] = None  # a value that is made of itself depends on nothing that is known
        inputs: dict[str, FileArray] = {}
        for each in filter(None, node.input):
            value = self.constant(each, depth + 1)
            if value is None:
                return None
            inputs[each] = value
        if node.op_type == "Constant":
            return self._constant_node(node)
        self._take(8 * sum(array.size for array in inputs.values()))
        return self._evaluated(node, inputs)

    def _constant_node(self, node: Any) -> FileArray | None:
        for attribute in node.attribute:
            if attribute.name == "value" and attribute.type == self._onnx.AttributeProto.TENSOR:
                return self._tensor(attribute.t)
        numbers = [self._value(each) for each in node.attribute if each.name in _CONSTANT_ATTRIBUTES]
        return np.asarray(numbers[0]) if numbers else None

    def _evaluated(self, node: Any, inputs: dict[str, FileArray]) -> FileArray | None:
        """One operation, carried out by ONNX's own reference."""
        helper = self._onnx.helper
        if any(
            each.type in (self._onnx.AttributeProto.GRAPH, self._onnx.AttributeProto.GRAPHS) for each in node.attribute
        ):
            return None
        if node.op_type == "Cast" and self.attribute(node, "to", 0) not in _NUMBERS:
            return None
        values = [helper.make_value_info(name, self._onnx.TypeProto()) for name in inputs]
        result = helper.make_value_info(node.output[0], self._onnx.TypeProto())
        graph = helper.make_graph([node], "one", values, [result])
        with needed("onnx"):
            from onnx.reference import ReferenceEvaluator
        try:
            model = helper.make_model(graph, opset_imports=list(self._model.opset_import))
            widened = {name: _widened(array) for name, array in inputs.items()}
            outputs: Any = ReferenceEvaluator(model).run(None, widened)
            return np.asarray(outputs[0])
        except Exception as error:  # the reference raises whatever NumPy and its own checks raise
            told = ascii(str(error))[1:-1][:120]
            raise LstmvizError(
                f"The operation {node.op_type} on the weights fails: {told}",
                where=f"{self._where}, {node.name}",
                how=DAMAGED,
            ) from error

    def _tensor(self, tensor: Any) -> FileArray | None:
        """The numbers of a tensor; None for other types. Raises LstmvizError for data elsewhere or of another size."""
        place = f"{self._where}, {tensor.name[:80]}"
        if tensor.data_location == _EXTERNAL or tensor.external_data:
            raise LstmvizError(
                "The weights are in another file (external data)",
                where=place,
                how="Save the model in one file: onnx.save(onnx.load(path), new_path, save_as_external_data=False).",
            )
        dtype = BFLOAT16 if tensor.data_type == _BFLOAT16 else np.dtype(_NUMBERS.get(tensor.data_type, "V1"))
        if dtype.kind == "V" and dtype != BFLOAT16:
            return None
        shape = [int(size) for size in tensor.dims]
        if tensor.HasField("raw_data"):
            return from_buffer(tensor.raw_data, dtype, shape, place)
        fields = {"f4": tensor.float_data, "f8": tensor.double_data, "i8": tensor.int64_data, "i4": tensor.int32_data}
        listed = fields.get(dtype.str[1:])
        if listed is None:  # half precision is kept as whole numbers
            words = np.asarray(tensor.int32_data, np.int64).astype("<u2")
            return from_buffer(words.tobytes(), dtype, shape, place)
        self._take(8 * len(listed))
        return from_buffer(np.asarray(listed, dtype).tobytes(), dtype, shape, place)

    def _take(self, size: int) -> None:
        self._bytes += size
        refuse_too_many_bytes(self._bytes, self._where)

    def _graphs(self) -> Iterator[Any]:
        """The graph of the model and those in the branches of its nodes."""
        waiting = [self._model.graph]
        while waiting:
            graph = waiting.pop()
            yield graph
            for node in graph.node:
                for attribute in node.attribute:
                    if attribute.type == self._onnx.AttributeProto.GRAPH:
                        waiting.append(attribute.g)
                    elif attribute.type == self._onnx.AttributeProto.GRAPHS:
                        waiting += attribute.graphs


_CONSTANT_ATTRIBUTES = ("value_float", "value_floats", "value_int", "value_ints")


def _widened(array: FileArray) -> FileArray:
    """bfloat16 as float32, which the reference knows."""
    if array.dtype != BFLOAT16:
        return array
    words: FileArray = np.ascontiguousarray(array)["bfloat16"]
    return (words.astype(np.uint32) << np.uint32(16)).view(np.float32)
