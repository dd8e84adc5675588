"""The sources: found by name, address or path, added after a look at what they are, and removed."""

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.text import slugify

from newsletter.accounts import audit_log
from newsletter.accounts.actor import Role, require_role
from newsletter.accounts.audit_log import changes_between, values_of
from newsletter.articles.ghost_api import is_ghost_address, posts_address, split_key
from newsletter.articles.models import Source
from newsletter.articles.steps.identity_keys import key_of
from newsletter.errors import Invalid, NotFound, Refused
from newsletter.http.web_addresses import (
    SITE_WITHOUT_SCHEME,
    host_of,
    looks_like_address,
    normalise_url,
    origin_of,
    split_credentials,
    url_key,
    without_credentials,
)
from subscribers.clean_text import folded
from subscribers.database import locked

if TYPE_CHECKING:
    from newsletter.articles.formats.announced_feeds import AnnouncedFeed
    from newsletter.articles.read_source import SourceContent

LONGEST_NAME = 80
LONGEST_TITLE = 300
# The longest wait that a source may ask for.
LONGEST_REQUEST = timedelta(days=7)
RECORDED = ("name", "title", "language", "kind", "location", "active", "credentials")
LONGEST_LOCATION = 2_000
FILE_NAME = re.compile(r"[^/]*\.(xml|rss|atom|rdf|json|html?|md|markdown|txt)", re.IGNORECASE)


class AlreadyAdded(Refused):
    """The address is that of a source that there is already."""


def active_sources() -> QuerySet[Source]:
    """The sources that can be fetched, by name: not those of the articles that editors add one by one."""
    return Source.objects.filter(active=True).exclude(kind__in=(Source.Kind.LINKS, Source.Kind.WRITTEN))


def fetched_sources() -> QuerySet[Source]:
    """The sources that are fetched without being asked for: active and not paused."""
    return active_sources().filter(paused_at=None)


def find_source(text: str) -> Source:
    """The source with this name, address (in any spelling) or path on this machine. Raises NotFound."""
    found = active_sources().filter(name=text).first() or active_sources().filter(location=text).first()
    place = url_key(_split(text)[0]) if looks_like_address(text) else ""
    if not found and place:
        found = next((it for it in active_sources() if url_key(it.location) == place), None)
    if not found and not place and "\x00" not in text:
        found = active_sources().filter(location=_path(text), from_this_machine=True).first()
    if not found:
        raise NotFound(
            f"We could not find the source {without_credentials(text)}. `newsletter sources list` shows all of them."
        )
    return found


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

    if kind and kind not in Source.Kind.values:
        raise Invalid(f"The kind {kind} is not known. Choose one of: {', '.join(Source.Kind.values)}.")
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
            f"{without_credentials(location)} leads to {without_credentials(content.location)}, "
            f"which is already a source: {known.name}."
        )
    return save_new(source, content, name=name)


def feeds_at(location: str) -> "list[AnnouncedFeed]":
    """Return the feeds that a web page offers, to choose one to add; a feed of comments is never among them.

    Empty if the address is not that of a page, or the page offers none. Raises as `add_source` does if the fetch fails.
    """
    from newsletter.articles.choose_format import find_feeds
    from newsletter.articles.request_document import request_document

    source = unsaved_source(location, from_this_machine=False)
    document = request_document(source.location, kind=source.kind, credentials=source.credentials).document
    return find_feeds(document) if document else []


def unsaved_source(text: str, *, from_this_machine: bool) -> Source:
    """A source as somebody names it, not looked at and not saved yet. Raises Invalid where it cannot be one."""
    if from_this_machine and not looks_like_address(text):
        if "\x00" not in text and Path(text).exists():
            return Source(location=_path(text), from_this_machine=True)
        if not SITE_WITHOUT_SCHEME.match(text) or FILE_NAME.fullmatch(text):
            raise Invalid(f"We found no file, folder or source {without_credentials(text)}.")
    location, credentials = _split(text)
    if len(location) > LONGEST_LOCATION:
        raise Invalid(
            f"{without_credentials(text)}… is longer than the {LONGEST_LOCATION:,} characters that an address may have."
        )
    if len(credentials) > LONGEST_LOCATION:
        raise Invalid(
            f"The name and password in {without_credentials(text)} have more than {LONGEST_LOCATION:,} characters. "
            "Correct them."
        )
    return Source(location=location, credentials=credentials)


def _split(text: str) -> tuple[str, str]:
    """Return the location that an address means, and the name and password or the key that it is given with."""
    address, credentials = split_credentials(normalise_url(text))
    location, key = split_key(address)
    return posts_address(location) if is_ghost_address(location) else location, key or credentials


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
            _record(f"Added the source {source.name}.", source, before)
    except IntegrityError:
        raise Refused(
            f"{without_credentials(source.location)} was added at the same time. Try again."
        ) from None
    return source


def locked_source(source: Source) -> Source:
    """The source as its row is now, locked until the transaction ends. Raises NotFound where it was removed.

    Between the fetch of a source and this moment its row may have been edited, moved, retired or deleted.
    """
    try:
        return locked(Source.objects.filter(active=True), source.pk)
    except Source.DoesNotExist:
        raise NotFound(f"The source {source.name} was removed while we were fetching it.") from None


def source_version(source: Source) -> str:
    """Return a digest of the title and language of a source, by which two versions of them are told apart."""
    return key_of(source.title, source.language)


def describe_source(source: Source, *, title: str, language: str, seen: str | None = None) -> None:
    """Give a source another title and language, which later fetches keep; if empty, they set it. Raises Invalid.

    `seen` is the `source_version` that a form started from. Raises Refused if they were changed since then. Without it,
    nothing is compared.
    """
    require_role(Role.ADMINISTRATOR, "Changing a source")
    source.title, source.language = folded(title), language.strip()
    try:
        source.clean_fields()
    except ValidationError as error:
        raise Invalid(" ".join(error.messages)) from error
    with transaction.atomic():
        present = locked(Source.objects.all(), source.pk)
        wanted = source_version(source)
        if seen is not None and source_version(present) not in {seen, wanted}:
            raise Refused(
                f"This source has changed since you opened it: its name is “{present.title}” and its language "
                f"“{present.language}”. Save again to use yours."
            )
        before = values_of(present, RECORDED)
        source.save(update_fields=["title", "language"])
        _record(f"Described the source {source.name}.", source, before)


@transaction.atomic
def remove_source(name: str, *, seen: str | None = None) -> int:
    """Remove a source and its articles; gives the number of articles that stay because issues have used them.

    Where some stay, the source is retired: nothing lists or fetches it, and adding its location again brings it back,
    so that no reader gets those articles twice. `seen` is the `source_version` that a page showed; without it, nothing
    is compared. Raises NotFound. Raises Refused unless an administrator removes it, or if it was changed since.
    """
    require_role(Role.ADMINISTRATOR, "Removing a source")
    source = find_source(name)
    if seen is not None and seen != source_version(source):
        raise Refused(
            f"This source has changed since you opened it: its name is “{source.title}” and its language "
            f"“{source.language}”. Nothing was removed. Open its page again if you want to remove it."
        )
    before = values_of(source, RECORDED)
    # What another source has too was owned by this one: let the next fetch of that one bring it.
    Source.objects.update(etag="", last_modified="", document_hash="")
    source.articles.filter(items=None).delete()
    kept = source.articles.count()
    if not kept:
        audit_log.write(
            "source",
            f"Removed the source {source.name}.",
            thing=f"source {source.pk}",
            changes=changes_between(before, {}),
        )
        source.delete()
        return 0
    source.active = False
    source.name = f"{source.name[:50]}-removed-{source.pk}"
    source.save(update_fields=["active", "name"])
    _record(f"Removed the source {before['name']}; issues have used {kept} of its articles.", source, before)
    return kept


def _record(sentence: str, source: Source, before: Mapping[str, Any]) -> None:
    changes = changes_between(before, values_of(source, RECORDED))
    if changes:
        audit_log.write("source", sentence, thing=f"source {source.pk}", changes=changes)


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
            f"The source {source.name} was moved or removed while we were checking it. Add it again."
        )
    before, source.credentials = source.credentials, credentials
    audit_log.write(
        "source",
        f"Gave the source {source.name} another name and password.",
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
        raise Refused(f"There is already a source named {name}. Give another --name.")


def _free_name(title: str, location: str) -> str:
    host = host_of(location).removeprefix("www.").replace(".", "-")
    beginning = slugify(title)[:50].strip("-") or slugify(host or Path(location).stem)[:50] or "source"
    taken = set(Source.objects.filter(name__startswith=beginning).values_list("name", flat=True))
    name, number = beginning, 2
    while name in taken:
        name, number = f"{beginning}-{number}", number + 1
    return name


def _path(text: str) -> str:
    return str(Path(text).expanduser().resolve())
