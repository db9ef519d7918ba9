"""The few shapes that the pictures are made of, as text of SVG.

Everything is a presentation attribute: a style sheet inside the picture would reach into the page around it, and a
strict Content-Security-Policy forbids it.
"""

from __future__ import annotations

import re
from hashlib import sha256

from eabsensi.law.wording import Language

#: What a page's system has, then what typst brings (it brings no sans), so that one picture serves both.
FONTS = "system-ui, 'Segoe UI', Roboto, Arial, 'Liberation Sans', 'DejaVu Sans', 'Libertinus Serif', sans-serif"
_ENTITIES = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord('"'): "&quot;", ord("'"): "&#39;"}
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: Advance widths of DejaVu Sans, the widest of the fonts, in parts of the size; what is not named takes the last.
_WIDTHS = (("iljI.,:;'|!", 0.33), ("frt()[]/- ", 0.4), ("MW@%m", 0.98), ("w", 0.82))
_OTHER_WIDTH, _CAPITAL_WIDTH = 0.63, 0.74

Attribute = str | int | float | None


def escape(text: str) -> str:
    """Make a text harmless in XML; characters that XML forbids become U+FFFD."""
    return _FORBIDDEN.sub("\ufffd", text).translate(_ENTITIES)


def element(name: str, *inside: str, **attributes: Attribute) -> str:
    """Give an element; ``_`` in an attribute's name is ``-``, one that is None is left out; ``inside`` is SVG."""
    told = "".join(
        f' {key.strip("_").replace("_", "-")}="{_written(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{told}>{''.join(inside)}</{name}>" if inside else f"<{name}{told}/>"


def _written(value: str | float) -> str:
    if isinstance(value, str):
        return escape(value)
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def words(content: str, x: float, y: float, size: float, **attributes: Attribute) -> str:
    """Write one line of text with its base line at ``y``."""
    return element("text", escape(content), x=x, y=y, font_size=size, **attributes)


def identity(value: object, language: Language) -> str:
    """Name a picture by what it shows, so that the ids of several in one page differ."""
    return f"c{sha256(f'{value!r}{language}'.encode('utf-8', 'replace')).hexdigest()[:7]}"


def picture(name: str, size: tuple[float, float], title: str, told: str, *inside: str) -> str:
    """Give a whole picture.

    Args:
        name: its identity, which begins every id in it.
        size: width and height of the view box.
        title: its name in words.
        told: what it shows, in words, for who does not see it.
        inside: the shapes, as SVG.

    """
    width, height = size
    return element(
        "svg",
        element("title", escape(title), id=f"{name}-title"),
        element("desc", escape(told), id=f"{name}-desc"),
        element("rect", width=width, height=height, fill="#ffffff"),
        *inside,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_written(width)} {_written(height)}",
        role="img",
        aria_labelledby=f"{name}-title",
        aria_describedby=f"{name}-desc",
        font_family=FONTS,
        fill="#222222",
    )


def text_width(text: str, size: float) -> float:
    """Estimate how wide a text is at most, in any of the fonts."""
    return sum(_advance(letter) for letter in text) * size


def _advance(letter: str) -> float:
    for letters, width in _WIDTHS:
        if letter in letters:
            return width
    if ord(letter) > 0x2E80:  # the wide scripts take a whole square
        return 1.0
    return _CAPITAL_WIDTH if letter.isupper() else _OTHER_WIDTH


def fitted(text: str, size: float, width: float) -> str:
    """Cut a text that would be wider than ``width``."""
    if text_width(text, size) <= width:
        return text
    while text and text_width(f"{text}…", size) > width:
        text = text[:-1].rstrip()
    return f"{text}…"


def wrapped(text: str, size: float, width: float, most: int) -> list[str]:
    """Break a text into at most ``most`` lines; the last is cut where it is still too wide."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width(longer, size) > width and len(lines) < most:
            lines.append(word)
        else:
            lines[-1] = longer
    return [fitted(line, size, width) for line in lines]
