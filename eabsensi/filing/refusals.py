"""What is refused about papers and PINs, in both languages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from eabsensi.access.refusals import RefusedError, Sentence
from eabsensi.law.wording import Language


class NoSuchDocumentError(RefusedError):
    """There is no such document."""

    sentence = Sentence(
        "Tidak ada dokumen nomor {id}; periksa daftar dokumen.",
        "There is no document {id}; the list of documents (`eabsensi document list`) shows them.",
    )


class FourEyesError(RefusedError):
    """Who filed a paper does not approve it."""

    sentence = Sentence(
        "Dokumen {id} diajukan oleh {by} sendiri; harus disetujui oleh orang lain.",
        "Document {id} was filed by {by}; somebody else has to approve it.",
    )


class OwnPaperError(RefusedError):
    """Nobody approves a paper about oneself."""

    sentence = Sentence(
        "Dokumen {id} adalah dokumen Anda sendiri; harus disetujui oleh orang lain.",
        "Document {id} is about yourself; somebody else has to approve it.",
    )


class DecidedError(RefusedError):
    """The paper was decided already."""


APPROVED_ALREADY = Sentence(
    "Dokumen {id} sudah disetujui oleh {by} pada {on}.", "Document {id} was approved by {by} on {on}."
)
REVOKED_ALREADY = Sentence(
    "Dokumen {id} sudah dicabut oleh {by}: {reason}. Ajukan lagi bila ternyata berlaku.",
    "Document {id} was revoked by {by}: {reason}. File it anew if it counts after all.",
)
NOT_YOURS_TO_WITHDRAW = Sentence(
    "Dokumen {id} hanya dapat ditarik oleh yang mengajukan, selama belum disetujui.",
    "Document {id} can be withdrawn only by who filed it, and only before it is approved.",
)


class NoReasonError(RefusedError):
    """A document is revoked with a reason."""

    sentence = Sentence(
        "Pencabutan memerlukan alasan, misalnya: tanggal salah.",
        "A document is revoked with a reason. Say why, e.g. wrong dates.",
    )


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field of a form."""

    place: str
    sentence: Sentence
    values: dict[str, object] = field(default_factory=dict)

    def said(self, language: Language) -> str:
        """Say it."""
        return self.sentence.said(language, self.values)


class WishRefusedError(RefusedError):
    """A form cannot be accepted as it is filled in.

    Attributes:
        faults: one or more, in the order of the fields.
        outside: somebody or something outside the viewer's scope was asked for.

    """

    def __init__(self, faults: Iterable[Fault], *, outside: bool = False) -> None:
        self.faults = tuple(faults)
        self.outside = outside
        super().__init__(
            Sentence(
                " ".join(fault.said(Language.ID) for fault in self.faults).replace("{", "{{").replace("}", "}}"),
                " ".join(fault.said(Language.EN) for fault in self.faults).replace("{", "{{").replace("}", "}}"),
            )
        )

    def by_field(self, language: Language) -> dict[str, str]:
        """Give the first sentence of each field."""
        return {fault.place: fault.said(language) for fault in reversed(self.faults)}
