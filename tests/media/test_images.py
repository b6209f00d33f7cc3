"""What the one door for image bytes lets in, what it makes of it, and what it keeps."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import lookalike
from lookalike.errors import BadImage, ImageTooLarge, NotFound, UnsupportedFormat
from lookalike.media.images import STORED_SIDE, photo_bytes, photo_id, prepare_photo, read_image
from lookalike.settings import Settings
from support import malformed_inputs

RED, BLUE, WHITE = (200, 30, 30), (30, 30, 200), (255, 255, 255)


def near(
    picture: Image.Image, where: tuple[float, float], colour: tuple[int, int, int], by: int = 12
) -> bool:
    """Whether the picture has about this color at a place given in fractions of its sides."""
    at = (int(where[0] * (picture.width - 1)), int(where[1] * (picture.height - 1)))
    return bool(np.abs(np.array(picture.getpixel(at)) - np.array(colour)).max() <= by)


def shows_the_drawing(picture: Image.Image) -> bool:
    """Whether it is the drawing of `hostile`, upright."""
    places = (((0.1, 0.1), WHITE), ((0.7, 0.2), RED), ((0.2, 0.9), BLUE), ((0.9, 0.9), BLUE))
    return picture.mode == "RGB" and all(near(picture, where, colour) for where, colour in places)


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_fifty_and_more_hostile_pictures_are_built() -> None:
    assert len(malformed_inputs.REFUSED) >= 50
    assert len(malformed_inputs.READABLE) >= 20


@pytest.mark.parametrize("name", malformed_inputs.REFUSED)
def test_a_hostile_picture_is_refused_with_its_status_and_a_sentence(name: str) -> None:
    status, build = malformed_inputs.REFUSED[name]
    with pytest.raises(BadImage) as refusal:
        prepare_photo(build(), 224)
    assert refusal.value.status == status
    sentence = str(refusal.value)
    assert sentence.endswith(".")
    assert sentence.count(". ") == 1


def test_passes_over_a_large_jpeg_are_counted_before_it_is_decoded() -> None:
    _, build = malformed_inputs.REFUSED["JPEG of 49 megapixels in 15 scans"]
    with pytest.raises(BadImage, match="too many scans for its size"):
        read_image(build())


@pytest.mark.parametrize("name", malformed_inputs.READABLE)
def test_an_odd_picture_is_read_and_stored_small(name: str) -> None:
    picture, stored = prepare_photo(malformed_inputs.READABLE[name](), 224)
    kept = opened(stored.data)
    assert picture.mode == "RGB"
    assert kept.format == "JPEG"
    assert kept.size == (stored.width, stored.height)
    assert max(kept.size) <= STORED_SIDE
    kept.load()


def test_pictures_of_tiny_files_and_huge_canvases_share_one_budget_of_memory() -> None:
    program = (
        "import io, resource, threading\nfrom PIL import Image\n"
        "from lookalike.media.images import prepare_photo\n"
        "files = []\n"
        "for kind, side in (('WEBP', 4990), ('AVIF', 5200)):\n"
        "    buffer = io.BytesIO()\n"
        "    Image.new('RGB', (side, side)).save(buffer, kind, quality=1)\n"
        "    files += [buffer.getvalue()] * 3\n"
        "assert max(map(len, files)) < 500_000\n"
        "open('/proc/self/clear_refs', 'w').write('5')\n"
        "peak = lambda: int(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])\n"
        "before = peak()\n"
        "threads = [threading.Thread(target=prepare_photo, args=(each, 224)) for each in files]\n"
        "[thread.start() for thread in threads], [thread.join() for thread in threads]\n"
        "print(peak() - before)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 600_000


@pytest.mark.parametrize("kind", ["WEBP", "AVIF"])
def test_a_canvas_above_the_budget_is_refused_before_it_is_allocated(kind: str) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (7000, 7000)).save(buffer, kind, quality=1)
    with pytest.raises(ImageTooLarge, match="too much memory"):
        prepare_photo(buffer.getvalue(), 224)


@pytest.mark.parametrize(
    "build",
    [
        lambda: b"\xff\xd8" + b"\xff\xe0\0\2" * 1_000_000,
        lambda: b"\xff\xd8" + b"\xff" * 1_000_000,
        lambda: b"\x89PNG\r\n\x1a\n" + b"\0\0\0\0abCd\0\0\0\0" * 100_000,
        lambda: b"GIF89a\x08\0\x08\0\0\0\0" + b"\x21\xfe\x01a\0" * 100_000,
        lambda: b"GIF89a\x08\0\x08\0\0\0\0\x21\xfe" + b"\x01a" * 200_000,
    ],
    ids=["JPEG segments", "JPEG fill bytes", "PNG chunks", "GIF comments", "GIF comment of tiny blocks"],
)
def test_a_file_of_a_great_many_parts_is_refused_before_they_are_read(build: Callable[[], bytes]) -> None:
    with pytest.raises(BadImage, match="too many parts"):
        prepare_photo(build(), 224)


def test_a_large_photo_is_decoded_to_no_more_than_the_encoder_and_the_thumbnail_need() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (1200, 1600), "red").save(buffer, "JPEG")
    picture, stored = prepare_photo(buffer.getvalue(), 224)
    assert picture.size == (300, 400)
    assert (stored.width, stored.height) == (240, 320)


def test_all_hostile_pictures_together_stay_within_the_memory_of_one_large_picture() -> None:
    program = (
        "import resource\nfrom support import malformed_inputs as hostile\n"
        "from lookalike.errors import BadImage\n"
        "from lookalike.media.images import prepare_photo\n"
        "builders = [*(build for _, build in hostile.REFUSED.values()), *hostile.READABLE.values()]\n"
        "pictures = [build() for build in builders]\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "for data in pictures:\n"
        "    try:\n"
        "        prepare_photo(data, 224)\n"
        "    except BadImage:\n"
        "        pass\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    here = Path(__file__).parents[1]
    path = f"{here}:{here.parent / 'src'}"
    done = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": path}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    grown = int(done.stdout) / (1024 if sys.platform != "darwin" else 1024 * 1024)
    # 49 megapixels with alpha are 187 MiB; whatever else is held at once is small.
    assert grown < 300


@settings(deadline=None)
@given(st.data())
def test_no_damage_to_a_good_picture_gives_anything_but_a_picture_or_a_refusal(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["JPEG", "PNG", "GIF", "WEBP", "BMP"]))
    picture = bytearray(malformed_inputs.saved(malformed_inputs.drawing((24, 16)), kind))
    for _ in range(data.draw(st.integers(1, 6))):
        picture[data.draw(st.integers(0, len(picture) - 1))] = data.draw(st.integers(0, 255))
    damaged = bytes(picture[: data.draw(st.integers(1, len(picture)))])
    try:
        _, stored = prepare_photo(damaged, 32)
    except BadImage:
        return
    opened(stored.data).load()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_the_way_its_camera_was_held(kind: str, orientation: int) -> None:
    turn = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    held = malformed_inputs.drawing() if turn is None else malformed_inputs.drawing().transpose(turn)
    tags = Image.Exif()
    tags[0x0112] = orientation
    data = malformed_inputs.saved(held, kind, exif=tags.tobytes())
    picture, stored = prepare_photo(data, 32)
    assert picture.size == (64, 48)
    assert shows_the_drawing(picture)
    assert shows_the_drawing(opened(stored.data))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF"])
def test_each_format_shows_the_same_picture(kind: str) -> None:
    assert shows_the_drawing(read_image(malformed_inputs.saved(malformed_inputs.drawing(), kind)))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "YCbCr", "HSV", "I;16", "I", "F"])
def test_a_picture_of_pillow_in_any_mode_becomes_rgb(mode: str) -> None:
    image = (
        malformed_inputs.drawing(mode="L").convert(mode)
        if mode[0] in "IF"
        else malformed_inputs.drawing(mode=mode)
    )
    picture = read_image(image)
    assert picture.mode == "RGB"
    assert picture.size == (64, 48)


def test_a_picture_of_pillow_is_left_as_it_was() -> None:
    image = malformed_inputs.drawing()
    image.info["comment"] = b"mine"
    read_image(image).putpixel((0, 0), (1, 2, 3))
    assert image.getpixel((0, 0)) == WHITE
    assert image.info == {"comment": b"mine"}


@pytest.mark.parametrize("build", ["RGBA", "LA", "P"])
def test_what_is_transparent_becomes_white(build: str) -> None:
    clear = Image.new("RGBA", (10, 10), (0, 0, 0, 0))
    clear.paste((0, 0, 0, 255), (0, 0, 5, 10))
    data = (
        malformed_inputs.saved(clear.convert(build), "PNG")
        if build != "P"
        else malformed_inputs.saved(clear.quantize(4), "PNG")
    )
    picture = read_image(data)
    assert near(picture, (0.1, 0.5), (0, 0, 0))
    assert near(picture, (0.9, 0.5), WHITE)


def test_half_transparent_black_becomes_grey_in_large_pictures_too() -> None:
    data = malformed_inputs.saved(Image.new("RGBA", (1500, 1100), (0, 0, 0, 128)), "PNG")
    for side in (0, 224):
        picture = read_image(data, side)
        assert picture.getextrema() == ((127, 127), (127, 127), (127, 127))


def test_sixteen_bits_of_grey_keep_their_shades() -> None:
    shades = np.linspace(0, 65_535, 256, dtype=np.uint16).reshape(16, 16)
    picture = read_image(malformed_inputs.saved(Image.fromarray(shades), "PNG"))
    assert np.abs(np.asarray(picture)[..., 0].astype(int) - (shades >> 8)).max() <= 1


def test_a_cmyk_photo_keeps_its_colours_with_and_without_the_mark_of_adobe() -> None:
    data = malformed_inputs.saved(malformed_inputs.drawing(mode="CMYK"), "JPEG", quality=95)
    picture, stored = prepare_photo(data, 32)
    assert b"Adobe" in data
    assert near(picture, (0.7, 0.2), RED)
    assert opened(stored.data).mode == "RGB"
    assert near(opened(stored.data), (0.7, 0.2), RED)


def test_a_photo_in_another_colour_space_is_brought_to_srgb() -> None:
    profile = _profile_with_red_and_blue_swapped()
    data = malformed_inputs.saved(malformed_inputs.drawing(), "JPEG", quality=95, icc_profile=profile)
    picture, stored = prepare_photo(data, 32)
    assert near(picture, (0.7, 0.2), BLUE, by=20)
    assert near(opened(stored.data), (0.7, 0.2), BLUE, by=20)


def _profile_with_red_and_blue_swapped() -> bytes:
    data = bytearray(malformed_inputs.profile())
    for at in range(132, 132 + 12 * struct.unpack(">I", data[128:132])[0], 12):
        name = {b"rXYZ": b"bXYZ", b"bXYZ": b"rXYZ"}.get(bytes(data[at : at + 4]))
        data[at : at + 4] = name or data[at : at + 4]
    return bytes(data)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_only_the_first_frame_counts(kind: str) -> None:
    picture = read_image(malformed_inputs.animated(kind, 40))
    assert near(picture, (0.5, 0.5), RED, by=20)


def test_place_and_script_in_the_metadata_are_not_kept() -> None:
    tags = Image.Exif()
    tags[0x010E] = "<script>alert(1)</script>"
    tags.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    secret = malformed_inputs.saved(
        malformed_inputs.drawing(), "JPEG", exif=tags.tobytes(), comment=b"<script>"
    )
    large = malformed_inputs.saved(
        malformed_inputs.drawing((900, 600)), "JPEG", exif=tags.tobytes(), comment=b"<script>"
    )
    named = malformed_inputs.saved(malformed_inputs.drawing(), "PNG", exif=tags.tobytes())
    for data in (secret, large, named, malformed_inputs.jpeg_with(after=b"<script>")):
        _, stored = prepare_photo(data, 32)
        kept = opened(stored.data)
        assert b"script" not in stored.data
        assert not kept.getexif()
        assert set(kept.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize(
    "options", [{}, {"progressive": True}, {"subsampling": 0}, {"restart_marker_rows": 1}]
)
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_small_jpeg_is_kept_without_loss(mode: str, options: dict[str, int]) -> None:
    tags = Image.Exif()
    tags[0x010E] = "a note"
    data = malformed_inputs.saved(
        malformed_inputs.drawing((200, 150), mode), "JPEG", exif=tags.tobytes(), **options
    )
    _, stored = prepare_photo(data, 224)
    assert np.array_equal(np.asarray(opened(stored.data)), np.asarray(opened(data)))
    assert len(stored.data) < len(data)


def test_a_jpeg_that_is_rgb_inside_is_kept_with_the_mark_that_says_so() -> None:
    data = malformed_inputs.saved(malformed_inputs.drawing(), "JPEG", keep_rgb=True, quality=95)
    _, stored = prepare_photo(data, 32)
    assert b"Adobe" in stored.data
    assert shows_the_drawing(opened(stored.data))


@pytest.mark.parametrize(
    "segment",
    [
        malformed_inputs.segment(0xFE, b"Adobe\0\x64\0\0\0\0\0"),
        malformed_inputs.segment(0xEE, b"Adobe\0\x64\0\0\0\0\0" + b"<script>"),
    ],
)
def test_a_mark_of_colours_that_is_none_changes_no_colours(segment: bytes) -> None:
    picture, stored = prepare_photo(malformed_inputs.jpeg_with(segment), 32)
    assert np.array_equal(np.asarray(opened(stored.data)), np.asarray(picture))
    assert b"script" not in stored.data


def test_a_large_photo_is_stored_with_its_longer_side_at_320() -> None:
    picture, stored = prepare_photo(
        malformed_inputs.saved(malformed_inputs.drawing((1600, 1200)), "JPEG"), 224
    )
    assert (stored.width, stored.height) == (320, 240)
    assert stored.media_type == "image/jpeg"
    assert min(picture.size) >= 224
    assert shows_the_drawing(opened(stored.data))


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@settings(deadline=None, max_examples=50)
@given(size=st.tuples(st.integers(1, 1400), st.integers(1, 1400)), side=st.integers(1, 400))
def test_a_reduced_picture_keeps_the_pixels_that_were_asked_for(
    kind: str, size: tuple[int, int], side: int
) -> None:
    if max(size) > 50 * min(size):
        return
    picture = read_image(malformed_inputs.saved(Image.new("RGB", size), kind), side)
    assert min(picture.size) >= min(side, *size)
    assert abs(picture.width * size[1] - picture.height * size[0]) <= 2 * max(size) * 8


@pytest.mark.parametrize("size", [(224, 224), (640, 480), (1000, 1500), (3000, 2000)])
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_query_and_an_import_see_the_same_pixels(kind: str, size: tuple[int, int]) -> None:
    data = malformed_inputs.saved(malformed_inputs.drawing(size), kind)
    imported, _ = prepare_photo(data, 224)
    assert np.array_equal(np.asarray(imported), np.asarray(read_image(data, 224)))


def test_the_id_is_that_of_the_original_bytes() -> None:
    data = malformed_inputs.jpeg_with(malformed_inputs.segment(0xFE, b"a note"))
    _, stored = prepare_photo(data, 32)
    assert stored.id == photo_id(data) != photo_id(stored.data)
    assert len(stored.id) == 32


def test_more_bytes_than_are_taken_are_refused_before_they_are_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert Settings().max_image_bytes == 20_000_000
    with pytest.raises(ImageTooLarge, match="20,000,000 bytes"):
        read_image(bytes(20_000_001))


def test_a_file_is_read_and_an_absent_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(malformed_inputs.saved(malformed_inputs.drawing(), "JPEG"))
    assert shows_the_drawing(read_image(tmp_path / "photo.jpg"))
    assert shows_the_drawing(read_image(str(tmp_path / "photo.jpg")))
    with pytest.raises(NotFound, match=r"other\.jpg"):
        read_image(tmp_path / "other.jpg")
    with pytest.raises(BadImage, match="is not a file"):
        read_image(tmp_path)
    with pytest.raises(BadImage, match="cannot be read"):
        read_image("a\0b")
    with pytest.raises(BadImage, match="is not a file"):
        photo_bytes("/dev/zero")


def test_a_picture_from_a_phone_that_cannot_be_read_says_what_to_do() -> None:
    with pytest.raises(UnsupportedFormat, match=r"^HEIC is not supported\. Save it as JPEG\.$"):
        read_image(malformed_inputs.REFUSED["HEIC"][1]())


def test_a_photo_of_the_shop_is_kept_as_it_is(shared: Path) -> None:
    for path in sorted((shared / "data" / "fashion" / "images").iterdir())[:50]:
        data = photo_bytes(path)
        picture, stored = prepare_photo(data, 224)
        assert np.array_equal(np.asarray(opened(stored.data).convert("RGB")), np.asarray(picture))


def test_there_is_one_door_for_image_bytes() -> None:
    package = Path(lookalike.__file__).parent
    opening = [path.name for path in package.rglob("*.py") if "Image.open(" in path.read_text("utf-8")]
    assert opening == ["images.py"]
