"""The papers' own networks with random weights, in the files that users download."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

os.environ.setdefault("KERAS_BACKEND", "torch")


@pytest.fixture(scope="session")
def keras() -> Any:
    """Keras on torch, with fixed random weights."""
    pytest.importorskip("torch")
    pytest.importorskip("h5py")
    keras = pytest.importorskip("keras")
    keras.utils.set_random_seed(5)
    return keras


@pytest.fixture(scope="session")
def resnet50(keras: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    """Keras' ResNet-50 without its top, and its weights as Keras publishes them."""
    model = keras.applications.ResNet50(weights=None, include_top=False, input_shape=(224, 224, 3))
    stir(model)
    path = tmp_path_factory.mktemp("keras") / "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5"
    return model, save(model, path)


def stir(model: Any) -> None:
    """Give batch normalisations other values than those they start with."""
    random = np.random.default_rng(9)
    for layer in model.layers:
        if layer.name.endswith("_bn"):
            gamma, beta, mean, variance = layer.get_weights()
            # The last one of a block is small, so that sums over many blocks stay of one size.
            gain = 0.3 if layer.name.endswith("_3_bn") else 1.0
            layer.set_weights(
                [
                    gain * random.uniform(0.5, 1.2, gamma.shape),
                    random.normal(0, 0.1, beta.shape),
                    random.normal(0, 0.1, mean.shape),
                    random.uniform(0.5, 1.5, variance.shape),
                ]
            )


def save(model: Any, path: Path) -> Path:
    """Write weights in the layout of the files that Keras offers for download."""
    import h5py

    layout = importlib.import_module("keras.src.legacy.saving.legacy_h5_format")
    with h5py.File(path, "w") as opened:
        layout.save_weights_to_hdf5_group(opened, model)
    return path
