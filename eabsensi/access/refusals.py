"""Refusals that people read in the portal: one sentence each, in the language they read."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from eabsensi.errors import EabsensiError
from eabsensi.law.wording import Language


class Sentence(NamedTuple):
    """One sentence in Bahasa Indonesia and in English; ``{name}`` stands for a value."""

    id: str
    en: str

    def said(self, language: Language, values: dict[str, object]) -> str:
        """Give the sentence with its values."""
        return (self.id if language is Language.ID else self.en).format(**values)


class RefusedError(EabsensiError):
    """Something is refused to a person.

    The message is English, as every error's is; :meth:`said` gives it in the person's language.
    """

    sentence: ClassVar[Sentence]

    def __init__(self, sentence: Sentence | None = None, **values: object) -> None:
        self._said = sentence or self.sentence
        self._values = values
        super().__init__(self._said.said(Language.EN, values))

    def said(self, language: Language) -> str:
        """Give the sentence in a language."""
        return self._said.said(language, self._values)
