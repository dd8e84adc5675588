"""Deletes pictures that nothing needs any more. A picture that an email links to stays for good."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from newsletter.articles.pictures.models import OriginalPicture, PictureFile
from newsletter.articles.pictures.store_pictures import file_names, key_of
from newsletter.issues.issue_pictures import needed_by_publication, needed_pictures
from newsletter.issues.models import Issue, Publication

# Drafts change, and what an issue left out may come back.
UNUSED_FOR = timedelta(days=30)
AT_ONCE = 500
FINISHED = (Issue.State.SENT, Issue.State.CANCELLED)


def delete_unused_pictures(now: datetime) -> bool:
    """Delete some pictures that no issue has needed for 30 days and no email links to. Return whether any were."""
    cutoff = now - UNUSED_FOR
    with transaction.atomic():
        originals = OriginalPicture.objects.filter(used_at__lt=cutoff, items=None, articles=None).exclude(
            Q(key__in=_needed_keys()) | Q(versions__file__name__in=_in_introductions())
        )
        keys = list(originals.select_for_update(of=("self",)).values_list("pk", flat=True)[:AT_ONCE])
        OriginalPicture.objects.filter(pk__in=keys).delete()
    with transaction.atomic():
        files = PictureFile.objects.filter(made_at__lt=cutoff, kept_since=None, versions=None)
        names = list(files.select_for_update(of=("self",)).values_list("pk", flat=True)[:AT_ONCE])
        PictureFile.objects.filter(pk__in=names).delete()
    return bool(keys or names)


def _needed_keys() -> set[str]:
    """Return the keys of the pictures that unfinished issues and all publications need."""
    needed = [
        picture for publication in Publication.objects.all() for picture in needed_by_publication(publication)
    ]
    for issue in Issue.objects.exclude(state__in=FINISHED).select_related("publication"):
        needed += needed_pictures(issue)
    return {key_of(url) for picture in needed for url in picture.urls}


def _in_introductions() -> set[str]:
    """Return the names of the files that the introductions of unfinished issues link to."""
    openings = Issue.objects.exclude(state__in=FINISHED).filter(opening__contains="/media/")
    return file_names(openings.values_list("opening", flat=True))
