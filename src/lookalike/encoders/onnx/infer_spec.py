"""Infers the record of a model file without one from its graph."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lookalike.encoders.spec import CLIP_MEAN, CLIP_STD, EncoderSpec, ModelFile, Preprocessing
from lookalike.errors import BadModel

# Usual names of embedding outputs, best first.
EMBEDDINGS = ("image_embeds", "embeddings", "embedding", "features", "pooler_output")
SLIM_CLASSES = 1001


def deduced(path: Path) -> EncoderSpec:
    """Return a record for an image network without one.

    The output is the one named like an embedding, otherwise the last one that is not a classification,
    otherwise the input of the last Gemm. A network with 1001 classes is a TensorFlow slim model, which takes
    square images scaled to -1..1. A network with an `image_embeds` output is a CLIP model. All others are
    treated like ImageNet networks of PyTorch.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's exceptions have no common base class
        raise BadModel(f"ONNX Runtime cannot load {path}. Check that it is an ONNX file.") from error
    inputs, outputs = session.get_inputs(), session.get_outputs()
    if len(inputs) != 1 or len(inputs[0].shape) != 4:
        raise BadModel(
            f"{path} does not take one batch of images. Add a record: {path.with_suffix('.json').name}."
        )
    shapes = {each.name: list[Any](each.shape) for each in outputs}
    classes = {
        name for name, shape in shapes.items() if len(shape) == 2 and shape[-1] in (1000, SLIM_CLASSES)
    }
    shape: list[Any] = inputs[0].shape
    last = shape[-1] == 3
    side = shape[1] if last else shape[2]
    side = side if isinstance(side, int) and side > 0 else 224
    output = next((name for name in EMBEDDINGS if name in shapes), "")
    output = output or next((name for name in reversed(shapes) if name not in classes), "before:Gemm")
    spread = len(shapes.get(output, ())) == 4
    return EncoderSpec(
        name=path.stem,
        kind="image",
        file=ModelFile(path.name),
        summary="inferred from the graph, as the file has no record",
        input=inputs[0].name,
        output=output,
        pooling="avg" if spread else "none",
        pixels=_preprocessing(shapes, side, last),
        unverified=("preprocessing",),
    )


def _preprocessing(shapes: dict[str, list[Any]], side: int, last: bool) -> Preprocessing:
    layout = "NHWC" if last else "NCHW"
    if any(shape[-1] == SLIM_CLASSES for shape in shapes.values() if shape):
        half = (0.5, 0.5, 0.5)
        return Preprocessing(side=side, resize="squash", mean=half, std=half, layout=layout)
    if "image_embeds" in shapes:
        return Preprocessing(
            side=side, shorter=side, filter="bicubic", mean=CLIP_MEAN, std=CLIP_STD, layout=layout
        )
    return Preprocessing(side=side, shorter=round(side * 256 / 224), layout=layout)
