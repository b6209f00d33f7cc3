"""The single entry point for image bytes: validates, decodes and shrinks photos."""

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
LARGE_QUALITY = 82
# For reductions as sharp as bicubic, in two thirds of the time.
STORED_FILTER = Image.Resampling.HAMMING

# A network resizes the shorter side, so that the longer one grows by this factor.
MAX_ASPECT = 50

# Each scan of a progressive JPEG is a pass over the whole image; cameras and editors write about ten.
MAX_JPEG_SCANS = 100
# Twelve scans of the largest image: decoding takes at most two seconds.
MAX_SCANNED_PIXELS = 600_000_000

_STRIP_PIXELS = 1_000_000
_PROFILE_BYTES = 4_000_000

# Only the decoder for the detected format is used: format name, Pillow plugin.
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
# Tables, frame header (baseline and progressive) and scans: the segments that decoding needs.
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
    """A photo as the database stores it: a small image without metadata, identified by its content.

    `large` is the same image as a larger JPEG for the zoom, if the shop keeps one.
    """

    id: str
    data: bytes
    media_type: str
    width: int
    height: int
    large: bytes = b""


def photo_bytes(path: str | Path) -> bytes:
    """Return the bytes of a photo file, up to the accepted size."""
    limit = settings().max_image_bytes
    try:
        status = Path(path).stat()
        # A pipe or a device would never end.
        if not stat.S_ISREG(status.st_mode):
            raise BadImage(f"{path} is not a file. Choose a photo.")
        with Path(path).open("rb", buffering=0) as file:
            return file.read(limit + 1)
    except FileNotFoundError as error:
        raise NotFound(f"There is no photo at {path}. Check the path.") from error
    except (OSError, ValueError) as error:
        raise BadImage(f"{path} cannot be read: {error}.") from error


def photo_id(data: bytes) -> str:
    """Return the id of a photo, derived from its bytes."""
    return hashlib.sha256(data).hexdigest()[:32]


def read_image(source: ImageInput, side: int = 0) -> Image.Image:
    """Decode to RGB: upright, first frame only, on a white background.

    A `side` above 0 allows a smaller image whose shorter side still has that many pixels, and whose longer
    side has as many as a stored photo.
    """
    if isinstance(source, Image.Image):
        _check_size(source.size)
        return _decoded(source.copy(), side)
    return _read(source if isinstance(source, bytes) else photo_bytes(source), side)[0]


def prepare_photo(data: bytes, side: int) -> tuple[Image.Image, StoredPhoto]:
    """Return the image for an encoder and the photo to store, from one decoding."""
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


def large_photo(data: bytes, side: int) -> bytes:
    """The picture as a JPEG of at most `side` pixels; empty if the stored one is as large.

    It is decoded for itself: the picture for an encoder must not depend on what else is kept of a photo.
    """
    picture, _ = _read(data, side)
    if max(picture.size) <= STORED_SIDE:
        return b""
    picture.thumbnail((side, side), STORED_FILTER, reducing_gap=2.0)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=LARGE_QUALITY, optimize=True)
    return buffer.getvalue()


def _read(data: bytes, side: int) -> tuple[Image.Image, bool]:
    """Decode within the memory budget; also returns whether it is a JPEG that can be stored as it is."""
    if not data:
        raise BadImage("The photo is empty. Choose another file.")
    limit = settings().max_image_bytes
    if len(data) > limit:
        raise ImageTooLarge(f"The photo has more than {limit:,} bytes. Save it smaller.")
    name = _format(data)
    scans = data.count(_SCAN) if name == "JPEG" else 0
    if scans > MAX_JPEG_SCANS:
        raise BadImage("The JPEG has too many scans. Save it again as a plain JPEG.")
    check_structure(name, data)
    size = announced_size(name, data)
    if size is not None:
        _check_size(size)
        with memory_for(decode_cost(name, size[0] * size[1]), name):
            return _decoded(_open(data, name), side), False
    image = _open(data, name)
    if scans * image.width * image.height > MAX_SCANNED_PIXELS:
        raise BadImage("The JPEG has too many scans for its size. Save it again as a plain JPEG.")
    with memory_for(_cost(image, side), name):
        try:
            plain = image.format in ("JPEG", "MPO") and image.mode in ("RGB", "L")
            plain = plain and _turn(image) is None and _foreign_profile(image) is None
            return _decoded(image, side), plain
        finally:
            # Free the memory before the budget is released.
            del image


def _open(data: bytes, name: str) -> ImageFile.ImageFile:
    try:
        image = Image.open(io.BytesIO(data), formats=(name,))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    # Parsers of hostile bytes raise arbitrary exceptions.
    except Exception as error:
        raise _damaged(name) from error
    _check_size(image.size)
    return image


def _cost(image: ImageFile.ImageFile, side: int) -> int:
    """Estimate the memory for decoding; requests reduced decoding from JPEG."""
    pixels = image.width * image.height
    # A progressive JPEG is held in full, at two bytes per value, even if it is decoded at a fraction.
    held = 2 * len(image.getbands()) * pixels if image.info.get("progressive") else 0
    if side:
        image.draft(None, _wanted(image, side))
        pixels = image.width * image.height
    return held + decode_cost(image.format or "", pixels)


def _wanted(image: Image.Image, side: int) -> tuple[int, int]:
    """Return the smallest size that serves the encoder and the stored photo."""
    longer = max(side, STORED_SIDE)
    return (side, longer) if image.width <= image.height else (longer, side)


def _format(data: bytes) -> str:
    """Detect the format from the first bytes; raises if it is not accepted."""
    for magic, name, plugin in _ACCEPTED:
        if magic.match(data):
            module = importlib.import_module(f"PIL.{plugin}")
            # Pillow may lack WebP or AVIF.
            if not getattr(module, "SUPPORTED", True):
                raise UnsupportedFormat(f"{name} is not supported on this machine. Save it as JPEG.")
            return name
    names = ", ".join(name for _, name, _ in _ACCEPTED)
    for magic, name in _REFUSED:
        if magic.match(data):
            raise UnsupportedFormat(f"{name} is not supported. Save it as JPEG.")
    raise UnsupportedFormat(f"This is not a supported picture ({names}). Save it as JPEG.")


def _check_size(size: tuple[int, int]) -> None:
    width, height = size
    if not width or not height:
        raise BadImage("The picture has no pixels. Choose another file.")
    if width * height > settings().max_image_pixels:
        raise _too_many_pixels()
    if max(width, height) > MAX_ASPECT * min(width, height):
        raise BadImage(f"The picture is {width} by {height} pixels, too narrow to compare. Crop it.")


def _decoded(image: Image.Image, side: int) -> Image.Image:
    # The stored photo comes from the same decoding, and queries are decoded like imports, so that the same
    # bytes give the same vector.
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
    # Decoders raise arbitrary exceptions on damaged data.
    except Exception as error:
        raise _damaged(image.format or "picture") from error
    picture.info = {}
    return picture if turn is None else picture.transpose(turn)


def _turn(image: Image.Image) -> Image.Transpose | None:
    """Return the transposition that turns the image upright."""
    if image.format == "JPEG" and not {"exif", "xmp"} & image.info.keys():
        return None
    try:
        return _TURNS.get(image.getexif().get(0x0112, 1))
    # Damaged metadata does not affect the pixels, and EXIF parsers raise arbitrary exceptions.
    except Exception:
        return None


def _on_white(image: Image.Image, factor: int) -> Image.Image:
    """Convert to RGB on white, `factor` times smaller, in strips to limit memory."""
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
    """Return the color profile, unless it is sRGB."""
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
    # The profile is damaged or for other channels: convert without it.
    except (OSError, ValueError):
        return None


def _bare_jpeg(data: bytes) -> bytes | None:
    """Return the JPEG without metadata and trailing data; None if it cannot be cut losslessly."""
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
        # These segments define the color coding; other content, such as thumbnails, is dropped.
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
        f"The picture has more than {settings().max_image_pixels:,} pixels. Save it smaller."
    )


def _damaged(name: str) -> BadImage:
    return BadImage(f"The {name} is damaged or incomplete. Send the whole file, or save it again.")
