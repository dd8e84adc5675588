"""Stores pictures and their versions in the database, and marks the files that emails link to."""

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Prefetch, QuerySet

from newsletter.articles.pictures import placeholder_picture
from newsletter.articles.pictures.fetch_picture import FetchedPicture
from newsletter.articles.pictures.models import OriginalPicture, PictureFile, PictureVersion
from newsletter.articles.pictures.picture_versions import Rewritten, Version
from newsletter.errors import Refused

LONGEST_REASON = 500

_LINK = re.compile(r"/media/([0-9a-f]{32}\.(?:jpg|png))")


def key_of(url: str) -> str:
    """Return the key of the picture at an address."""
    return hashlib.sha256(url.encode()).hexdigest()


def originals_at(urls: Iterable[str]) -> dict[str, OriginalPicture]:
    """Return what is known of the pictures at some addresses, by address, with their versions and without contents."""
    keys = {key_of(url): url for url in urls}
    if not keys:
        return {}
    return {keys[original.key]: original for original in with_versions().filter(key__in=keys)}


def with_versions() -> QuerySet[OriginalPicture]:
    """Return the pictures with their versions, but without the contents of files."""
    versions = PictureVersion.objects.select_related("file").defer("file__content")
    return OriginalPicture.objects.prefetch_related(Prefetch("versions", versions))


def store_fetched(fetched: FetchedPicture, now: datetime) -> OriginalPicture:
    """Store what became of a picture. A picture that was fetched earlier stays as it was if it does not come now."""
    key = key_of(fetched.url)
    with transaction.atomic():
        original = OriginalPicture.objects.select_for_update().filter(key=key).first()
        if fetched.made is None and original and original.state == OriginalPicture.State.READY:
            return original
        values = {
            "url": fetched.url,
            "state": fetched.state,
            "reason": fetched.reason[:LONGEST_REASON],
            "used_at": now,
        }
        if fetched.made is None:
            return OriginalPicture.objects.update_or_create(key=key, defaults=values)[0]
        return _store(key, fetched.made, values, now)


def store_uploaded(data: bytes, made: Rewritten, now: datetime) -> OriginalPicture:
    """Store an uploaded picture."""
    values = {"state": OriginalPicture.State.READY, "reason": "", "used_at": now}
    with transaction.atomic():
        return _store(hashlib.sha256(data).hexdigest(), made, values, now)


def file_names(contents: Iterable[str]) -> set[str]:
    """Return the names of the picture files that some texts link to."""
    return {name for content in contents for name in _LINK.findall(content)}


def keep_pictures_in(contents: Iterable[str], now: datetime) -> None:
    """Keep for good every picture that emails link to. Raises Refused if one of them is no longer stored."""
    names = file_names(contents) - {placeholder_picture.NAME}
    files = PictureFile.objects.filter(name__in=names)
    with transaction.atomic():
        files.filter(kept_since=None).update(kept_since=now)
        if files.count() < len(names):
            raise Refused(
                "A picture in this email is no longer stored. To fetch it again, run `newsletter "
                "issues pictures`."
            )


def file_name(version: Version) -> str:
    """Return the name of the file that a version becomes."""
    return f"{hashlib.sha256(version.content).hexdigest()[:32]}.{version.ending}"


def _store(key: str, made: Rewritten, values: dict[str, object], now: datetime) -> OriginalPicture:
    size = {"width": made.width, "height": made.height, "fetched_at": now}
    original, _ = OriginalPicture.objects.update_or_create(key=key, defaults=values | size)
    for version in made.versions:
        PictureVersion.objects.update_or_create(
            original=original, place=version.place, defaults={"file": _file(version, now)}
        )
    return original


def _file(version: Version, now: datetime) -> PictureFile:
    """Store a file, or find the one that has the same content. It is young again, so it is not deleted now."""
    name = file_name(version)
    values = {"content": version.content, "width": version.width, "height": version.height}
    return PictureFile.objects.update_or_create(
        name=name, defaults={"made_at": now}, create_defaults=values | {"made_at": now}
    )[0]
