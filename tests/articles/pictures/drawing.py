"""Pictures that tests draw: photos, graphics, and files that lie or break."""

import io
import struct
import zlib

from PIL import Image, ImageDraw


def photo(width=800, height=450, mode="RGB"):
    """Something with as many colours as a photo; its upper left quarter is red, so that a turn is seen."""
    small = Image.effect_noise((max(width // 8, 1), max(height // 8, 1)), 60)
    grey = small.resize((width, height), Image.Resampling.BICUBIC)
    picture = Image.merge("RGB", (grey, grey.transpose(Image.Transpose.FLIP_LEFT_RIGHT), grey))
    ImageDraw.Draw(picture).rectangle((0, 0, width // 2, height // 2), fill=(220, 20, 20))
    return picture.convert(mode)


def saved(picture, kind="JPEG", **options):
    """The bytes of a file."""
    output = io.BytesIO()
    picture.save(output, kind, **options)
    return output.getvalue()


def logo(width=400, height=900):
    """A red ellipse that reaches every edge, on nothing."""
    picture = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    ImageDraw.Draw(picture).ellipse((0, 0, width - 1, height - 1), fill=(200, 30, 30, 255))
    return picture


def opened(version):
    """A written version, read again."""
    return Image.open(io.BytesIO(version.content))


def huge_png(width, height):
    """A small file that says it has this many pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(10_000))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
