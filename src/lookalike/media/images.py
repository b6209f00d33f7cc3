"""The one door for image bytes: what is accepted, how it is decoded, and what of it is kept."""

from __future__ import annotations

import hashlib
import importlib
import io
import re
import stat
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageFile

from lookalike.errors import BadImage, ImageTooLarge, NotFound, UnsupportedFormat
from lookalike.media.budget import memory_for
from lookalike.media.headers import announced_size, check_structure, decode_cost
from lookalike.settings import settings

if TYPE_CHECKING:
    from PIL.ImageCms import ImageCmsTransform

    from lookalike.types import ImageInput

STORED_SIDE = 320
STORED_QUALITY = 88
# As sharp as bicubic for a reduction, in two thirds of the time.
STORED_FILTER = Image.Resampling.HAMMING

# A network resizes the shorter side to what it wants, so the other one grows by this factor.
MAX_ASPECT = 50

# Each scan of a progressive JPEG is a pass over the whole picture; cameras and editors write about ten.
MAX_JPEG_SCANS = 100
# Twelve scans of the largest picture: decoding stays within two seconds.
MAX_SCANNED_PIXELS = 600_000_000

_STRIP_PIXELS = 1_000_000
_PROFILE_BYTES = 4_000_000

# Only the decoder that the first bytes call for is ever asked: name of the format, plugin to load.
_ACCEPTED: tuple[tuple[re.Pattern[bytes], str, str], ...] = (
    (re.compile(rb"\xff\xd8\xff"), "JPEG", "JpegImagePlugin"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "PNG", "PngImagePlugin"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "WEBP", "WebPImagePlugin"),
    (re.compile(rb"GIF8[79]a"), "GIF", "GifImagePlugin"),
    (re.compile(rb"....ftypavi[fs]", re.DOTALL), "AVIF", "AvifImagePlugin"),
    (re.compile(rb"BM"), "BMP", "BmpImagePlugin"),
)
_REFUSED: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"....ftyp(hei[cmsx]|hev[cmx]|mif1|msf1)", re.DOTALL), "HEIC"),
    (re.compile(rb"II\*\0|MM\0\*|II\+\0|MM\0\+"), "TIFF"),
    (re.compile(rb"\0\0\0\x0cjP  \r\n|\xff\x4f\xff\x51"), "JPEG 2000"),
    (re.compile(rb"\0\0\0\x0cJXL |\xff\x0a"), "JPEG XL"),
    (re.compile(rb"8BPS"), "Photoshop"),
    (re.compile(rb"%!PS|\xc5\xd0\xd3\xc6"), "PostScript"),
    (re.compile(rb"%PDF"), "PDF"),
    (re.compile(rb"SIMPLE  ="), "FITS"),
    (re.compile(rb"\0\0[\x01\x02]\0"), "ICO"),
    (re.compile(rb"P[1-7]\s"), "PNM"),
    (re.compile(rb"(\xef\xbb\xbf)?\s*<(\?xml|!DOCTYPE svg|!--|svg)", re.IGNORECASE), "SVG or XML"),
    (re.compile(rb"(\xef\xbb\xbf)?\s*<"), "HTML"),
    (re.compile(rb"PK\x03\x04"), "ZIP"),
)

_SCAN = b"\xff\xda"
# Tables, frame header (baseline and progressive) and scans: what a JPEG needs to be decoded.
_JPEG_PIXELS = frozenset({0xC0, 0xC1, 0xC2, 0xC4, 0xDA, 0xDB, 0xDD})
_JPEG_MARKER = re.compile(rb"\xff[^\0\xd0-\xd7\xff]", re.DOTALL)

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class StoredPhoto:
    """What the database keeps of a photo: a small picture without metadata, known by its content."""

    id: str
    data: bytes
    media_type: str
    width: int
    height: int


def photo_bytes(path: str | Path) -> bytes:
    """The bytes of a photo on this machine, never more than are accepted."""
    limit = settings().max_image_bytes
    try:
        status = Path(path).stat()
        # A pipe or a device would never end.
        if not stat.S_ISREG(status.st_mode):
            raise BadImage(f"{path} is not a file: name a photo.")
        with Path(path).open("rb", buffering=0) as file:
            return file.read(limit + 1)
    except FileNotFoundError as error:
        raise NotFound(f"There is no photo at {path}: check the path.") from error
    except (OSError, ValueError) as error:
        raise BadImage(f"{path} cannot be read: {error}.") from error


def photo_id(data: bytes) -> str:
    """The id of a photo: the same bytes always get the same one."""
    return hashlib.sha256(data).hexdigest()[:32]


def read_image(source: ImageInput, side: int = 0) -> Image.Image:
    """The picture as RGB, upright, its first frame, on white.

    A `side` above 0 allows a reduced picture whose shorter side still has that many pixels, and whose longer
    side has as many as a stored photo.
    """
    if isinstance(source, Image.Image):
        _check_size(source.size)
        return _decoded(source.copy(), side)
    return _read(source if isinstance(source, bytes) else photo_bytes(source), side)[0]


def prepare_photo(data: bytes, side: int) -> tuple[Image.Image, StoredPhoto]:
    """The picture for an encoder and the photo that is kept, from one decode."""
    picture, is_plain_jpeg = _read(data, side)
    small = picture
    if max(picture.size) > STORED_SIDE:
        scale = STORED_SIDE / max(picture.size)
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        small = picture.resize(size, STORED_FILTER, reducing_gap=2.0)
        is_plain_jpeg = False
    kept = _bare_jpeg(data) if is_plain_jpeg else None
    if kept is None:
        buffer = io.BytesIO()
        small.save(buffer, "JPEG", quality=STORED_QUALITY)
        kept = buffer.getvalue()
    return picture, StoredPhoto(photo_id(data), kept, "image/jpeg", *small.size)


def _read(data: bytes, side: int) -> tuple[Image.Image, bool]:
    """The picture, decoded within the memory budget, and whether it is a JPEG that may be kept as it is."""
    if not data:
        raise BadImage("The photo is empty: choose another file.")
    limit = settings().max_image_bytes
    if len(data) > limit:
        raise ImageTooLarge(f"The photo has more than {limit:,} bytes: save it smaller.")
    name = _format(data)
    scans = data.count(_SCAN) if name == "JPEG" else 0
    if scans > MAX_JPEG_SCANS:
        raise BadImage("The JPEG has too many scans: save it again as a plain JPEG.")
    check_structure(name, data)
    size = announced_size(name, data)
    if size is not None:
        _check_size(size)
        with memory_for(decode_cost(name, size[0] * size[1]), name):
            return _decoded(_open(data, name), side), False
    image = _open(data, name)
    if scans * image.width * image.height > MAX_SCANNED_PIXELS:
        raise BadImage("The JPEG has too many scans for its size: save it again as a plain JPEG.")
    with memory_for(_cost(image, side), name):
        try:
            plain = image.format in ("JPEG", "MPO") and image.mode in ("RGB", "L")
            plain = plain and _turn(image) is None and _foreign_profile(image) is None
            return _decoded(image, side), plain
        finally:
            # The memory must be free before the budget says that it is.
            del image


def _open(data: bytes, name: str) -> ImageFile.ImageFile:
    try:
        image = Image.open(io.BytesIO(data), formats=(name,))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    # A parser that is given hostile bytes raises whatever it trips over.
    except Exception as error:
        raise _damaged(name) from error
    _check_size(image.size)
    return image


def _cost(image: ImageFile.ImageFile, side: int) -> int:
    """The memory that decoding takes; asks a JPEG for as few pixels as are needed."""
    pixels = image.width * image.height
    # A progressive JPEG is held in full, as numbers of two bytes, even when it is decoded to a fraction.
    held = 2 * len(image.getbands()) * pixels if image.info.get("progressive") else 0
    if side:
        image.draft(None, _wanted(image, side))
        pixels = image.width * image.height
    return held + decode_cost(image.format or "", pixels)


def _wanted(image: Image.Image, side: int) -> tuple[int, int]:
    """The smallest size that serves an encoder of that side and the photo that is kept."""
    longer = max(side, STORED_SIDE)
    return (side, longer) if image.width <= image.height else (longer, side)


def _format(data: bytes) -> str:
    """The accepted format that the first bytes announce."""
    for magic, name, plugin in _ACCEPTED:
        if magic.match(data):
            module = importlib.import_module(f"PIL.{plugin}")
            # Pillow may have been built without WebP or AVIF.
            if not getattr(module, "SUPPORTED", True):
                raise UnsupportedFormat(f"{name} is not supported on this machine: save it as JPEG.")
            return name
    names = ", ".join(name for _, name, _ in _ACCEPTED)
    for magic, name in _REFUSED:
        if magic.match(data):
            raise UnsupportedFormat(f"{name} is not supported: save it as JPEG.")
    raise UnsupportedFormat(f"This is no picture that is supported ({names}): save it as JPEG.")


def _check_size(size: tuple[int, int]) -> None:
    width, height = size
    if not width or not height:
        raise BadImage("The picture has no pixels: choose another file.")
    if width * height > settings().max_image_pixels:
        raise _too_many_pixels()
    if max(width, height) > MAX_ASPECT * min(width, height):
        raise BadImage(f"The picture is {width} by {height} pixels, too narrow to compare: crop it.")


def _decoded(image: Image.Image, side: int) -> Image.Image:
    # The photo that is kept is cut from the same picture, and a query takes the same way as an import:
    # the same bytes then give the same vector.
    factor = 1
    if side:
        wanted = _wanted(image, side)
        image.draft(None, wanted)
        factor = max(1, min(image.width // wanted[0], image.height // wanted[1]))
    try:
        image.load()
        turn = _turn(image)
        picture = _on_white(image, factor)
    except (MemoryError, Image.DecompressionBombError) as error:
        raise _too_many_pixels() from error
    # As above: there is no list of what a decoder raises on damaged data.
    except Exception as error:
        raise _damaged(image.format or "picture") from error
    picture.info = {}
    return picture if turn is None else picture.transpose(turn)


def _turn(image: Image.Image) -> Image.Transpose | None:
    """How the picture must be turned to stand upright."""
    if image.format == "JPEG" and not {"exif", "xmp"} & image.info.keys():
        return None
    try:
        return _TURNS.get(image.getexif().get(0x0112, 1))
    # Damaged metadata says nothing about the pixels, and no parser of EXIF names its errors.
    except Exception:
        return None


def _on_white(image: Image.Image, factor: int) -> Image.Image:
    """The picture as RGB on white, `factor` times smaller, in strips: copies of a large one would add up."""
    transparent = image.has_transparency_data
    profile = _foreign_profile(image)
    if image.mode == "RGB" and factor == 1 and not transparent and profile is None:
        return image
    width, height = image.size
    result = Image.new("RGB", (-(-width // factor), -(-height // factor)))
    rows = max(1, _STRIP_PIXELS // (width * factor)) * factor
    for top in range(0, height, rows):
        strip = _rgb(image.crop((0, top, width, min(height, top + rows))), transparent, profile)
        result.paste(strip.reduce(factor) if factor > 1 else strip, (0, top // factor))
    return result


def _rgb(image: Image.Image, transparent: bool, profile: bytes | None) -> Image.Image:
    if image.mode.startswith("I;16"):
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    elif transparent:
        clear = image.convert("RGBA")
        image = Image.new("RGB", image.size, "white")
        image.paste(clear, mask=clear.getchannel("A"))
    if profile and image.mode in ("RGB", "CMYK", "P"):
        image = image.convert("RGB") if image.mode == "P" else image
        transform = _to_srgb(profile, image.mode)
        if transform is not None:
            return transform.apply(image)
    return image.convert("RGB")


def _foreign_profile(image: Image.Image) -> bytes | None:
    """The colour profile of the picture, unless it is sRGB."""
    profile = image.info.get("icc_profile")
    if not isinstance(profile, bytes) or len(profile) > _PROFILE_BYTES:
        return None
    return None if b"sRGB" in profile or "sRGB".encode("utf-16-be") in profile else profile


@lru_cache(maxsize=8)
def _to_srgb(profile: bytes, mode: str) -> ImageCmsTransform | None:
    from PIL import ImageCms

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
        return ImageCms.ImageCmsTransform(source, target, mode, "RGB")
    # A damaged profile, or one for other channels: the plain conversion is the best guess left.
    except (OSError, ValueError):
        return None


def _bare_jpeg(data: bytes) -> bytes | None:
    """The same compressed picture without its metadata and what follows its end, if it can be cut so."""
    kept = [b"\xff\xd8"]
    at = 2
    while data[at : at + 2] != b"\xff\xd9":
        if at + 4 > len(data) or data[at] != 0xFF:
            return None
        kind = data[at + 1]
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if kind == 0xDA:
            marker = _JPEG_MARKER.search(data, end)
            if marker is None:
                return None
            end = marker.start()
        segment = data[at:end]
        if kind in _JPEG_PIXELS:
            kept.append(segment)
        # Both say how the colours are coded; what else they may carry (a thumbnail) is cut off.
        elif kind == 0xE0 and segment[4:9] == b"JFIF\0" and len(segment) >= 16:
            kept.append(b"\xff\xe0\0\x10" + segment[4:16] + b"\0\0")
        elif kind == 0xEE and segment[4:9] == b"Adobe" and len(segment) >= 16:
            kept.append(b"\xff\xee\0\x0e" + segment[4:16])
        elif not (0xE0 <= kind <= 0xEF or kind == 0xFE):
            return None
        at = end
    return b"".join([*kept, b"\xff\xd9"])


def _too_many_pixels() -> ImageTooLarge:
    return ImageTooLarge(
        f"The picture has more than {settings().max_image_pixels:,} pixels: save it smaller."
    )


def _damaged(name: str) -> BadImage:
    return BadImage(f"The {name} is damaged or cut off: send the whole file, or save it again.")
