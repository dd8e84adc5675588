"""The rule for choosing an issue's articles: a value that is stored as JSON and checked with clear errors."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final, Literal

from django.core.exceptions import ValidationError

from newsletter.articles.search_words import topic_key
from newsletter.errors import Invalid, InvalidFields
from subscribers.clean_text import why_not_one_line

LAST_ISSUE: Final = "last issue"
MAX_ITEMS = 200
MAX_DAYS = 36_500
PER_GROUP: Final = ("at_most_per_source", "at_most_per_section", "at_most_per_topic")

Since = Literal["last issue"] | int


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The newest articles of some sources and topics in a period. No sources or topics means all of them.

    `since` is the last issue or a number of days. With fewer articles than `at_least` no issue is drafted. If there are
    more than `at_most`, sources take turns (article_mix.py). The other maxima hold always; None means no maximum. An
    article counts for each of its topics, and for the one section that it is printed in. Raises InvalidFields.
    """

    sources: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    since: Since = LAST_ISSUE
    at_most: int = 15
    at_least: int = 1
    at_most_per_source: int | None = None
    at_most_per_section: int | None = None
    at_most_per_topic: int | None = None

    def __post_init__(self) -> None:
        """Check every value, so that every selection can be used."""
        for key in ("sources", "topics"):
            object.__setattr__(self, key, _words(key, getattr(self, key)))
        if self.since != LAST_ISSUE and not _is_whole(self.since, 1, MAX_DAYS):
            raise InvalidFields(
                {"since": f"selection.since must be “last issue” or a number of days from 1 to {MAX_DAYS}."}
            )
        for key in ("at_most", "at_least"):
            if not _is_whole(getattr(self, key), 1, MAX_ITEMS):
                raise InvalidFields({key: f"selection.{key} must be a whole number from 1 to {MAX_ITEMS}."})
        for key in PER_GROUP:
            value = getattr(self, key)
            if value is not None and not _is_whole(value, 1, MAX_ITEMS):
                raise InvalidFields(
                    {
                        key: f"selection.{key} must be a whole number from 1 to {MAX_ITEMS}. For no maximum, "
                        "leave this key out."
                    }
                )
        if self.at_least > self.at_most:
            raise InvalidFields(
                {
                    "at_least": f"selection.at_least ({self.at_least}) must not be more than selection.at_most "
                    f"({self.at_most})."
                }
            )


def selection_from_json(document: object) -> Selection:
    """Return the selection for a JSON object or TOML table. Raises Invalid, naming the key."""
    if not isinstance(document, Mapping):
        raise Invalid("selection must be a table of keys and values.")
    known = [field.name for field in fields(Selection)]
    for key in document:
        if key not in known:
            raise Invalid(f"selection.{key} is not a valid key. The keys are {', '.join(known)}.")
    return Selection(**document)


def selection_to_json(selection: Selection) -> dict[str, Any]:
    """Return the JSON object that `selection_from_json` reads."""
    document = asdict(selection) | {"sources": list(selection.sources), "topics": list(selection.topics)}
    return {key: value for key, value in document.items() if value is not None}


def overridden(
    selection: Selection,
    *,
    sources: Iterable[str] = (),
    topics: Iterable[str] = (),
    days: int | None = None,
    at_most: int | None = None,
    at_least: int | None = None,
    at_most_per_source: int | None = None,
    at_most_per_section: int | None = None,
    at_most_per_topic: int | None = None,
) -> Selection:
    """Return the selection with the given values in place of its own. Raises InvalidFields."""
    asked: dict[str, Any] = {
        "sources": tuple(sources),
        "topics": tuple(topics),
        "since": days,
        "at_most": at_most,
        "at_least": at_least,
        "at_most_per_source": at_most_per_source,
        "at_most_per_section": at_most_per_section,
        "at_most_per_topic": at_most_per_topic,
    }
    return replace(selection, **{key: value for key, value in asked.items() if value not in {(), None}})


def section_for(topics: Iterable[object], sections: Iterable[Mapping[str, Any]]) -> str | None:
    """Return the title of the first section that has one of the topics, or None if no section has."""
    wanted = {topic_key(topic) for topic in topics}
    for section in sections:
        if wanted & {topic_key(topic) for topic in section.get("topics", ())}:
            return str(section["title"])
    return None


def check_selection(document: object) -> None:
    """Validate the model field for a selection. Raises Django's ValidationError."""
    try:
        selection_from_json(document)
    except Invalid as error:
        raise ValidationError(str(error)) from error


def check_sections(document: object) -> None:
    """Validate a list of tables with a title and topics. Only one can have no topics. Raises ValidationError."""
    shape = 'sections must be a list of tables such as {"title": "Research", "topics": ["research"]}.'
    if not isinstance(document, list) or not all(isinstance(section, dict) for section in document):
        raise ValidationError(shape)
    titles: set[str] = set()
    without_topics = 0
    for section in document:
        _check_section(section)
        if section["title"] in titles:
            raise ValidationError(
                f"sections has the title “{section['title']}” twice. Give each section a different title."
            )
        titles.add(section["title"])
        without_topics += not section.get("topics")
    if without_topics > 1:
        raise ValidationError(
            "Only one section can have no topics. It contains the articles that do not match any other "
            "section."
        )


def _check_section(section: dict[str, Any]) -> None:
    unknown = [key for key in section if key not in {"title", "topics"}]
    if unknown:
        raise ValidationError(
            f"sections.{unknown[0]} is not a valid key. The valid keys are title and topics."
        )
    title = section.get("title")
    if not isinstance(title, str) or not title.strip() or why_not_one_line(title) or len(title) > 200:  # noqa: PLR2004 - the width of Item.section
        raise ValidationError("sections.title must be one line of text with at most 200 characters.")
    try:
        _words("topics", section.get("topics", []), of="sections")
    except Invalid as error:
        raise ValidationError(str(error)) from error


def _words(key: str, value: object, *, of: str = "selection") -> tuple[str, ...]:
    good = isinstance(value, list | tuple) and all(isinstance(word, str) and word.strip() for word in value)
    if not good:
        raise InvalidFields({key: f'{of}.{key} must be a list of words, such as ["research"].'})
    assert isinstance(value, list | tuple)
    return tuple(dict.fromkeys(word.strip() for word in value))


def _is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
