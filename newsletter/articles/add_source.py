"""Adds a source, after a look at what it is."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from newsletter.accounts import audit_log
from newsletter.accounts.actor import ANY, Role, require_role, why_not_role
from newsletter.accounts.audit_log import changes_between, values_of
from newsletter.articles.ghost_api import posts_address
from newsletter.articles.models import FETCHED_KINDS, Source
from newsletter.articles.sources import RECORDED, record_change, resolved_path, split_location
from newsletter.errors import Invalid, NotFound, Refused
from newsletter.http.web_addresses import (
    SITE_WITHOUT_SCHEME,
    host_of,
    looks_like_address,
    origin_of,
    url_key,
    without_credentials,
)
from subscribers.clean_text import folded

if TYPE_CHECKING:
    from newsletter.articles.formats.feed_autodiscovery import AnnouncedFeed
    from newsletter.articles.read_source import SourceContent

LONGEST_TITLE = 300
LONGEST_LOCATION = 2_000
ADDING = "Adding a source"
FILE_NAME = re.compile(r"[^/]*\.(xml|rss|atom|rdf|json|html?|md|markdown|txt)", re.IGNORECASE)
# A place on a machine, such as /srv/articles, ~/articles, C:\articles or file:///srv/articles.
PATH = re.compile(r"/(?!/)|~|\.{1,2}[/\\]|[a-z]:[/\\](?!/)|\\\\|file:", re.IGNORECASE)


class AlreadyAdded(Refused):
    """The address is that of a source that there is already."""


def why_not_add_sources() -> str:
    """Return why the actor may not add sources, or an empty string."""
    return why_not_role(Role.EDITOR, ADDING, publication=ANY)


def add_source(location: str, *, name: str = "", kind: str = "", from_this_machine: bool = False) -> Source:
    """Add a place to read articles from, after fetching it to see what it is; no article is stored yet.

    Behind an HTML page its feed is added, where it names one; where it names several, SeveralFeeds (a Refused) is
    raised, whose `feeds` can be offered. A path of a feed file or of a folder of Markdown is
    taken only with `from_this_machine`, which a door to the web never gives. A name and a password in the address are
    kept apart from it; given for a source that there is already, they are its new ones.
    Raises Invalid, Refused or Unreachable with a sentence, and then adds nothing.
    """
    # The readers of all formats are slow to load, and most commands need none.
    from newsletter.articles.read_source import read_source

    require_role(Role.EDITOR, ADDING, publication=ANY)
    if kind and kind not in FETCHED_KINDS:
        raise Invalid(f"{kind} is not a kind of source. Choose one of: {', '.join(FETCHED_KINDS)}.")
    if name:
        _check_name(name)
    source = unsaved_source(location, from_this_machine=from_this_machine)
    if kind == Source.Kind.GHOST and not source.from_this_machine:
        source.location = posts_address(source.location)
    known = _with_location(source.location)
    if known and known.active:
        if source.credentials in {"", known.credentials} or not _at_its_host(known, source):
            raise AlreadyAdded(f"{without_credentials(source.location)} is already a source: {known.name}.")
        return _give_credentials(known, source.credentials)
    source.kind = kind
    content = read_source(source)
    known = _with_location(content.location)
    if known and known.active:
        raise AlreadyAdded(
            f"{without_credentials(location)} redirects to {without_credentials(content.location)}, which "
            f"is already a source: {known.name}."
        )
    return save_new(source, content, name=name)


def feeds_at(location: str) -> "list[AnnouncedFeed]":
    """Return the feeds that a web page offers, to choose one to add; a feed of comments is never among them.

    Empty if the address is not that of a page, or the page offers none. Raises as `add_source` does if the fetch fails.
    """
    from newsletter.articles.choose_format import find_feeds
    from newsletter.articles.request_document import request_document

    require_role(Role.EDITOR, ADDING, publication=ANY)
    source = unsaved_source(location, from_this_machine=False)
    document = request_document(source.location, kind=source.kind, credentials=source.credentials).document
    return find_feeds(document) if document else []


def unsaved_source(text: str, *, from_this_machine: bool) -> Source:
    """A source as somebody names it, not looked at and not saved yet. Raises Invalid where it cannot be one."""
    if from_this_machine and not looks_like_address(text):
        if "\x00" not in text and Path(text).exists():
            return Source(location=resolved_path(text), from_this_machine=True)
        if not SITE_WITHOUT_SCHEME.match(text) or FILE_NAME.fullmatch(text):
            raise Invalid(f"We could not find a file, folder or source called “{without_credentials(text)}”.")
    if not from_this_machine and PATH.match(text):
        raise Invalid(
            f"“{without_credentials(text)[:200]}” is a file or folder, not a web address. To add a folder of "
            "Markdown files, ask the person who runs the server. They can add it on the command line."
        )
    location, credentials = split_location(text)
    if len(location) > LONGEST_LOCATION:
        raise Invalid(
            f"The address {without_credentials(text)}… is too long. It can have up to {LONGEST_LOCATION:,} characters."
        )
    if len(credentials) > LONGEST_LOCATION:
        raise Invalid(
            f"The username and password in {without_credentials(text)} are too long. Together, they can have "
            f"up to {LONGEST_LOCATION:,} characters."
        )
    return Source(location=location, credentials=credentials)


def save_new(source: Source, content: "SourceContent", *, name: str = "") -> Source:
    """Save a source with what was found out about it. One that was removed from the same place comes back."""
    reading = content.reading
    title, kind = (reading.title, reading.kind) if reading else ("", source.kind)
    known = _with_location(content.location)
    if known and known.active:
        return known
    credentials = source.credentials if source.credentials and _at_its_host(source, content) else ""
    if known:
        source = known
    source.location = content.location
    source.credentials = credentials
    source.active = True
    source.kind = kind
    source.title = folded(source.title or title)[:LONGEST_TITLE]
    source.language = source.language or (reading.language[:35] if reading else "")
    source.name = name or _free_name(title, content.location)
    try:
        with transaction.atomic():
            before = values_of(Source.objects.filter(pk=source.pk).first(), RECORDED)
            source.save()
            record_change(f"Added the source {source.name}.", source, before)
    except IntegrityError:
        raise Refused(
            f"Somebody else was adding {without_credentials(source.location)} at the same time. Try again."
        ) from None
    return source


def _at_its_host(source: Source, other: "Source | SourceContent") -> bool:
    """Whether the credentials of one may be sent to the location of the other."""
    return origin_of(source.location) == origin_of(other.location)


def _give_credentials(source: Source, credentials: str) -> Source:
    """Give a source another name and password, after asking it whether it takes them."""
    from newsletter.articles.request_document import request_document

    request_document(source.location, kind=source.kind, credentials=credentials)
    # They were tried at this location, and are for no other: the source may have moved or gone meanwhile.
    there = Source.objects.filter(pk=source.pk, active=True, location=source.location)
    if not there.update(credentials=credentials):
        raise NotFound(
            f"Somebody changed or removed the source {source.name} while we were checking it. Add the "
            "source again."
        )
    before, source.credentials = source.credentials, credentials
    audit_log.write(
        "source",
        f"Changed the username and password for the source {source.name}.",
        thing=f"source {source.pk}",
        changes=changes_between({"credentials": before}, {"credentials": credentials}),
    )
    return source


def _with_location(location: str) -> Source | None:
    exact = Source.objects.filter(location=location).first()
    place = url_key(location)
    if exact or not place:
        return exact
    return next((it for it in Source.objects.all() if url_key(it.location) == place), None)


def _check_name(name: str) -> None:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,80}", name):
        raise Invalid(f"{name!r} cannot be the name of a source. Use up to 80 letters, digits and hyphens.")
    if Source.objects.filter(name=name).exists():
        raise Refused(f"A source called {name} already exists. Choose a different name with --name.")


def _free_name(title: str, location: str) -> str:
    host = host_of(location).removeprefix("www.").replace(".", "-")
    beginning = slugify(title)[:50].strip("-") or slugify(host or Path(location).stem)[:50] or "source"
    taken = set(Source.objects.filter(name__startswith=beginning).values_list("name", flat=True))
    name, number = beginning, 2
    while name in taken:
        name, number = f"{beginning}-{number}", number + 1
    return name
