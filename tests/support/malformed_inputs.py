"""Pictures that are broken, tricky or made to do harm; each is built here, none is stored."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

from PIL import Image, ImageCms, ImageDraw

Builder = Callable[[], bytes]


def drawing(size: tuple[int, int] = (64, 48), mode: str = "RGB") -> Image.Image:
    """Red above blue, with a white square at the upper left: every turn of it looks different."""
    image = Image.new("RGB", size, (200, 30, 30))
    draw = ImageDraw.Draw(image)
    width, height = size
    draw.rectangle((0, height // 2, width, height), fill=(30, 30, 200))
    draw.rectangle((0, 0, width // 4, height // 4), fill="white")
    return image.convert(mode)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    """The bytes of a picture in one format."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def png(width: int, height: int, *chunks: bytes, depth: int = 8, colour: int = 2) -> bytes:
    """A PNG put together from a header that may lie and from chunks."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + chunk(b"IEND", b"")


def chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk of a PNG with its checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def jpeg_with(*segments: bytes, after: bytes = b"") -> bytes:
    """A good JPEG with segments put in behind its start and bytes behind its end."""
    data = saved(drawing(), "JPEG")
    return data[:2] + b"".join(segments) + data[2:] + after


def segment(kind: int, data: bytes) -> bytes:
    """One segment of a JPEG."""
    return bytes((0xFF, kind)) + struct.pack(">H", len(data) + 2) + data


def exif(orientation: int, *more: bytes) -> bytes:
    """A JPEG segment that says how the camera was held."""
    entry = struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0)
    body = b"II*\0" + struct.pack("<IH", 8, 1) + entry + struct.pack("<I", 0)
    return segment(0xE1, b"Exif\0\0" + body + b"".join(more))


def profile(channels: bytes = b"RGB ") -> bytes:
    """A color profile that does not call itself sRGB."""
    data = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = data.replace(b"sRGB", b"mine").replace("sRGB".encode("utf-16-be"), "mine".encode("utf-16-be"))
    return data[:16] + channels + data[20:]


def with_size(data: bytes, width: int, height: int) -> bytes:
    """A baseline JPEG whose frame header claims another size."""
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


def animated(kind: str, frames: int, **options: object) -> bytes:
    """An animation whose first frame is red and whose others are blue."""
    first = Image.new("RGB", (32, 32), (200, 30, 30))
    others = [Image.new("RGB", (32, 32), (30, number % 200, 200)) for number in range(frames - 1)]
    return saved(first, kind, save_all=True, append_images=others, **options)


def gif_of(frames: int) -> bytes:
    """A GIF of so many frames, without encoding each of them."""
    frame = b"\x21\xf9\x04\0\1\0\0\0\x2c\0\0\0\0\1\0\1\0\0\x02\x02\x44\x01\0"
    return b"GIF89a\1\0\1\0\x80\0\0\xc8\x1e\x1e\xff\xff\xff" + frame * frames + b";"


def _progressive_with_scans(scans: int) -> bytes:
    data = saved(drawing((512, 512)), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * scans + b"\xff\xd9"


def _large_progressive_with_scans(scans: int) -> bytes:
    """A picture that claims 49 megapixels."""
    data = bytearray(_progressive_with_scans(scans))
    frame = data.index(b"\xff\xc2")
    data[frame + 5 : frame + 9] = struct.pack(">HH", 7000, 7000)
    return bytes(data)


def _deflated(size: int) -> bytes:
    squeeze = zlib.compressobj(9)
    block = bytes(1_000_000)
    whole, rest = divmod(size, len(block))
    pack_vector = [squeeze.compress(block) for _ in range(whole)]
    return b"".join(pack_vector) + squeeze.compress(bytes(rest)) + squeeze.flush()


def _webp_claiming(width: int, height: int) -> bytes:
    size = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    body = (
        b"WEBPVP8X" + struct.pack("<I", 10) + b"\2\0\0\0" + size + b"ANIM" + struct.pack("<I", 6) + bytes(6)
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _bmp(width: int, height: int, compression: int = 0, pixels: bytes = b"") -> bytes:
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, compression, len(pixels), 0, 0, 256, 0)
    return (
        b"BM" + struct.pack("<IHHI", 54 + 1024 + len(pixels), 0, 0, 54 + 1024) + info + bytes(1024) + pixels
    )


# Refused, with the status each must get: 413 too large, 415 not a format that is taken, 422 damaged.
REFUSED: dict[str, tuple[int, Builder]] = {
    "empty": (422, lambda: b""),
    "one byte": (415, lambda: b"\xff"),
    "only zeros": (415, lambda: bytes(4096)),
    "words": (415, lambda: b"this is not a picture at all"),
    "PNG of 50,000 x 50,000": (413, lambda: png(50_000, 50_000, chunk(b"IDAT", _deflated(1_000_000)))),
    "PNG of 2^31 x 2^31": (413, lambda: png(2**31 - 1, 2**31 - 1)),
    "PNG just above the pixels that are taken": (413, lambda: png(10_000, 5_001)),
    "PNG without width": (422, lambda: png(0, 10)),
    "PNG with its header only": (422, lambda: png(10, 10)[:20]),
    "PNG cut off": (422, lambda: saved(drawing((400, 400)).effect_spread(90), "PNG")[:5000]),
    "PNG of noise in place of pixels": (422, lambda: png(10, 10, chunk(b"IDAT", b"noise" * 9))),
    "PNG with a wrong checksum": (422, lambda: saved(drawing(), "PNG").replace(b"IDAT", b"IDAt", 1)),
    "PNG of a depth that there is not": (422, lambda: png(10, 10, depth=3)),
    "PNG with a chunk longer than the file": (422, lambda: png(10, 10)[:33] + b"\x7f\xff\xff\xffIDATxx"),
    "PNG whose comment unpacks to 200 MB": (
        422,
        lambda: png(10, 10, *[chunk(b"zTXt", b"a\0\0" + _deflated(200_000_000))]),
    ),
    "JPEG of its first two bytes": (415, lambda: b"\xff\xd8"),
    "JPEG of its first bytes": (422, lambda: b"\xff\xd8\xff\xe0"),
    "JPEG cut in half": (422, lambda: (data := saved(drawing((400, 400)), "JPEG"))[: len(data) // 2]),
    "JPEG without an end": (422, lambda: saved(drawing(), "JPEG")[:-2]),
    "JPEG without tables": (422, lambda: saved(drawing(), "JPEG").replace(b"\xff\xdb", b"\xff\xfe")),
    "JPEG of 65,535 x 65,535": (413, lambda: with_size(saved(drawing(), "JPEG"), 65_535, 65_535)),
    "JPEG of no size": (422, lambda: with_size(saved(drawing(), "JPEG"), 0, 0)),
    "JPEG of 49 megapixels in 15 scans": (422, lambda: _large_progressive_with_scans(5)),
    "JPEG of 5,000 scans": (422, lambda: _progressive_with_scans(5_000)),
    "JPEG of 1 x 65,500": (422, lambda: saved(Image.new("RGB", (1, 65_500)), "JPEG")),
    "PNG of 65,535 x 1": (422, lambda: saved(Image.new("RGB", (65_535, 1)), "PNG")),
    "GIF of 65,535 x 65,535": (413, lambda: b"GIF89a\xff\xff\xff\xff" + gif_of(1)[10:]),
    "GIF cut off": (422, lambda: saved(drawing((300, 300)).effect_spread(90), "GIF")[:900]),
    "GIF with its header only": (422, lambda: b"GIF89a\1\0\1\0\0\0\0"),
    "GIF that is a script": (422, lambda: b"GIF89a=1;alert(document.cookie)//" + bytes(50)),
    "GIF of endless comments": (422, lambda: b"GIF89a\1\0\1\0\0\0\0" + b"\x21\xfe\1x\0" * 100_000),
    "WebP cut off": (422, lambda: saved(drawing((300, 300)).effect_spread(90), "WEBP")[:900]),
    "WebP of 16,384 x 16,384": (413, lambda: _webp_claiming(16_384, 16_384)),
    "WebP without content": (422, lambda: b"RIFF\4\0\0\0WEBP"),
    "WebP of noise": (422, lambda: b"RIFF\x30\0\0\0WEBPVP8 " + b"\x20\0\0\0" + b"noise" * 8),
    "AVIF cut off": (422, lambda: saved(drawing((300, 300)).effect_spread(90), "AVIF")[:900]),
    "AVIF with its header only": (422, lambda: b"\0\0\0\x20ftypavif\0\0\0\0avifmif1miafMA1B"),
    "BMP of 40,000 x 40,000": (413, lambda: _bmp(40_000, 40_000)),
    "BMP without pixels": (422, lambda: _bmp(4_000, 4_000)),
    "BMP of two bytes": (422, lambda: b"BM"),
    "EPS": (415, lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file"),
    "EPS with a preview": (415, lambda: b"\xc5\xd0\xd3\xc6" + bytes(40)),
    "PDF": (415, lambda: saved(drawing(), "PDF")),
    "FITS": (415, lambda: b"SIMPLE  =                    T" + b" " * 50 + b"BITPIX  =  8"),
    "PSD": (415, lambda: b"8BPS\0\1" + bytes(6) + b"\0\3\0\0\0\x10\0\0\0\x10\0\x08\0\3" + bytes(100)),
    "JP2": (415, lambda: saved(drawing(), "JPEG2000")),
    "JPEG 2000 without a box": (415, lambda: b"\xff\x4f\xff\x51" + bytes(60)),
    "TIFF": (415, lambda: saved(drawing(), "TIFF")),
    "ICO": (415, lambda: saved(drawing(), "ICO")),
    "PPM": (415, lambda: saved(drawing(), "PPM")),
    "HEIC": (415, lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100)),
    "JPEG XL": (415, lambda: b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(40)),
    "SVG": (415, lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
    "SVG after blanks and a mark": (415, lambda: b"\xef\xbb\xbf \n<?xml version='1.0'?><svg/>"),
    "XML bomb": (415, lambda: b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "aaaa">]><svg>&a;</svg>'),
    "HTML": (415, lambda: b"<html><body onload=alert(1)>"),
    "ZIP": (415, lambda: b"PK\3\4" + bytes(60)),
    "program": (415, lambda: b"\x7fELF\2\1\1" + bytes(60)),
}

# Odd, but pictures: each must be read as what it shows.
READABLE: dict[str, Builder] = {
    "PNG of one pixel": lambda: saved(Image.new("RGB", (1, 1), "red"), "PNG"),
    "JPEG of one pixel": lambda: saved(Image.new("RGB", (1, 1), "red"), "JPEG"),
    "JPEG of 20 x 1,000": lambda: saved(drawing((20, 1_000)), "JPEG"),
    "PNG of 16 bits": lambda: png(
        2, 1, chunk(b"IDAT", zlib.compress(b"\0" + struct.pack(">6H", *[51_400, 7_710, 7_710] * 2))), depth=16
    ),
    "PNG of one bit": lambda: saved(drawing(mode="1"), "PNG"),
    "PNG of grey with alpha": lambda: saved(drawing(mode="LA"), "PNG"),
    "PNG with a palette": lambda: saved(drawing(mode="P"), "PNG"),
    "PNG in a loop of text": lambda: png(
        1, 1, chunk(b"tEXt", b"a\0" + b"x" * 9_000), chunk(b"IDAT", zlib.compress(b"\0\xff\0\0"))
    ),
    "PNG before a page": lambda: saved(drawing(), "PNG") + b"<script>alert(1)</script>",
    "PNG that moves": lambda: animated("PNG", 300),
    "PNG of nothing but zeros": lambda: png(
        7_000, 7_000, chunk(b"IDAT", _deflated(7_000 * 28_001)), colour=6
    ),
    "GIF of 10,000 frames": lambda: gif_of(10_000),
    "GIF with a clear colour": lambda: saved(drawing(mode="P"), "GIF", transparency=0),
    "WebP of 300 frames": lambda: animated("WEBP", 300, quality=1, method=0),
    "WebP with alpha": lambda: saved(drawing(mode="RGBA"), "WEBP"),
    "AVIF": lambda: saved(drawing(), "AVIF"),
    "BMP that runs off its edge": lambda: _bmp(100, 100, 1, b"\0\2\xff\xff" * 50),
    "BMP upside down": lambda: _bmp(10, -10, 0, bytes(120)),
    "JPEG taller than its data": lambda: with_size(saved(drawing(), "JPEG"), 64, 3_000),
    "JPEG in CMYK": lambda: saved(drawing(mode="CMYK"), "JPEG"),
    "JPEG in grey": lambda: saved(drawing(mode="L"), "JPEG"),
    "JPEG in many passes": lambda: saved(drawing(), "JPEG", progressive=True),
    "JPEG with a script in its comment": lambda: jpeg_with(segment(0xFE, b"<script>alert(1)</script>")),
    "JPEG before an archive": lambda: jpeg_with(after=b"PK\3\4" + bytes(100)),
    "JPEG with EXIF that loops": lambda: jpeg_with(
        segment(0xE1, b"Exif\0\0II*\0" + struct.pack("<IHHHIII", 8, 1, 0x8769, 4, 1, 8, 8))
    ),
    "JPEG with EXIF of noise": lambda: jpeg_with(segment(0xE1, b"Exif\0\0" + b"\xff" * 500)),
    "JPEG with a wrong orientation": lambda: jpeg_with(exif(99)),
    "JPEG with a profile for inks": lambda: saved(drawing(), "JPEG", icc_profile=profile(b"CMYK")),
    "JPEG with a broken profile": lambda: jpeg_with(segment(0xE2, b"ICC_PROFILE\0\1\1" + b"\xfe" * 900)),
}
