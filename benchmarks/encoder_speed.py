"""Photos a second of the built-in image encoder, beside a ResNet-50 in float32, in one run.

    python benchmarks/encoder_speed.py [--clock cpu]

Both run on ONNX Runtime, photo by photo, with one session of one thread for each core, on tensors that lie
in memory. The ResNet-50 has the usual shape and random weights. They take turns, so that a busy moment falls
on both. `--clock cpu` counts processor time: use it where other programs run as well.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnxruntime
import torch
from timing import CLOCKS, medians, print_table
from torch import nn

from lookalike.encoders.onnx.graph import read_graph
from lookalike.encoders.registry import BUILTIN_FOLDER

SIDE = 224
STAGES = ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2))
WIDER = 4


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--photos", type=int, default=8, help="of each thread in each round")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--clock", choices=tuple(CLOCKS), default="wall")
    options = parser.parse_args()
    graphs = {
        "ResNet-50, float32": resnet50(),
        "built-in": read_graph(BUILTIN_FOLDER / "image.onnx").cut("vector", "images"),
    }
    photos = np.random.default_rng(0).uniform(0, 255, (1, 3, SIDE, SIDE)).astype(np.float32)
    with ThreadPoolExecutor(options.threads) as pool:

        def everyone(graph: bytes) -> Callable[[], object]:
            sessions = [opened(graph) for _ in range(options.threads)]

            def run(session: onnxruntime.InferenceSession) -> None:
                for _ in range(options.photos):
                    session.run(None, {"images": photos})

            return lambda: list(pool.map(run, sessions))

        runs = {name: everyone(graph) for name, graph in graphs.items()}
        taken = medians(runs, options.rounds, CLOCKS[options.clock])
    rates = {name: 1000 * options.photos * options.threads / each for name, each in taken.items()}
    slowest = rates["ResNet-50, float32"]
    lines = [(name, f"{rate:.0f}", f"{rate / slowest:.1f}") for name, rate in rates.items()]
    print_table(
        f"{options.threads} threads, {SIDE} px, {options.clock} time", ("", "photos/s", "times"), lines
    )


def opened(graph: bytes) -> onnxruntime.InferenceSession:
    """A session of one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


class Bottleneck(nn.Module):
    """Narrow, filter, widen; with a shortcut."""

    def __init__(self, inputs: int, width: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            *unit(inputs, width, 1), nn.ReLU(), *unit(width, width, 3, stride), nn.ReLU(),
            *unit(width, width * WIDER, 1),
        )  # fmt: skip
        same = stride == 1 and inputs == width * WIDER
        self.shortcut = nn.Sequential() if same else nn.Sequential(*unit(inputs, width * WIDER, 1, stride))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Filter, and add what came in."""
        return torch.relu(self.body(x) + self.shortcut(x))


def unit(inputs: int, outputs: int, kernel: int, stride: int = 1) -> tuple[nn.Module, nn.Module]:
    """A convolution and its batch norm."""
    conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
    return conv, nn.BatchNorm2d(outputs)


def resnet50() -> bytes:
    """The graph of a ResNet-50 up to its pooled features."""
    layers: list[nn.Module] = [*unit(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    inputs = 64
    for width, blocks, stride in STAGES:
        for place in range(blocks):
            layers.append(Bottleneck(inputs, width, stride if place == 0 else 1))
            inputs = width * WIDER
    network = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten()).eval()
    file = io.BytesIO()
    torch.onnx.export(network, (torch.zeros(1, 3, SIDE, SIDE),), file, input_names=["images"], dynamo=False)
    return file.getvalue()


if __name__ == "__main__":
    main()
