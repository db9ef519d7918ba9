"""A screenshot as a small PNG: few colours, nothing that changes from run to run."""

from __future__ import annotations

import base64
import struct
import zlib
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page

MOST_COLOURS: Final = 56
_PALETTE: Final = Path(__file__).with_name("palette.js").read_text(encoding="utf-8")


def reduce_colours(page: Page, png: bytes) -> bytes:
    """Draw a PNG again with a palette.

    Args:
        page: a blank page of a browser, which decodes the picture.
        png: of any kind.

    Returns:
        a PNG of a byte a point.

    """
    drawn: dict[str, Any] = page.evaluate(f"given => ({_uncommented()})(given)", [_text(png), MOST_COLOURS])
    places = base64.b64decode(drawn["places"])
    width, height = int(drawn["width"]), int(drawn["height"])
    rows = b"".join(b"\0" + places[at : at + width] for at in range(0, width * height, width))
    colours = b"".join(bytes(colour) for colour in drawn["colours"])
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"PLTE", colours), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in chunks)


def _uncommented() -> str:
    return _PALETTE[_PALETTE.index("async") :].strip()


def _text(png: bytes) -> str:
    return base64.b64encode(png).decode()


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
