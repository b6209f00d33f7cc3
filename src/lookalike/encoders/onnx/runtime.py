"""Runs any network on ONNX Runtime: images or text in, the vectors that its record describes out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
from PIL.Image import Image
from PIL.Image import new as blank

from lookalike.encoders.files import Source
from lookalike.encoders.onnx.graph import Graph, outside, read_graph
from lookalike.encoders.onnx.keras import is_keras
from lookalike.encoders.onnx.preprocess import tensor
from lookalike.encoders.onnx.providers import wanted_providers
from lookalike.encoders.spec import EncoderSpec
from lookalike.encoders.text.tokenizer import Tokenizer, tokenizer
from lookalike.errors import BadModel
from lookalike.types import Vector
from lookalike.vectors.blas import available_cores


class Network:
    """A network and the tensor that is read from it; safe to use from any number of threads."""

    def __init__(self, record: EncoderSpec, file: Path, digest: str, threads: int = 0) -> None:
        self.record = record
        self.name = record.name
        self.space = record.space(digest)
        graph = read_graph(file)
        if place := outside(graph):
            raise BadModel(f"{file.name} reads weights from {place!r}, outside its folder. Move them there.")
        self._inputs = _checked_inputs(record, graph, file)
        self._output = graph.tensor(record.output or default_output(graph, record, file))
        self._session = _session(
            file, graph, self._output, self._inputs[0] if record.any_size else "", threads
        )
        self._types = {each.name: each.type for each in self._session.get_inputs()}

    def row(self, feeds: dict[str, np.ndarray[Any, Any]]) -> Vector:
        """Return the vector of one input. Inputs run one by one, so that none affects another."""
        try:
            (found,) = self._session.run([self._output], feeds)
        except Exception as error:  # ONNX Runtime's exceptions have no common base class
            raise BadModel(f"The network {self.name} could not run: {_first_line(error)}") from error
        values = np.asarray(found, np.float32)
        mask = feeds.get("attention_mask")
        if self.record.pooling == "max" and values.ndim < 3:
            raise BadModel(
                f"The network {self.name} has no width and height left at {self._output} to take a maximum "
                "over: name an earlier tensor as `output` in its record."
            )
        row = _pooled(values[0] if values.ndim > 1 else values, self.record.pooling, mask)
        if self.record.normalise:
            length = float(np.linalg.norm(row))
            row = row / length if length > 0 else row
        if not np.isfinite(row).all():
            raise BadModel(f"The network {self.name} returned NaN or infinity.")
        return row

    def feeds(self, values: dict[str, np.ndarray[Any, Any]]) -> dict[str, np.ndarray[Any, Any]]:
        """The inputs of this network, converted to its types."""
        wide = {name: kind == "tensor(int64)" for name, kind in self._types.items()}
        return {name: values[name].astype(np.int64 if wide[name] else np.int32) for name in self._inputs}

    @property
    def only_input(self) -> str:
        """The name of the single input of an image network."""
        return self._inputs[0]

    def checked_dim(self, row: Vector) -> int:
        """Return the length of a vector. Raises if the record states another one."""
        if self.record.dim and len(row) != self.record.dim:
            raise BadModel(
                f"The network {self.name} returns {len(row)} values, but its record states {self.record.dim}."
            )
        return len(row)


class OnnxImages:
    """An image encoder on ONNX Runtime."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.name = network.name
        self.space = network.space
        self.record = network.record
        self.input_side = self.record.pixels.needs
        side = self.record.pixels.side
        self.dim = network.checked_dim(self._row(blank("RGB", (side, side))))

    def encode_images(self, images: Sequence[Image]) -> Vector:
        """Return one vector per image."""
        rows = np.empty((len(images), self.dim), np.float32)
        for place, image in enumerate(images):
            rows[place] = self._row(image)
        return rows

    def _row(self, image: Image) -> Vector:
        network = self._network
        return network.row({network.only_input: tensor(image, self.record.pixels)})


class OnnxTexts:
    """A text encoder on ONNX Runtime."""

    def __init__(self, network: Network, words: Tokenizer) -> None:
        self._network = network
        self._words = words
        self.name = network.name
        self.space = network.space
        self.record = network.record
        self.dim = network.checked_dim(self._row("word"))

    def encode_texts(self, texts: Sequence[str]) -> Vector:
        """Return one vector per text; a text without words gives zeros."""
        rows = np.zeros((len(texts), self.dim), np.float32)
        for place, text in enumerate(texts):
            if text.strip():
                rows[place] = self._row(text)
        return rows

    def _row(self, text: str) -> Vector:
        network = self._network
        return network.row(network.feeds(self._words(text)))


def open_images(source: Source, threads: int = 0) -> OnnxImages:
    """Open the image encoder of a record."""
    file, digest = source.verified(source.record.file)
    return OnnxImages(Network(source.record, file, digest, threads))


def open_texts(source: Source, threads: int = 0) -> OnnxTexts:
    """Open the text encoder of a record."""
    record = source.record
    file, digest = source.verified(record.file)
    vocabulary = None
    if record.tokens.file:
        vocabulary, pieces = source.verified(record.tokens.file)
        # Another vocabulary gives other vectors, so it is part of the identity.
        digest += pieces
    return OnnxTexts(Network(record, file, digest, threads), tokenizer(record.tokens, vocabulary))


def default_output(graph: Graph, record: EncoderSpec, file: Path) -> str:
    """Return the default output of a record without one; never the classes of Keras weights."""
    return graph.outputs[-1] if is_keras(file) and record.pooling == "none" else graph.outputs[0]


def _checked_inputs(record: EncoderSpec, graph: Graph, file: Path) -> tuple[str, ...]:
    known = {"image": (record.input or graph.inputs[0],), "text": graph.inputs}[record.kind]
    possible = set(graph.inputs)
    if record.kind == "text":
        possible &= {"input_ids", "attention_mask", "token_type_ids", "token_ids"}
    if record.kind == "image" and len(graph.inputs) > 1:
        possible = set[str]()
    if strange := [name for name in known if name not in possible]:
        raise BadModel(
            f"{file.name} has the inputs {', '.join(graph.inputs)}; the record of {record.name} "
            f"does not define {', '.join(strange)}."
        )
    return known


def _session(file: Path, graph: Graph, output: str, resized: str, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or available_cores()
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # A waiting thread that spins takes the core from threads that decode the next photos.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Without it, int8 sums overflow on x86 processors without VNNI, and vectors differ between machines.
    options.add_session_config_entry("session.x64quantprecision", "1")
    whole = graph.outputs == (output,) and not resized
    if graph.external and not whole:
        options.add_session_config_entry(
            "session.model_external_initializers_file_folder_path", str(file.parent)
        )
    source = str(file) if whole and not is_keras(file) else graph.cut(output, resized)
    try:
        return onnxruntime.InferenceSession(source, options, providers=wanted_providers())
    except Exception as error:  # as above
        raise BadModel(f"ONNX Runtime cannot load {file.name}: {_first_line(error)}") from error


def _pooled(values: np.ndarray[Any, Any], pooling: str, mask: np.ndarray[Any, Any] | None) -> Vector:
    """Reduce a network's output for one input to one vector: [dim], [places, dim] or [dim, height, width]."""
    if pooling == "cls":
        return cast("Vector", values[0])
    if pooling == "mask-mean":
        weights = np.ones(len(values), np.float32) if mask is None else mask[0].astype(np.float32)
        return cast("Vector", weights @ values / max(float(weights.sum()), 1e-9))
    spatial = tuple(range(1, values.ndim))
    if pooling == "max":
        return values.max(axis=spatial)
    if pooling == "avg":
        return values.mean(axis=spatial)
    return values.reshape(-1)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:200]
