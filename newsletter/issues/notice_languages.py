"""Which of the languages that notices have is for a reader: by the language of the reader, or else by its family.

`pt` is for readers of `pt-BR` too, and `pt-BR` for readers of `pt` if the notices have no other Portuguese. A language
in another script is another family. Readers of the newsletter's own language, in any country, get its own texts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from subscribers.translated_languages import script_of


@dataclass(frozen=True, slots=True)
class NoticeLanguage:
    """A language that notices have. `reach` is the beginning of the languages of its readers.

    `texts_from` are the languages from which its texts are taken: each text from the first of them that has it.
    """

    tag: str
    reach: str
    texts_from: tuple[str, ...]

    @property
    def readers(self) -> str:
        """The segment of the readers who get these texts, unless an earlier language is theirs."""
        return f'language is "{self.reach}" or language starts with "{self.reach}-"'

    def is_within(self, other: "NoticeLanguage") -> bool:
        """Return whether readers of this language would get the other one's texts if this one were not there."""
        return self.tag != other.tag and is_part_of(self.reach, other.reach)


def languages_in_order(offered: Iterable[str], own: str) -> list[NoticeLanguage]:
    """Return the languages of notices in the order in which they choose their readers: `pt-PT` before `pt`.

    `own` is the newsletter's language, which is left out.
    """
    tags = sorted(tag for tag in set(offered) if not is_part_of(own, tag))
    reaches = {tag: _reach(tag, tags, own) for tag in tags}
    ordered = sorted(tags, key=lambda tag: (-len(reaches[tag].split("-")), tag))
    return [NoticeLanguage(tag, reaches[tag], _texts_from(tag, tags)) for tag in ordered]


def is_part_of(tag: str, wider: str) -> bool:
    """Return whether a language is another one, or one of its kinds: `de-AT` is part of `de`."""
    return f"{tag}-".lower().startswith(f"{wider}-".lower())


def _reach(tag: str, tags: Sequence[str], own: str) -> str:
    """Return the language whose readers get the texts in a language: its own, or that of its family."""
    main = _main(tag)
    is_taken = main == _main(own) or main in map(str.lower, tags)
    family = [each for each in tags if _main(each) == main and script_of(each) == script_of(main)]
    return main if not is_taken and tag == min(family, default="") else tag


def _texts_from(tag: str, tags: Sequence[str]) -> tuple[str, ...]:
    family = [each for each in tags if (_main(each), script_of(each)) == (_main(tag), script_of(tag))]
    return tuple(sorted(family, key=lambda each: (each != tag, not is_part_of(tag, each), -len(each), each)))


def _main(tag: str) -> str:
    return tag.split("-", maxsplit=1)[0].lower()
