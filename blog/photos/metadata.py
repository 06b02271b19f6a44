"""
Removes metadata, such as place, person and camera, from the files of pictures.

The picture is not decoded, so it loses no quality: parts of the file are left out, or overwritten
with zeros if the file refers to other parts by their position. What is needed to show the picture
stays: its colour profile, its orientation and the frames of an animation.
"""

import re
import struct
import zlib
from collections.abc import Iterator

from django.core.files.base import ContentFile, File
from PIL import Image

# What Pillow raises for a picture that would take too much memory.
TOO_LARGE = (Image.DecompressionBombError, Image.DecompressionBombWarning)
ORIENTATION = 0x0112
EXIF = b"Exif\0\0"
# The end of a JPEG's compressed data: a marker that is neither stuffing nor a restart.
SCAN_END = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)
JPEG_KEPT = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# The chunks that are kept besides the critical ones, whose names begin with a capital.
PNG_KEPT = set(b"tRNS gAMA cHRM sRGB iCCP cICP mDCV cLLI sBIT bKGD hIST pHYs sPLT".split())
PNG_KEPT |= set(b"acTL fcTL fdAT".split())
WEBP_KEPT = set(b"VP8 |VP8L|VP8X|ALPH|ANIM|ANMF|ICCP".split(b"|"))
WEBP_HAS_EXIF, WEBP_HAS_XMP = 0x08, 0x04
GIF_KEPT = (b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012")


def stripped(file: File) -> ContentFile:
    """Return a file without its metadata, see `without_metadata`."""
    file.seek(0)
    return ContentFile(without_metadata(file.read()), name=file.name)


def without_metadata(data: bytes) -> bytes:
    """
    Return the bytes of a picture's file without its metadata.

    The formats JPEG, PNG, WebP, GIF, AVIF and HEIC are supported; other files are returned as they
    are. Raise ValueError if the file is damaged.
    """
    try:
        if data.startswith(b"\xff\xd8"):
            return _jpeg(data)
        if data.startswith(PNG_SIGNATURE):
            return _png(data)
        if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
            return _webp(data)
        if data.startswith(b"GIF8"):
            return _gif(data)
        if data[4:8] == b"ftyp":
            return _boxes(data)
    except (IndexError, struct.error) as error:
        raise ValueError("The file ends too early.") from error
    return data


def _orientation(tiff: bytes) -> bytes:
    """Return Exif data with nothing but the orientation, or b"" if the picture is upright."""
    exif = Image.Exif()
    try:
        exif.load(tiff)
        value = exif.get(ORIENTATION, 1)
    except (SyntaxError, ValueError, TypeError, struct.error):
        return b""
    if value not in range(2, 9):
        return b""
    # Big-endian; one entry: a number of 16 bits.
    return b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, ORIENTATION, 3, 1, value, 0, 0)


def _jpeg(data: bytes) -> bytes:
    """Filter the segments (ITU T.81, B.1.1). Leave out what follows the end of the picture."""
    out = [data[:2], b""]
    place = 2
    while (marker := data[place + 1]) != 0xD9:
        if data[place] != 0xFF:
            raise ValueError("There is no segment where one should begin.")
        if marker == 0xFF:
            place += 1
            continue
        end = place + 2
        if marker != 0x01 and not 0xD0 <= marker <= 0xD7:
            end += struct.unpack_from(">H", data, end)[0]
        segment = data[place:end]
        is_extra = 0xE0 <= marker <= 0xEF or marker == 0xFE
        if not is_extra or ((start := JPEG_KEPT.get(marker)) and segment[4:].startswith(start)):
            out.append(segment)
        elif marker == 0xE1 and segment[4:].startswith(EXIF):
            tiff = _orientation(segment[4 + len(EXIF) :])
            whole = EXIF + tiff
            out[1] = b"\xff\xe1" + struct.pack(">H", 2 + len(whole)) + whole if tiff else b""
        place = end
        if marker == 0xDA:
            found = SCAN_END.search(data, place)
            place = found.start() if found else len(data)
            out.append(data[end:place])
            if not found:
                # The file ends early, as when a camera's battery is empty, but can be shown.
                break
    return b"".join([*out, b"\xff\xd9"])


def _png(data: bytes) -> bytes:
    """Filter the chunks (https://www.w3.org/TR/png-3/#5Chunk-layout)."""
    out = [PNG_SIGNATURE]
    place, kind = len(PNG_SIGNATURE), b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", data, place)
        end = place + 12 + length
        if end > len(data):
            raise ValueError("A chunk is longer than the file.")
        if kind[:1].isupper() or kind in PNG_KEPT:
            out.append(data[place:end])
        elif kind == b"eXIf" and (tiff := _orientation(data[place + 8 : end - 4])):
            body = b"eXIf" + tiff
            out.append(struct.pack(">I", len(tiff)) + body + struct.pack(">I", zlib.crc32(body)))
        place = end
    return b"".join(out)


def _webp(data: bytes) -> bytes:
    """Filter the chunks (RFC 9649, 2.3)."""
    chunks = []
    place, stop = 12, min(len(data), 8 + struct.unpack_from("<I", data, 4)[0])
    while place + 8 <= stop:
        kind, length = struct.unpack_from("<4sI", data, place)
        body = data[place + 8 : place + 8 + length]
        if len(body) < length:
            raise ValueError("A chunk is longer than the file.")
        if kind == b"EXIF":
            body = _orientation(body.removeprefix(EXIF))
        if kind in WEBP_KEPT or (kind == b"EXIF" and body):
            chunks.append([kind, body])
        place += 8 + length + length % 2
    for chunk in chunks:
        if chunk[0] == b"VP8X":
            exif = WEBP_HAS_EXIF if chunks[-1][0] == b"EXIF" else 0
            flags = chunk[1][0] & ~(WEBP_HAS_EXIF | WEBP_HAS_XMP) | exif
            chunk[1] = bytes([flags]) + chunk[1][1:]
    body = b"WEBP" + b"".join(
        kind + struct.pack("<I", len(part)) + part + b"\0" * (len(part) % 2)
        for kind, part in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _gif(data: bytes) -> bytes:
    """Filter the blocks (https://www.w3.org/Graphics/GIF/spec-gif89a.txt)."""

    def after_colours(place: int, flags: int) -> int:
        return place + (3 << ((flags & 7) + 1) if flags & 0x80 else 0)

    def after_blocks(place: int) -> int:
        while data[place]:
            place += data[place] + 1
        return place + 1

    place = after_colours(13, data[10])
    out = [data[:place]]
    while (kind := data[place]) != 0x3B:
        if kind == 0x2C:
            end = after_blocks(after_colours(place + 10, data[place + 9]) + 1)
            is_kept = True
        elif kind == 0x21:
            end = after_blocks(place + 2)
            label, name = data[place + 1], data[place + 3 : place + 14]
            is_kept = label in {0xF9, 0x01} or (label == 0xFF and name in GIF_KEPT)
        else:
            raise ValueError("There is no block where one should begin.")
        if is_kept:
            out.append(data[place:end])
        place = end
    return b"".join([*out, b"\x3b"])


def _boxes(data: bytes) -> bytes:
    """
    Overwrite boxes (ISO/IEC 14496-12), as the file refers to other boxes by their position.

    The orientation has a box of its own, which stays.
    """
    out = bytearray(data)
    for kind, start, end in list(_walk(data, 0, len(data))):
        if kind == b"meta":
            _empty_items(out, start + 4, end)
        elif kind == b"moov":
            _empty_descriptions(out, start, end)
        elif kind == b"uuid":
            _empty(out, start, end)
    return bytes(out)


def _walk(data: bytes | bytearray, place: int, stop: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield the kind of each box between two positions, and where its content starts and ends."""
    while place + 8 <= stop:
        size, kind = struct.unpack_from(">I4s", data, place)
        start = place + 8
        if size == 1:
            size = struct.unpack_from(">Q", data, start)[0]
            start += 8
        end = stop if size == 0 else place + size
        if not start <= end <= stop:
            raise ValueError("A box is longer than what it is in.")
        yield bytes(kind), start, end
        place = end


def _empty(out: bytearray, start: int, end: int) -> None:
    """Overwrite a box with zeros, and mark it as free space."""
    out[start - 4 : end] = b"free" + bytes(end - start)


def _empty_descriptions(out: bytearray, start: int, end: int) -> None:
    """Overwrite the metadata of a film and of its tracks."""
    for kind, first, last in list(_walk(out, start, end)):
        if kind in {b"udta", b"meta", b"uuid"}:
            _empty(out, first, last)
        elif kind == b"trak":
            _empty_descriptions(out, first, last)


def _empty_items(out: bytearray, start: int, end: int) -> None:
    """Overwrite the items that hold Exif, XMP or the like, and mark them as free space."""
    boxes = {kind: (first, last) for kind, first, last in _walk(out, start, end)}
    if b"iinf" not in boxes or b"iloc" not in boxes:
        return
    first, last = boxes[b"iinf"]
    wanted = set()
    # A version and flags, then a count of 16 or 32 bits.
    for kind, entry, _end in list(_walk(out, first + (8 if out[first] else 6), last)):
        if kind != b"infe" or out[entry] < 2:
            continue
        form = ">HH4s" if out[entry] == 2 else ">IH4s"
        number, _protection, item = struct.unpack_from(form, out, entry + 4)
        if item in {b"Exif", b"mime", b"uri "}:
            wanted.add(number)
            place = entry + 4 + struct.calcsize(form) - 4
            out[place : place + 4] = b"free"
    data_start = boxes.get(b"idat", (0, 0))[0]
    for number, method, place, length in _extents(out, boxes[b"iloc"][0]):
        if number in wanted:
            begin = place + (data_start if method == 1 else 0)
            stop = min(begin + length, len(out))
            out[begin:stop] = bytes(max(0, stop - begin))


def _extents(out: bytearray, place: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield each item's number, method (0 file, 1 the box `idat`), position and length."""
    version, sizes, more = out[place], out[place + 4], out[place + 5]
    widths = (sizes >> 4, sizes & 15, more >> 4, more & 15 if version else 0)
    place += 6

    def read(width: int) -> int:
        nonlocal place
        value = int.from_bytes(out[place : place + width])
        place += width
        return value

    offset_width, length_width, base_width, index_width = widths
    for _item in range(read(4 if version == 2 else 2)):
        number = read(4 if version == 2 else 2)
        method = read(2) & 15 if version else 0
        read(2)
        base = read(base_width)
        for _extent in range(read(2)):
            read(index_width)
            yield number, method, base + read(offset_width), read(length_width)
