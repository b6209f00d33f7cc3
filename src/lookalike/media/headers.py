"""Checks the first bytes of an image before a decoder spends memory or time on it."""

from __future__ import annotations

import struct

from lookalike.errors import BadImage

# Cameras write about twelve; profiles and previews in 64 KB segments add up to a few hundred.
MAX_JPEG_SEGMENTS = 1_000
MAX_PNG_CHUNKS = 20_000
MAX_GIF_BLOCKS = 100_000

# Memory per pixel that Pillow and its libraries need at full size, including copies and conversion.
_BYTES_PER_PIXEL = {"WEBP": 18, "AVIF": 16, "GIF": 10, "PNG": 9, "BMP": 9, "JPEG": 9, "MPO": 9}


def decode_cost(name: str, pixels: int) -> int:
    """Return the memory needed to decode a number of pixels, in bytes."""
    return pixels * _BYTES_PER_PIXEL.get(name, 9)


def announced_size(name: str, data: bytes) -> tuple[int, int] | None:
    """Read width and height for formats whose decoder allocates its canvas on opening."""
    if name == "WEBP":
        return _webp_size(data)
    return _avif_size(data) if name == "AVIF" else None


def check_structure(name: str, data: bytes) -> None:
    """Reject a file with very many tiny parts, each of which costs memory and time.

    Raises BadImage.
    """
    if name == "JPEG":
        within = _jpeg_segments(data)
    elif name == "PNG":
        within = _png_chunks(data)
    elif name == "GIF":
        within = _gif_blocks(data)
    else:
        within = True
    if not within:
        raise BadImage(f"The {name} has too many parts. Save it again as a plain JPEG.")


def _webp_size(data: bytes) -> tuple[int, int] | None:
    kind = data[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if kind == b"VP8L" and data[20:21] == b"\x2f":
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        return (
            int.from_bytes(data[26:28], "little") & 0x3FFF,
            int.from_bytes(data[28:30], "little") & 0x3FFF,
        )
    return None


def _avif_size(data: bytes) -> tuple[int, int] | None:
    """Return the largest extent of any image in the file."""
    sizes: list[tuple[int, int]] = []
    at = data.find(b"ispe")
    while 0 <= at <= len(data) - 16 and len(sizes) < MAX_JPEG_SEGMENTS:
        sizes.append(struct.unpack_from(">II", data, at + 8))
        at = data.find(b"ispe", at + 16)
    return max(sizes, key=lambda size: size[0] * size[1], default=None)


def _jpeg_segments(data: bytes) -> bool:
    """Whether the first scan follows a reasonable number of segments and fill bytes."""
    at = 2
    for _ in range(MAX_JPEG_SEGMENTS):
        if at + 4 > len(data) or data[at + 1] == 0xDA:
            return True
        if data[at] != 0xFF or data[at + 1] in (0xFF, 0x00):
            at += 1
        elif 0xD0 <= data[at + 1] <= 0xD9:
            at += 2
        else:
            at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4], "big"))
    return False


def _png_chunks(data: bytes) -> bool:
    at = 8
    for _ in range(MAX_PNG_CHUNKS):
        if at + 8 > len(data):
            return True
        at += 12 + int.from_bytes(data[at : at + 4], "big")
    return False


def _gif_blocks(data: bytes) -> bool:
    """Whether the first frame follows a reasonable number of extensions and blocks."""
    if len(data) < 13:
        return True
    at = 13 + (3 << ((data[10] & 7) + 1) if data[10] & 0x80 else 0)
    inside = False
    extensions = 0
    for _ in range(MAX_GIF_BLOCKS):
        if at >= len(data):
            return True
        if inside:
            inside = data[at] != 0
            at += 1 + data[at]
        elif data[at] == 0x21:
            extensions += 1
            if extensions > MAX_JPEG_SEGMENTS:
                return False
            inside, at = True, at + 2
        else:
            return True
    return False
