"""Reads and cuts ONNX files in memory: only the graph is parsed, never the weights.

An ONNX file is a Protocol Buffers message: a sequence of fields with number, type and value. Removing nodes
and choosing another output requires no more than that, neither the onnx package nor a second file on
file on disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path, PurePosixPath

from lookalike.encoders.onnx.keras import is_keras, onnx_of
from lookalike.errors import BadModel

MODEL_GRAPH = 7
NODE, NAME, INITIALIZER, OUTPUT, INPUT, SPARSE_INITIALIZER = 1, 2, 5, 12, 11, 15
NODE_INPUT, NODE_OUTPUT, NODE_KIND, NODE_ATTRIBUTE = 1, 2, 4, 5
VALUE_NAME, VALUE_TYPE, TYPE_TENSOR, TENSOR_KIND = 1, 2, 1, 1
ATTRIBUTE_TENSOR, ATTRIBUTE_GRAPH, ATTRIBUTE_TENSORS, ATTRIBUTE_GRAPHS = 5, 6, 10, 11
TENSOR_NAME, TENSOR_EXTERNAL = 8, 13
LENGTHS = {0: 0, 1: 8, 5: 4}


@dataclass(frozen=True, slots=True)
class Node:
    """A node of a graph: its operation, inputs and outputs."""

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    raw: memoryview


@dataclass(frozen=True, slots=True)
class Graph:
    """The graph of an ONNX file."""

    nodes: tuple[Node, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    weights: frozenset[str]
    external: frozenset[str]
    data: memoryview

    def tensor(self, wanted: str) -> str:
        """Return the full name of a tensor; `before:KIND` is the input of the last node of that kind."""
        before, _, kind = wanted.partition(":")
        if before == "before" and kind:
            for node in reversed(self.nodes):
                if node.kind == kind:
                    return node.inputs[0]
            raise BadModel(f"The network has no node of the kind {kind}.")
        if wanted in self.outputs or any(wanted in node.outputs for node in self.nodes):
            return wanted
        raise BadModel(f"The network has no tensor {wanted!r}; its outputs are {', '.join(self.outputs)}.")

    def cut(self, tensor: str, free: str = "") -> bytes:
        """Return the model with only the nodes and weights that `tensor` needs, and it as the only output.

        The input `free` accepts any size afterwards.
        """
        needed, kept = {tensor}, set[int]()
        for position in range(len(self.nodes) - 1, -1, -1):
            node = self.nodes[position]
            if needed.intersection(node.outputs):
                kept.add(position)
                needed.update(node.inputs)
        graph: list[bytes | memoryview] = []
        position = 0
        for _, _, value in _only(self.data, MODEL_GRAPH):
            for number, part, content in _fields(value):
                if number == NODE:
                    if position in kept:
                        graph.append(part)
                    position += 1
                elif number == INITIALIZER:
                    if _text(content, TENSOR_NAME) in needed:
                        graph.append(part)
                elif number == INPUT and free and _text(content, VALUE_NAME) == free:
                    graph.append(_field(INPUT, _without_shape(content)))
                elif number != OUTPUT:
                    graph.append(part)
        graph.append(_field(OUTPUT, _field(1, tensor.encode())))
        around = [whole for number, whole, _ in _fields(self.data) if number != MODEL_GRAPH]
        # Copied only once, because weights may fill most of the memory.
        return b"".join([*around, _opening(MODEL_GRAPH, sum(map(len, graph))), *graph])


def read_graph(path: Path) -> Graph:
    """Read the graph of an ONNX file, or of the network for Keras weights."""
    try:
        return parse_graph(onnx_of(path) if is_keras(path) else _mapped(path))
    except OSError as error:
        raise BadModel(f"The model file {path} cannot be read: {error.strerror}.") from error
    except (IndexError, UnicodeDecodeError) as error:
        raise BadModel(
            f"{path} is not a complete ONNX file. If it is a download, run `lookalike models pull` again; "
            "otherwise check that it is the file you meant and that it was copied completely."
        ) from error


def parse_graph(data: bytes | mmap) -> Graph:
    """Read the graph from the bytes of an ONNX file; IndexError if they are truncated."""
    view = memoryview(data)
    nodes: list[Node] = []
    inputs: list[str] = []
    outputs: list[str] = []
    weights: set[str] = set()
    external: set[str] = set()
    for _, _, graph in _only(view, MODEL_GRAPH):
        for number, _, value in _fields(graph):
            if number == NODE:
                nodes.append(_node(value, external))
            elif number == INITIALIZER:
                weights.add(_text(value, TENSOR_NAME))
                external.update(_locations(value))
            elif number == INPUT:
                inputs.append(_text(value, VALUE_NAME))
            elif number == OUTPUT:
                outputs.append(_text(value, 1))
    if not nodes or not outputs:
        raise IndexError("no graph")
    fed = tuple(name for name in inputs if name not in weights)
    return Graph(tuple(nodes), fed, tuple(outputs), frozenset(weights), frozenset(external), view)


def outside(graph: Graph) -> str:
    """Return the first path outside the model's folder from which weights would be read, or nothing."""
    for location in sorted(graph.external):
        path = PurePosixPath(location.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in location:
            return location
    return ""


def _without_shape(value: memoryview) -> bytes:
    """Return the description of an input with its name and element type, but without its shape."""
    tensors = [tensor for _, _, kind in _only(value, VALUE_TYPE) for _, _, tensor in _only(kind, TYPE_TENSOR)]
    kinds = b"".join(whole for tensor in tensors for _, whole, _ in _only(tensor, TENSOR_KIND))
    name = b"".join(whole for _, whole, _ in _only(value, VALUE_NAME))
    return name + _field(VALUE_TYPE, _field(TYPE_TENSOR, kinds))


def _node(value: memoryview, external: set[str]) -> Node:
    inputs: list[str] = []
    outputs: list[str] = []
    kind = ""
    for number, _, content in _fields(value):
        if number == NODE_INPUT:
            inputs.append(str(content, "utf-8"))
        elif number == NODE_OUTPUT:
            outputs.append(str(content, "utf-8"))
        elif number == NODE_KIND:
            kind = str(content, "utf-8")
        elif number == NODE_ATTRIBUTE:
            inputs.extend(_read_inside(content, external))
    return Node(kind, tuple(inputs), tuple(outputs), value)


def _read_inside(attribute: memoryview, external: set[str]) -> Iterator[str]:
    """Yield the tensors that subgraphs of conditions and loops read, which may belong to the outer graph."""
    for number, _, content in _fields(attribute):
        if number in (ATTRIBUTE_TENSOR, ATTRIBUTE_TENSORS):
            external.update(_locations(content))
        elif number in (ATTRIBUTE_GRAPH, ATTRIBUTE_GRAPHS):
            for inner, _, value in _fields(content):
                if inner == NODE:
                    yield from _node(value, external).inputs
                elif inner == INITIALIZER:
                    external.update(_locations(value))
                elif inner == OUTPUT:
                    yield _text(value, 1)


def _locations(tensor: memoryview) -> Iterator[str]:
    for _, _, entry in _only(tensor, TENSOR_EXTERNAL):
        if _text(entry, 1) == "location":
            yield _text(entry, 2)


def _text(message: memoryview, number: int) -> str:
    for _, _, value in _only(message, number):
        return str(value, "utf-8")
    return ""


def _only(message: memoryview, wanted: int) -> Iterator[tuple[int, memoryview, memoryview]]:
    return (field for field in _fields(message) if field[0] == wanted)


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview, memoryview]]:
    """Yield number, whole field and content of each field of a message."""
    position, end = 0, len(message)
    while position < end:
        start = position
        key, position = _varint(message, position)
        kind = key & 7
        if kind == 2:
            length, position = _varint(message, position)
        elif kind in LENGTHS:
            length = LENGTHS[kind]
            if kind == 0:
                _, position = _varint(message, position)
        else:
            raise IndexError(f"field of kind {kind}")
        if position + length > end:
            raise IndexError("field beyond the end")
        yield key >> 3, message[start : position + length], message[position : position + length]
        position += length


def _varint(message: memoryview, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[position]
        position += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, position
        shift += 7
        if shift > 63:
            raise IndexError("number too long")


def _mapped(path: Path) -> bytes | mmap:
    with path.open("rb") as opened:
        # An empty file cannot be memory-mapped.
        return mmap(opened.fileno(), 0, access=ACCESS_READ) if path.stat().st_size else b""


def _field(number: int, content: bytes) -> bytes:
    return _opening(number, len(content)) + content


def _opening(number: int, length: int) -> bytes:
    return _written(number << 3 | 2) + _written(length)


def _written(value: int) -> bytes:
    written = bytearray()
    while value > 127:
        written.append(value & 127 | 128)
        value >>= 7
    written.append(value)
    return bytes(written)
