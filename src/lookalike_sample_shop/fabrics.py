"""The fabrics of pieces."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lookalike_sample_shop.colours import RGB, deeper


@dataclass(frozen=True, slots=True)
class Fabric:
    """Colors (the ground first), the pattern they make, the weave, and how much it shines."""

    colours: tuple[RGB, ...]
    pattern: str = "solid"
    texture: str = "jersey"
    scale: float = 1.0
    gloss: float = 0.0

    @property
    def ground(self) -> RGB:
        """The color that covers most of it."""
        return self.colours[0]

    @property
    def accent(self) -> RGB:
        """The color that stands out of it most, or the ground where there is no other."""
        return self.colours[:2][-1]

    def plain(self, texture: str = "", colour: RGB | None = None) -> Fabric:
        """The same cloth without its pattern."""
        return replace(
            self, colours=(colour or self.ground,), pattern="solid", texture=texture or self.texture
        )

    def darker(self, share: float = 0.25) -> Fabric:
        """The same cloth dyed deeper."""
        return replace(self, colours=tuple(deeper(colour, share) for colour in self.colours))


def leather(colour: RGB, gloss: float = 0.5) -> Fabric:
    """Smooth leather."""
    return Fabric((colour,), texture="leather", gloss=gloss)


def metal(colour: RGB) -> Fabric:
    """Polished metal."""
    return Fabric((colour,), texture="smooth", gloss=1.6)


def rubber(colour: RGB) -> Fabric:
    """The matt rubber of soles."""
    return Fabric((colour,), texture="smooth", gloss=0.12)
