"""The languages of a person's own pages: which one they see, and which ones they can choose."""

from django.utils.module_loading import import_string

from subscribers import app_settings
from subscribers.models import Subscriber
from subscribers.translated_languages import (
    display_name,
    find_catalogue,
    language_name,
    script_of,
    written_in,
)


def language_of_person(subscriber: Subscriber) -> str:
    """Return the language that the person chose if we may use its texts, and otherwise that of their first list."""
    if subscriber.locale and find_catalogue(subscriber.locale):
        offered = tuple(code for code, _name in _languages(subscriber))
        if written_in(subscriber.locale, offered=offered) == subscriber.locale:
            return subscriber.locale
    first = subscriber.subscriptions.select_related("list").first()
    return first.list.language if first else ""


def language_choices(subscriber: Subscriber) -> tuple[tuple[str, str], ...]:
    """Return the languages to choose from, among them that of the person exactly as it is stored.

    Emails can be in languages in which these pages are not, or have texts in them. Somebody who saves a name keeps
    their language.
    """
    offered, own = (*_languages(subscriber), *_languages_of_emails(subscriber)), subscriber.locale
    if not own or own in dict(offered):
        return offered
    near = next((code for code, _name in offered if _main_and_script(code) == _main_and_script(own)), "")
    if not near:
        return (*offered, (own, display_name(own)))
    return tuple((own if code == near else code, name) for code, name in offered)


def _languages_of_emails(subscriber: Subscriber) -> list[tuple[str, str]]:
    """Return the languages in which only emails to the person have texts."""
    path = app_settings.languages_of_emails()
    if not path:
        return []
    known = {_main_and_script(code) for code, _name in _languages(subscriber)}
    found: set[str] = import_string(path)(list(subscriber.subscriptions.values_list("list_id", flat=True)))
    return [(tag, display_name(tag)) for tag in sorted(found) if _main_and_script(tag) not in known]


def _main_and_script(tag: str) -> tuple[str, str]:
    return tag.split("-", maxsplit=1)[0].lower(), script_of(tag)


def _languages(subscriber: Subscriber) -> tuple[tuple[str, str], ...]:
    """Return the languages of these pages: those offered to everybody, and those of the person's lists and their
    sign-up forms.
    """
    offered = app_settings.languages()
    known = {find_catalogue(code) for code, _name in offered}
    main = subscriber.subscriptions.values_list("list__language", flat=True)
    further = subscriber.subscriptions.values_list("list__sign_up_texts__language", flat=True)
    lists = {tag for tag in main.union(further) if tag}
    others = {found.language for tag in lists if (found := find_catalogue(tag)) and found not in known}
    return (*offered, *((tag, language_name(tag, tag)) for tag in sorted(others)))
