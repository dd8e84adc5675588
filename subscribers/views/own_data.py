"""What we store about a person, for them to read and to download: a page, the same page as a file, and JSON."""

from datetime import UTC, date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation

from subscribers import erasure, signed_links
from subscribers.consent_notes import readable_note
from subscribers.free_details import details_as_text
from subscribers.long_dates import locale_called, long_date
from subscribers.models import ConsentEntry, Subscriber
from subscribers.signed_links import Purpose
from subscribers.translated_languages import language_name, texts_in, written_in
from subscribers.views.languages_of_person import language_of_person
from subscribers.views.preferences import links_of
from subscribers.views.public_page import html_of, public, show, subscriber_in

JSON, PAGE = "application/json", "text/html; charset=utf-8"


@public("GET", "HEAD")
def my_data(request: HttpRequest, token: str) -> HttpResponse:
    """Show a person's data, with links to download it."""
    subscriber = subscriber_in(signed_links.read_token(Purpose.EXPORT, token))
    language = language_of_person(subscriber)
    return show(
        request,
        "my_data",
        language,
        **_readable(subscriber, erasure.export_person(subscriber), written_in(language)),
        download_url=reverse("subscribers:download", args=[token]),
        download_page_url=reverse("subscribers:download-page", args=[token]),
        **links_of(subscriber),
    )


@public("GET", "HEAD")
def download(request: HttpRequest, token: str) -> HttpResponse:  # noqa: ARG001 - Django passes it
    """Return all of a person's data as a JSON file."""
    document = erasure.export_person(subscriber_in(signed_links.read_token(Purpose.EXPORT, token)))
    return as_file(orjson.dumps(document, option=orjson.OPT_INDENT_2), JSON, "my-data.json")


@public("GET", "HEAD")
def download_page(request: HttpRequest, token: str) -> HttpResponse:
    """Return all of a person's data as a page in one file, which needs no network to be read."""
    subscriber = subscriber_in(signed_links.read_token(Purpose.EXPORT, token))
    page = readable_page(request, subscriber, erasure.export_person(subscriber))
    return as_file(page, PAGE, "my-data.html")


def readable_page(request: HttpRequest, subscriber: Subscriber, document: dict[str, Any]) -> str:
    """Return what `export_person` returned about a person as an HTML page in their language, without any links."""
    spoken = written_in(language_of_person(subscriber) or subscriber.locale)
    return html_of(request, "my_data_file", spoken, **_readable(subscriber, document, spoken))


def as_file(content: bytes | str, kind: str, name: str) -> HttpResponse:
    """Return a download with this name, which browsers neither open nor take for anything else."""
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _readable(subscriber: Subscriber, document: dict[str, Any], spoken: str) -> dict[str, Any]:
    day = partial(_day, spoken=spoken)
    return {
        "person": document,
        "details": details_as_text(subscriber),
        "spoken_language": language_name(subscriber.locale, spoken) if subscriber.locale else "",
        "acts": _acts(),
        "moment": partial(_moment, zone=subscriber.zone, spoken=spoken),
        "day": day,
        "note": partial(readable_note, texts=texts_in(spoken), day=day),
    }


def _moment(iso: str, *, zone: str, spoken: str) -> str:
    """Return a moment in the person's time zone, or else in UTC, as their language writes it."""
    from babel.dates import format_time

    local = datetime.fromisoformat(iso).astimezone(ZoneInfo(zone) if zone else UTC)
    locale = locale_called(spoken)
    clock = format_time(local, "short", locale=locale)
    day = long_date(local, locale)
    return f"{str(locale.datetime_formats['medium']).format(clock, day)} {local:%Z}"


def _day(iso: str, *, spoken: str) -> str:
    return long_date(date.fromisoformat(iso[:10]), locale_called(spoken))


def _acts() -> dict[str, str]:
    """Return the English texts of what the consent log records. The page translates them."""
    with translation.override(None):
        return {str(act.value): str(act.label) for act in ConsentEntry.Act}
