"""Where a value comes from: instrument, article, source and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from eabsensi.law.wording import Language


class Confidence(StrEnum):
    """How sure a value is: text of the rule, one secondary source, or memory."""

    HIGH = "H"
    MEDIUM = "M"
    LOW = "L"


_UNCONFIRMED = {Language.ID: "belum dikonfirmasi", Language.EN: "unconfirmed"}


@dataclass(frozen=True, slots=True)
class Citation:
    """The instrument that a value or verdict rests on.

    Attributes:
        instrument: the rule, e.g. ``PP 94/2021``; in Indonesian, since that is its name.
        article: the place in it, e.g. ``Pasal 4 huruf f``.
        source: key of the place where the rule was read.
        confidence: how sure the value is.
        unconfirmed: nobody of the agency has confirmed the value yet.

    """

    instrument: str
    article: str
    source: str
    confidence: Confidence
    unconfirmed: bool = False

    def text(self, language: Language = Language.ID) -> str:
        """Give the citation as it is printed."""
        mark = f" ({_UNCONFIRMED[language]})" if self.unconfirmed else ""
        return f"{self.instrument} {self.article}{mark}"
