"""The fields of the sign-up form of a list: their labels and hints, what was typed, and a list that has it."""

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.http import QueryDict
from django.utils.functional import lazy
from django.utils.text import format_lazy

from newsletter.errors import InvalidFields, NewsletterError
from newsletter.http.web_addresses import normalise_url
from newsletter.issues.models import Publication
from newsletter.issues.sign_up_settings import FIELDS as NAMES
from newsletter.issues.sign_up_settings import LONG_TEXTS
from newsletter.issues.sign_up_translations import stored_texts
from newsletter.web.desk.languages_and_zones import (
    language_name,
    languages_of_readers,
    languages_with_our_texts,
)
from newsletter.web.desk.settings.publication_fields import (
    ADDRESS,
    SettingField,
)
from subscribers.models import List
from subscribers.sign_up_texts import TEXTS

TICKS = ("asks_first_name", "asks_last_name", "asks_topics", "double_opt_in", "open_to_sign_up")
YES, NO = "yes", "no"
STANDARD = "If empty, the page shows standard text in its language."
NO_STANDARD = ("description", "after_sign_up")
NOTHING_SHOWN = "If empty, this does not appear on the page in this language."


def _languages(publication: Publication) -> list[tuple[str, str]]:
    return languages_with_our_texts(publication.mailing_list.language)


GROUPS: Mapping[str, tuple[SettingField, ...]] = {
    "What the page says": (
        SettingField("sign_up_heading", "text", "Heading", STANDARD, "optional", 200),
        SettingField(
            "description",
            "lines",
            "Introduction",
            "Say who writes the newsletter, what it is about, and how often you send it.",
            "",
            2_000,
        ),
        SettingField(
            "sign_up_button", "text", "Button", "If empty, the button says “Sign up”.", "optional", 60
        ),
        SettingField(
            "after_sign_up",
            "lines",
            "What happens next",
            "The next page shows this below the sentence about the confirmation email.",
            "optional",
            2_000,
        ),
    ),
    "What people agree to": (
        SettingField(
            "consent_wording",
            "lines",
            "Consent wording",
            f"{STANDARD} Each change creates a new version. We record which version each person agreed to.",
            "optional",
            2_000,
        ),
        SettingField(
            "privacy_url",
            "text",
            "Link to the privacy notice",
            note="optional",
            longest=500,
            attrs=ADDRESS,
        ),
    ),
    "What the form asks": (
        SettingField("asks_first_name", "tick", "First name", "Readers can leave this empty."),
        SettingField("asks_last_name", "tick", "Last name", "Readers can leave this empty."),
        SettingField("asks_topics", "tick", "Topics", "The form only asks for topics if the list has any."),
    ),
    "How it works": (
        SettingField(
            "publisher",
            "text",
            "Organisation",
            "The organisation’s name appears at the top of the page.",
            "optional",
            200,
        ),
        SettingField(
            "language",
            "select",
            "Language",
            # Their names are several megabytes of Babel, so they are looked up when the form is shown.
            format_lazy(
                "We use this language for the page, the confirmation emails and readers’ pages. On their preferences "
                "page, readers can also choose {languages}.",
                languages=lazy(languages_of_readers, str)(),
            ),
            choices=_languages,
        ),
        SettingField(
            "sender_name", "text", "Send confirmation emails from", "The sender’s name.", "optional", 200
        ),
        SettingField("sender_address", "email", "Sender’s address", "", "optional", 254),
        SettingField(
            "double_opt_in",
            "tick",
            "People confirm by email before they are subscribed",
            "Only turn this off if the law allows it. Without confirmation, anybody can sign up with somebody else’s "
            "address.",
        ),
        SettingField(
            "open_to_sign_up",
            "tick",
            "People can sign up",
            "Otherwise, the page says that sign-up is closed.",
        ),
    ),
}
# The texts that a form has in each of its languages.
TRANSLATED = tuple(
    replace(each, hint=NOTHING_SHOWN if each.name in NO_STANDARD else STANDARD, note="optional")
    for fields in GROUPS.values()
    for each in fields
    if each.name in TEXTS
)
LABELS = {each.name: each.label for fields in GROUPS.values() for each in fields}


def stored_values(mailing_list: List) -> dict[str, Any]:
    """Return what the form shows before anything is typed."""
    return {name: getattr(mailing_list, name) for name in NAMES}


def typed_values(form: QueryDict, mailing_list: List) -> dict[str, Any]:
    """Return what was typed. A field that the form does not have keeps what is stored."""
    typed = stored_values(mailing_list)
    typed |= {name: str(form[name]) for name in NAMES if name in form and name not in TICKS}
    return typed | {name: form.get(name) == "on" for name in TICKS if "seen" in form or name in form}


def settings_of_form(form: QueryDict, mailing_list: List) -> dict[str, str | bool]:
    """Return the fields that a form describes. Raises InvalidFields."""
    typed = typed_values(form, mailing_list)
    address = str(typed["privacy_url"]).strip()
    if address:
        try:
            typed["privacy_url"] = normalise_url(address)
        except NewsletterError as error:
            raise InvalidFields({"privacy_url": str(error)}) from error
    return typed


def tried_list(form: QueryDict, mailing_list: List) -> List:
    """Return a copy of a list with what was typed, cut to what can be stored. It is never saved."""
    tried = copy.copy(mailing_list)
    for name, value in typed_values(form, mailing_list).items():
        longest = 2_000 if name in LONG_TEXTS else 500
        setattr(tried, name, value[:longest] if isinstance(value, str) else value)
    return tried


def typed_texts(form: QueryDict, mailing_list: List, language: str) -> dict[str, str]:
    """Return what was typed in one more language. A text that the form does not have keeps what is stored."""
    return stored_texts(mailing_list, language) | {name: str(form[name]) for name in TEXTS if name in form}


def tried_translation(form: QueryDict, mailing_list: List, language: str) -> List:
    """Return a copy of a list in one more language with what was typed, cut to what can be stored. It is never
    saved.
    """
    tried = copy.copy(mailing_list)
    tried.language = language
    for name, value in typed_texts(form, mailing_list, language).items():
        setattr(tried, name, value[: 2_000 if name in LONG_TEXTS else 500])
    return tried


def in_words(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return fields as a page says them: labels and values."""
    return [(LABELS[name], _said(name, value)) for name, value in values.items()]


def _said(name: str, value: Any) -> str:
    if name in TICKS:
        return YES if value else NO
    return language_name(value) if name == "language" else str(value) or "(standard text)"
