"""The notices that a publication's rules for topics give readers, in its own language and in those of its readers."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from newsletter.errors import Refused
from newsletter.issues.models import NoticeTranslation, Publication, TopicRule
from newsletter.issues.notice_languages import NoticeLanguage, languages_in_order
from newsletter.issues.topic_rules import own_notice, rules_of
from newsletter.rendering.email_contents import Notice, NoticesInLanguage
from newsletter.rendering.find_theme import find_theme
from newsletter.rendering.fixed_words import Words, words_in
from subscribers.bidi import isolated, without_isolates
from subscribers.clean_text import folded, printable

# The share of a notice that an edited one still has.
_SIMILAR = 0.6


@dataclass(frozen=True, slots=True)
class SuggestedText:
    """A notice of a publication in its own language, and what we suggest in another one, or nothing."""

    notice: str
    suggestion: str


def notices_of(rules: Iterable[TopicRule], language: str, words: Words) -> tuple[Notice, ...]:
    """Return the notices that these rules give the readers of an email in a language, each text once."""
    found: list[str] = []
    for rule in rules:
        found += _fixed_texts(rule, words)
        if own := own_notice(rule, language):
            found.append(printable(own))
    return tuple(map(Notice, dict.fromkeys(found)))


def known_as(notice: str) -> str:
    """Return a notice as its translations name it: as readers see it, on one line."""
    return folded(without_isolates(notice))


def in_other_languages(
    notices: Sequence[Notice], texts: Mapping[str, Mapping[str, str]], own: str
) -> tuple[NoticesInLanguage, ...]:
    """Return the notices of an email in each language in which one of them has another text, in the order in which the
    languages choose their readers.

    `texts` are the `confirmed_texts`, and `own` is the language of the email, in which a notice stays that has no text.
    """
    every: dict[NoticeLanguage, tuple[Notice, ...]] = {
        language: tuple(dict.fromkeys(_translated(each, language, texts) for each in notices))
        for language in languages_in_order(texts, own)
    }
    found = []
    for language, theirs in every.items():
        wider = (others for other, others in every.items() if language.is_within(other))
        if theirs != next(wider, notices):
            found.append(NoticesInLanguage(language.tag, language.readers, theirs))
    return tuple(found)


def suggested_texts(publication: Publication, language: str) -> list[SuggestedText]:
    """Return every notice of a publication, with what we suggest in a language. Nobody has checked a suggestion.

    Only texts from our catalogues or the theme are suggested, with the emergency numbers that the publication gave. For
    the publication's own notices, it is what they said when this was its language, or the text of a notice that nearly
    said the same and is gone. Raises NotFound if the theme does not exist.
    """
    theme = find_theme(publication.theme).words
    own, other = words_in(publication.language, theme), words_in(language, theme)
    suggested: dict[str, str] = {}
    for rule in rules_of(publication):
        known = (
            _fixed_texts(rule, other) if other.language == language else [""] * len(_fixed_texts(rule, own))
        )
        pairs = [*zip(_fixed_texts(rule, own), known, strict=True)]
        if text := own_notice(rule, publication.language):
            pairs.append((printable(text), rule.notice.get(language, "")))
        for notice, suggestion in pairs:
            suggested[known_as(notice)] = known_as(suggestion) or suggested.get(known_as(notice), "")
    gone = _texts_of_others(publication, language, suggested)
    return [
        SuggestedText(notice, suggestion or _text_of_similar(notice, gone))
        for notice, suggestion in suggested.items()
    ]


def _texts_of_others(publication: Publication, language: str, notices: Collection[str]) -> Mapping[str, str]:
    """Return the texts in a language that belong to notices that the publication no longer has."""
    rows = NoticeTranslation.objects.filter(publication=publication, language=language)
    return {notice: text for notice, text in rows.values_list("notice", "text") if notice not in notices}


def _text_of_similar(notice: str, texts: Mapping[str, str]) -> str:
    found = get_close_matches(notice, texts, n=1, cutoff=_SIMILAR)
    return texts[found[0]] if found else ""


def require_current(publication: Publication, notices: Iterable[str]) -> None:
    """Raise Refused if one of these is not a notice of the publication, because its rules or its theme changed."""
    known = {each.notice for each in suggested_texts(publication, publication.language)}
    for notice in notices:
        if notice not in known:
            raise Refused(
                f"The notice “{notice}” has changed since you opened this page, so we did not save your texts. Copy "
                "what you need, then open the page again."
            )


def unused_texts(publication: Publication) -> list[str]:
    """Return the notices that have a text in another language, although no rule of the publication gives them."""
    known = {each.notice for each in suggested_texts(publication, publication.language)}
    stored = NoticeTranslation.objects.filter(publication=publication).order_by("notice")
    return sorted(set(stored.values_list("notice", flat=True)) - known)


def _fixed_texts(rule: TopicRule, words: Words) -> list[str]:
    texts = [words["not_advice"]] if rule.says_not_advice else []
    if rule.emergency_numbers:
        texts.append(words["emergency"].replace("{numbers}", isolated(rule.emergency_numbers)))
    return [words.phrase(each) for each in texts]


def _translated(notice: Notice, language: NoticeLanguage, texts: Mapping[str, Mapping[str, str]]) -> Notice:
    name = known_as(notice)
    for tag in language.texts_from:
        if text := texts[tag].get(name):
            return notice if text == name else Notice(printable(text), tag)
    return notice
