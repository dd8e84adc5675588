"""The fixed texts of an email, such as “Unsubscribe”, from the catalogues in subscribers/locale.

A theme can replace single texts, and can bring the texts of a language that has no catalogue.
"""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext_noop as _

from newsletter.rendering.localisation import locale_of
from subscribers.bidi import isolated, isolated_english
from subscribers.punctuation import LABELLED, LISTED, listed
from subscribers.translated_languages import ENGLISH, OUR_OWN, Catalogue, find_catalogue, language_name


def _plural(one: str, several: str) -> tuple[str, str]:
    """Mark a text with two English forms for the catalogues."""
    return one, several


# Each text by the name that templates and theme.toml use.
TEXTS = {
    "read_online": _("Read online"),
    "preferences": _("Change your preferences"),
    "unsubscribe": _("Unsubscribe"),
    "issue": _("Issue {number}"),
    "by": _("By {authors}"),
    "and_others": _("{authors} and others"),
    "labelled": LABELLED,
    "listed": LISTED,
    "email": _("email"),
    "based_on": _("Based on"),
    "response": _("In response"),
    "retraction": _("Retracted"),
    "reviewed": _("Reviewed {date}"),
    "not_advice": _(
        "This email gives general information. It is not medical advice: for that, ask a doctor or another "
        "health professional."
    ),
    "emergency": _("In an emergency, call {numbers}."),
    "correction": _("Correction"),
    "corrections": _("Corrections to earlier articles"),
    "said": _("What we said"),
    "right": _("What is correct"),
    "reason": _("Why this happened"),
    "since": _("Wrong since"),
    "correction_to": _("Correction: {title}"),
    "we_were_wrong": _("We sent you an article that contained a mistake. This is the correction."),
    # True on every lawful basis: not everybody on a list has subscribed.
    "why": _("You are receiving this email because you are on the mailing list {list}."),
    "raised": _("{raised} raised of {target}"),
    "charity": _("Registered charity no. {number}"),
    "figures": _("Figures: {source}, {date}"),
    "open_until": _("Open until {date}"),
    "appeal_ended": _("This appeal has ended."),
    "target_reached": _("The target has been reached."),
    "text_terms": _("Text: {terms}"),
    "picture_terms": _("Picture: {terms}"),
    "give": _("Give"),
    "find_out_more": _("Find out more"),
    "report": _("Report an error"),
    "was_useful": _("Was this useful?"),
    "useful_yes": _("Yes, useful"),
    "useful_no": _("No, not useful"),
    "question": _("Question a fact"),
}
# Themes with all texts of a language that were made before these remain complete. Emails have most of these texts only
# if somebody asks for what they say.
ADDED_LATER = frozenset({"retraction", "reviewed", "not_advice", "emergency", "listed", "email"})
# Those with a number, which `Words.counted` writes for {count} or {minutes}.
COUNTED = {
    "all_sources": _plural("{label}: {count} source", "{label}: {count} sources"),
    "minutes": _plural("{minutes} min read", "{minutes} min read"),
}


class Words(dict[str, str]):
    """The fixed texts of an email by name. `language` is their language, and `around` that of the email."""

    def __init__(self, catalogue: Catalogue, own: Mapping[str, str], language: str, around: str) -> None:
        self._own, self._catalogue = own, catalogue
        self.language = language
        self._is_apart = language != around
        self._locale = locale_of(language)
        texts = {name: catalogue.texts.gettext(text) for name, text in TEXTS.items()}
        several = {name: catalogue.texts.ngettext(*forms, 100) for name, forms in COUNTED.items()}
        super().__init__(texts | several | dict(own))

    def phrase(self, text: str) -> str:
        """Return a finished text from here for a place among others: marked as English if the email is not.

        The filter `bdi` turns the mark into an element.
        """
        return isolated_english(text) if self._is_apart else text

    def isolated(self, text: str) -> str:
        """Return such a text isolated in any case, for a place between others that are."""
        return self.phrase(text) if self._is_apart else isolated(text)

    def names(self, parts: Iterable[str]) -> str:
        """Return names one after another, with the commas of the language."""
        return listed(self["listed"], parts)

    def counted(self, name: str, number: int) -> str:
        """Return the text for a number of things, such as “1 source” or “3 sources”, with the number in it.

        A text of the theme's own is the same for every number.
        """
        text = self._own.get(name) or self._catalogue.texts.ngettext(*COUNTED[name], number)
        from babel.numbers import format_decimal

        shown = format_decimal(number, locale=self._locale)
        return text.replace("{count}", shown).replace("{minutes}", shown)


def words_in(language: str, changes: Mapping[str, Mapping[str, str]]) -> Words:
    """Return the fixed texts of an email in a language, replaced by the theme's own: those for `de-AT` before `de`.

    They are English, the theme's own English included, if the language has no catalogue.
    """
    catalogue = find_catalogue(language)
    own = _own(language, changes)
    if catalogue is None and not missing_words(language, changes):
        return Words(ENGLISH, own, language, language)
    if catalogue is None:
        return Words(ENGLISH, _own(OUR_OWN, changes) | own, OUR_OWN, language)
    return Words(catalogue, own, language, language)


def missing_words(language: str, changes: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Return the names of the texts that neither a catalogue nor the theme has in a language."""
    if find_catalogue(language):
        return []
    own = _own(language, changes)
    return [name for name in (*TEXTS, *COUNTED) if name not in own and name not in ADDED_LATER]


def words_warning(language: str, changes: Mapping[str, Mapping[str, str]]) -> str:
    """Say that readers would see English texts, or texts that nobody has reviewed; empty if neither is so."""
    name, catalogue = language_name(language), find_catalogue(language)
    if missing := missing_words(language, changes):
        example = "unsubscribe" if "unsubscribe" in missing else missing[0]
        what = (
            "the standard wording"
            if len(missing) == len(TEXTS) + len(COUNTED) - len(ADDED_LATER)
            else "some of the standard wording"
        )
        return (
            f"We have no {name} translation, so readers will see {what} in this email, such as "
            f"“{english_word(example)}”, in English."
        )
    if catalogue and not catalogue.reviewed:
        return (
            f"The standard wording in this email, such as “{catalogue.texts.gettext(TEXTS['unsubscribe'])}”, is "
            f"in {name}. Nobody who reads {name} has reviewed it yet, so check it in the preview."
        )
    return ""


def english_word(name: str) -> str:
    """Return the English text with a name, with its placeholders; empty if there is none with this name."""
    return TEXTS[name] if name in TEXTS else COUNTED.get(name, ("", ""))[1]


def _own(language: str, changes: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    tags = [language.split("-", maxsplit=1)[0].lower(), language.lower()]
    tables = {tag.lower(): words for tag, words in changes.items()}
    return {name: text for tag in tags for name, text in tables.get(tag, {}).items()}
