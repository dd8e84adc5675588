"""Which of the languages that notices have is for a reader: by the language of the reader, or else by its family.

`pt` is for readers of `pt-BR` too, and `pt-BR` for readers of `pt` if the notices have no other Portuguese. A language
in another script is another family, whether the tag names the script or only a region that usually has it: `zh-TW` is
of the family of `zh-Hant`, and not of that of `zh`. Readers of the newsletter's own language, in any country, get its
own texts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from subscribers.translated_languages import other_scripts_of, regions_of_other_scripts, script_of

# Tags that were replaced, and are still in lists of readers. Norwegian usually means Bokmål.
_FORMER = {"he": "iw", "id": "in", "nb": "no", "yi": "ji"}
_NOW = {former: now for now, former in _FORMER.items()}


@dataclass(frozen=True, slots=True)
class NoticeLanguage:
    """A language that notices have. `reach` is the beginning of the languages of its readers.

    `texts_from` are the languages from which its texts are taken: each text from the first of them that has it. If it
    `is_for_family`, its readers are all of its family who have no nearer language.
    """

    tag: str
    reach: str
    texts_from: tuple[str, ...]
    is_for_family: bool = False

    @property
    def readers(self) -> str:
        """The segment of the readers who get these texts, unless an earlier language is theirs."""
        mains = [self.reach.split("-", maxsplit=1)[0]]
        if self.is_for_family:
            mains += [_FORMER[main] for main in mains if main in _FORMER]
        return " or ".join(self._readers_of(main) for main in mains)

    def is_within(self, other: "NoticeLanguage") -> bool:
        """Return whether readers of this language would get the other one's texts if this one were not there."""
        if self.tag == other.tag or not is_of_family(self.tag, other.tag):
            return False
        return other.is_for_family or is_part_of(self.reach, other.reach)

    def _readers_of(self, main: str) -> str:
        reach = "-".join([main, *self.reach.split("-")[1:]])
        found = f'language is "{reach}" or language starts with "{reach}-"'
        if not self.is_for_family:
            return found
        regions = regions_of_other_scripts(main)
        if reach == main:
            others = _beginning_with(main, [*other_scripts_of(main), *regions])
            return f"({found}) and not ({others})" if others else found
        script = script_of(self.reach)
        there = _beginning_with(main, [region for region, usual in regions.items() if usual == script])
        return f"{found} or {there}" if there else found


def languages_in_order(offered: Iterable[str], own: str) -> list[NoticeLanguage]:
    """Return the languages of notices in the order in which they choose their readers: `pt-PT` before `pt`.

    `own` is the newsletter's language, which is left out.
    """
    tags = sorted(tag for tag in set(offered) if not is_own(tag, own))
    found = [_language(tag, tags, own) for tag in tags]
    return sorted(found, key=lambda each: (each.is_for_family, -len(each.reach.split("-")), each.tag))


def is_own(tag: str, own: str) -> bool:
    """Return whether readers of a language get the newsletter’s own texts, as those of `en` do if it is in `en-GB`."""
    if not is_of_family(tag, own):
        return False
    return tag.lower() == _whole(tag).lower() or is_part_of(_with_main(own), _with_main(tag))


def is_of_family(tag: str, other: str) -> bool:
    """Return whether two languages are kinds of one, in one script."""
    return _family(tag) == _family(other)


def is_part_of(tag: str, wider: str) -> bool:
    """Return whether a language is another one, or one of its kinds: `de-AT` is part of `de`."""
    return f"{tag}-".lower().startswith(f"{wider}-".lower())


def _language(tag: str, tags: Sequence[str], own: str) -> NoticeLanguage:
    """Return a language with those whose readers get its texts: its own, or its family if it is the first of it."""
    whole = _whole(tag)
    family = [each for each in tags if is_of_family(each, tag)]
    first = min(family, key=lambda each: (each.lower() != whole.lower(), each))
    nearest = sorted(family, key=lambda each: (each != tag, not is_part_of(tag, each), -len(each), each))
    is_for_family = tag == first and not is_of_family(tag, own)
    return NoticeLanguage(tag, whole if is_for_family else tag, tuple(nearest), is_for_family)


def _family(tag: str) -> tuple[str, str]:
    return _main_of(tag), script_of(tag)


def _whole(tag: str) -> str:
    """Return the tag of a whole family, such as `zh` or `zh-Hant`."""
    main, script = _family(tag)
    return main if script == script_of(main) else f"{main}-{script}"


def _main_of(tag: str) -> str:
    main = tag.split("-", maxsplit=1)[0].lower()
    return _NOW.get(main, main)


def _with_main(tag: str) -> str:
    return "-".join([_main_of(tag), *tag.split("-")[1:]])


def _beginning_with(main: str, parts: Iterable[str]) -> str:
    return " or ".join(f'language starts with "{main}-{part}"' for part in parts)
