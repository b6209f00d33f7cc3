"""Converts Keras weights (.h5) into an ONNX graph without TensorFlow."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from lookalike.errors import BadModel, ExtraMissing, install_command

if TYPE_CHECKING:
    import onnx

Weights: TypeAlias = "dict[str, list[np.ndarray[Any, np.dtype[np.float32]]]]"

EPSILON = 1.001e-5
OPSET = 17
RESNET50_BLOCKS = (3, 4, 6, 3)
VGG16_BLOCKS = (2, 2, 3, 3, 3)
# Keras 3 writes .weights.h5, earlier versions .h5; a .keras file is a ZIP archive of a whole model.
SUFFIXES = (".h5", ".keras")


def is_keras(path: Path) -> bool:
    """Whether a file has the name of a Keras weights file."""
    return path.suffix.lower() in SUFFIXES


def onnx_of(path: Path) -> bytes:
    """Return an ONNX model with the weights of an .h5 file; tensors are named after their layers.

    Its outputs are the last feature map and, if the file has a top, the features before the classes. The
    classes are an inner tensor, `predictions`.
    """
    weights = _read(path)
    network = _Network(weights, path)
    if "conv5_block3_3_conv" in weights and "conv4_block7_1_conv" not in weights:
        _resnet50(network)
    elif "block5_conv3" in weights and "block3_conv4" not in weights:
        _vgg16(network)
    else:
        raise BadModel(
            f"{path} contains neither ResNet-50 nor VGG-16 with Keras' layer names. "
            "Export another network to ONNX and use that file."
        )
    return network.model()


class _Network:
    """Builds a graph layer by layer, named after Keras' layers."""

    def __init__(self, weights: Weights, path: Path) -> None:
        self._weights = weights
        self._path = path
        self._nodes: list[onnx.NodeProto] = []
        self._initializers: list[onnx.TensorProto] = []
        self._outputs: list[str] = []
        self.last = "images"

    def node(self, kind: str, name: str, inputs: Sequence[str], **attributes: Any) -> str:
        from onnx import helper

        self._nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        self.last = name
        return name

    def convolution(
        self, name: str, source: str, output: str, stride: int = 1, normalised: bool = True
    ) -> str:
        """Add a convolution with same padding and its batch normalization folded in."""
        kernel, bias = self._of(name, 2)
        if kernel.ndim != 4:
            raise self._strange(name)
        kernel, bias = kernel.astype(np.float64), bias.astype(np.float64)
        if normalised:
            gamma, beta, mean, variance = self._of(name.replace("_conv", "_bn"), 4)
            factor = gamma / np.sqrt(variance.astype(np.float64) + EPSILON)
            kernel, bias = kernel * factor, (bias - mean) * factor + beta
        pad = kernel.shape[0] // 2
        inputs = [source, self._stored(f"{name}/kernel", kernel.transpose(3, 2, 0, 1))]
        inputs.append(self._stored(f"{name}/bias", bias))
        return self.node("Conv", output, inputs, strides=[stride] * 2, pads=[pad] * 4)

    def dense(self, name: str, source: str, output: str) -> str:
        kernel, bias = self._of(name, 2)
        inputs = [source, self._stored(f"{name}/kernel", kernel), self._stored(f"{name}/bias", bias)]
        return self.node("Gemm", output, inputs)

    def output(self, name: str) -> None:
        self._outputs.append(name)

    def has(self, name: str) -> bool:
        return name in self._weights

    def model(self) -> bytes:
        from onnx import TensorProto, helper

        images = helper.make_tensor_value_info("images", TensorProto.FLOAT, ["batch", 3, "height", "width"])
        outputs = [helper.make_empty_tensor_value_info(name) for name in self._outputs]
        graph = helper.make_graph(self._nodes, "keras", [images], outputs, self._initializers)
        opsets = [helper.make_opsetid("", OPSET)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString()

    def _of(self, name: str, count: int) -> list[np.ndarray[Any, np.dtype[np.float32]]]:
        found = self._weights.get(name, [])
        if len(found) != count:
            raise self._strange(name)
        return found

    def _stored(self, name: str, values: np.ndarray[Any, Any]) -> str:
        from onnx import numpy_helper

        self._initializers.append(
            numpy_helper.from_array(np.ascontiguousarray(values, dtype=np.float32), name)
        )
        return name

    def _strange(self, name: str) -> BadModel:
        return BadModel(f"The layer {name} in {self._path} does not match this network.")


def _resnet50(network: _Network) -> None:
    network.convolution("conv1_conv", "images", "conv1_bn", stride=2)
    last = network.node("Relu", "conv1_relu", ["conv1_bn"])
    last = network.node("MaxPool", "pool1_pool", [last], kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    for stack, blocks in enumerate(RESNET50_BLOCKS, 2):
        for block in range(1, blocks + 1):
            # ResNet version 1: the first convolution of a stack has the stride, not the second.
            stride = 2 if block == 1 and stack > 2 else 1
            last = _residual(network, f"conv{stack}_block{block}", last, stride, shortcut=block == 1)
    network.output(last)
    if network.has("predictions"):
        last = network.node("GlobalAveragePool", "avg_pool_map", [last])
        last = network.node("Flatten", "avg_pool", [last])
        network.output(last)
        last = network.dense("predictions", last, "predictions_logits")
        network.node("Softmax", "predictions", [last], axis=-1)


def _residual(network: _Network, name: str, source: str, stride: int, shortcut: bool) -> str:
    beside = source
    if shortcut:
        beside = network.convolution(f"{name}_0_conv", source, f"{name}_0_bn", stride)
    last = network.convolution(f"{name}_1_conv", source, f"{name}_1_bn", stride)
    last = network.node("Relu", f"{name}_1_relu", [last])
    last = network.convolution(f"{name}_2_conv", last, f"{name}_2_bn")
    last = network.node("Relu", f"{name}_2_relu", [last])
    last = network.convolution(f"{name}_3_conv", last, f"{name}_3_bn")
    last = network.node("Add", f"{name}_add", [beside, last])
    return network.node("Relu", f"{name}_out", [last])


def _vgg16(network: _Network) -> None:
    last = "images"
    for block, convolutions in enumerate(VGG16_BLOCKS, 1):
        for number in range(1, convolutions + 1):
            name = f"block{block}_conv{number}"
            last = network.convolution(name, last, f"{name}_sum", normalised=False)
            last = network.node("Relu", name, [last])
        last = network.node("MaxPool", f"block{block}_pool", [last], kernel_shape=[2, 2], strides=[2, 2])
    network.output(last)
    if not network.has("fc1"):
        return
    # Keras flattens channels last.
    last = network.node("Transpose", "channels_last", [last], perm=[0, 2, 3, 1])
    last = network.node("Flatten", "flatten", [last])
    for name in ("fc1", "fc2"):
        last = network.dense(name, last, f"{name}_sum")
        last = network.node("Relu", name, [last])
    network.output(last)
    if network.has("predictions"):
        last = network.dense("predictions", last, "predictions_logits")
        network.node("Softmax", "predictions", [last], axis=-1)


def refuse_whole_model(path: Path) -> None:
    """Raise for a `.keras` file: it holds a whole model, and only weights are read."""
    if path.suffix.lower() == ".keras":
        raise BadModel(
            f"{path} is a whole Keras model. Save only its weights with "
            f"`model.save_weights({path.with_suffix('.weights.h5').name!r})` and use that file."
        )


def _read(path: Path) -> Weights:
    try:
        import h5py
        import onnx  # noqa: F401  # pyright: ignore[reportUnusedImport]
    except ImportError as error:
        raise ExtraMissing(f"Keras weights need two more packages: {install_command('models')}.") from error
    refuse_whole_model(path)
    try:
        with h5py.File(path, "r") as opened:
            root: Any = opened.get("model_weights", opened)
            return _keras_3(root) if "layers" in root else _layers_by_name(root)
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise BadModel(
            f"{path} does not hold Keras weights, or is incomplete. Check that it is the file you meant; if "
            "it is a download, run `lookalike models pull` again."
        ) from error


def _layers_by_name(root: Any) -> Weights:
    """Read the .h5 layout: a group per layer, which lists its weights."""
    # Weight names changed between versions; their order did not.
    return {
        _text(layer): [np.asarray(root[layer][name], np.float32) for name in names]
        for layer in root.attrs["layer_names"]
        if len(names := root[layer].attrs["weight_names"])
    }


def _keras_3(root: Any) -> Weights:
    """Read the .weights.h5 layout: groups are named after layer types and store the layer's name."""
    found: Weights = {}
    for group in root["layers"].values():
        values = group["vars"]
        if len(values):
            found[_text(values.attrs["name"])] = [
                np.asarray(values[str(place)], np.float32) for place in range(len(values))
            ]
    return found


def _text(name: str | bytes) -> str:
    return name.decode() if isinstance(name, bytes) else name
