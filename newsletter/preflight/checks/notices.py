"""Check the notices for readers of other languages: whether all have a text, with the same numbers, in the language."""

from collections.abc import Iterator, Mapping, Sequence

from newsletter.issues.notice_languages import NoticeLanguage, is_of_family, languages_in_order
from newsletter.issues.notice_translations import confirmed_texts, languages_of_notices, numbers_in
from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.finding import Basis, Finding, Level, Place, Rule
from newsletter.preflight.guess_language import language_name as name_of_guess
from newsletter.preflight.guess_language import other_language
from newsletter.rendering.topic_notices import known_as
from subscribers.phrases import listed, shortened
from subscribers.translated_languages import language_name

CHECK = "notices in other languages"
PLACE = Place("settings", "notices")
BASIS = Basis("The newsletter’s own rule for the topic")
MISSING = Rule(
    "notices.not-translated",
    "A notice has no confirmed text in one of your other languages",
    Level.WARNING,
    "Readers of this language get the notice in the newsletter’s language, and may not understand it.",
    "Add and confirm the text under “Notices in other languages” in the newsletter’s settings.",
    BASIS,
)
NUMBERS = Rule(
    "notices.numbers",
    "A notice has different numbers in another language",
    Level.WARNING,
    "Readers may call the wrong number, or come at the wrong time.",
    "Compare the texts under “Notices in other languages” in the newsletter’s settings.",
    BASIS,
)
WRONG_LANGUAGE = Rule(
    "notices.wrong-language",
    "A notice does not seem to be in its readers’ language",
    Level.WARNING,
    "Readers may not understand the notice, and a screen reader reads it aloud in the wrong language.",
    "Correct the text under “Notices in other languages” in the newsletter’s settings.",
    BASIS,
)
RULES = (MISSING, NUMBERS, WRONG_LANGUAGE)
_LONGEST = 60


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Look at each notice of the email in each language that the publication’s notices have."""
    notices = [known_as(each) for each in checked.contents.notices] if checked.contents else []
    if not notices:
        return
    publication = checked.publication
    texts = confirmed_texts(publication)
    languages = languages_in_order(languages_of_notices(publication), publication.language)
    for notice in notices:
        yield from _missing(notice, languages, texts, publication.language)
        for language in languages:
            if text := texts.get(language.tag, {}).get(notice):
                yield from _wrong(notice, text, language.tag)


def _missing(
    notice: str, languages: Sequence[NoticeLanguage], texts: Mapping[str, Mapping[str, str]], own: str
) -> Iterator[Finding]:
    names = [
        language_name(each.tag)
        for each in languages
        # Readers of “de-AT” understand a notice in “de”.
        if not is_of_family(each.tag, own)
        and not any(notice in texts.get(tag, {}) for tag in each.texts_from)
    ]
    if names:
        said = listed(list(dict.fromkeys(names)))
        yield MISSING.found(
            f"The notice “{shortened(notice, _LONGEST)}” has no confirmed text in {said}, so these readers get it in "
            f"{language_name(own)}.",
            PLACE,
        )


def _wrong(notice: str, text: str, language: str) -> Iterator[Finding]:
    name, shown = language_name(language), shortened(text, _LONGEST)
    if sorted(numbers_in(notice)) != sorted(numbers_in(text)):
        yield NUMBERS.found(
            f"“{shown}”, in {name}, does not have the same numbers as “{shortened(notice, _LONGEST)}”.", PLACE
        )
    if guessed := other_language(text, language):
        yield WRONG_LANGUAGE.found(
            f"The notice for readers of {name}, “{shown}”, seems to be in {name_of_guess(guessed)}.", PLACE
        )
