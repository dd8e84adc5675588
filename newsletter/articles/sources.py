"""The sources: found by name, address or path, described and removed. See add_source.py for how one is added."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from newsletter.accounts import audit_log
from newsletter.accounts.actor import Role, require_role
from newsletter.accounts.audit_log import changes_between, values_of
from newsletter.articles.article_keys import key_of
from newsletter.articles.ghost_api import is_ghost_address, posts_address, split_key
from newsletter.articles.models import Source
from newsletter.errors import Invalid, NotFound, Refused
from newsletter.http.web_addresses import (
    looks_like_address,
    normalise_url,
    split_credentials,
    url_key,
    without_credentials,
)
from subscribers.clean_text import folded
from subscribers.database import locked
from subscribers.language_tags import why_not_language_tag

LONGEST_NAME = 80
# The longest wait that a source may ask for.
LONGEST_REQUEST = timedelta(days=7)
RECORDED = ("name", "title", "language", "kind", "location", "active", "credentials")


def active_sources() -> QuerySet[Source]:
    """The sources that can be fetched, by name: not those of the articles that editors add one by one."""
    return Source.objects.filter(active=True).exclude(kind__in=(Source.Kind.LINKS, Source.Kind.WRITTEN))


def fetched_sources() -> QuerySet[Source]:
    """The sources that are fetched without being asked for: active and not paused."""
    return active_sources().filter(paused_at=None)


def find_source(text: str) -> Source:
    """The source with this name, address (in any spelling) or path on this machine. Raises NotFound."""
    found = active_sources().filter(name=text).first() or active_sources().filter(location=text).first()
    place = url_key(split_location(text)[0]) if looks_like_address(text) else ""
    if not found and place:
        found = next((it for it in active_sources() if url_key(it.location) == place), None)
    if not found and not place and "\x00" not in text:
        found = active_sources().filter(location=resolved_path(text), from_this_machine=True).first()
    if not found:
        raise NotFound(
            f"We could not find the source {without_credentials(text)}. To see all sources, run "
            "`newsletter sources list`."
        )
    return found


def split_location(text: str) -> tuple[str, str]:
    """Return the location that an address means, and the name and password or the key that it is given with."""
    address, credentials = split_credentials(normalise_url(text))
    location, key = split_key(address)
    return posts_address(location) if is_ghost_address(location) else location, key or credentials


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
    tag = language.strip()
    # A tag that the source itself gave is kept.
    if tag not in {"", source.language} and (wrong := why_not_language_tag(tag)):
        raise Invalid(wrong)
    source.title, source.language = folded(title), tag
    try:
        source.clean_fields()
    except ValidationError as error:
        raise Invalid(" ".join(error.messages)) from error
    with transaction.atomic():
        present = locked(Source.objects.all(), source.pk)
        wanted = source_version(source)
        if seen is not None and source_version(present) not in {seen, wanted}:
            raise Refused(
                f"This source has changed since you opened it. Its name is now “{present.title}” and its "
                f"language is “{present.language}”. To replace them with yours, save again."
            )
        before = values_of(present, RECORDED)
        source.save(update_fields=["title", "language"])
        record_change(f"Changed the description of the source {source.name}.", source, before)


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
            f"This source has changed since you opened it. Its name is now “{source.title}” and its "
            f"language is “{source.language}”. Nothing was removed. To remove the source, open its page "
            "again."
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
    record_change(
        (
            f"Removed the source {before['name']}, but kept its articles that have been used in "
            f"issues ({kept})."
        ),
        source,
        before,
    )
    return kept


def record_change(sentence: str, source: Source, before: Mapping[str, Any]) -> None:
    changes = changes_between(before, values_of(source, RECORDED))
    if changes:
        audit_log.write("source", sentence, thing=f"source {source.pk}", changes=changes)


def resolved_path(text: str) -> str:
    return str(Path(text).expanduser().resolve())
