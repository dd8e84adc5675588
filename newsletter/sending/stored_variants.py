"""Stores the variants of a mailing when it is planned, and reads and checks them once when its batches are sent."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from uuid import UUID

from django.db.models import QuerySet

from newsletter.rendering.email_set import EmailSet, stored_emails
from newsletter.sending.audience import segment_condition
from newsletter.sending.models import Mailing, Variant
from subscribers.models import Subscription


def write_variants(mailing: Mailing, emails: EmailSet) -> list[Variant]:
    """Store the approved variants of a mailing, numbered in order."""
    return Variant.objects.bulk_create(
        Variant(
            mailing=mailing,
            number=number,
            language=each.language,
            edition=each.edition,
            topics=list(each.topics),
            subject=each.subject,
            readers=each.readers,
            email=each.email.to_dict(),
            digest=each.email.digest,
        )
        for number, each in enumerate(emails.variants, start=1)
    )


def emails_of(mailing: Mailing) -> EmailSet:
    """Return the emails of a mailing. Raises Invalid if they are not the approved ones or cannot be read."""
    return _read(mailing.key, mailing.digest)


def emails_for_batches(mailing: Mailing) -> EmailSet:
    """Return the emails of a mailing, read and checked once for all batches that this process sends."""
    return _read_once(mailing.key, mailing.digest)


def _read(mailing: UUID, digest: str) -> EmailSet:
    names = ("language", "edition", "topics", "subject", "readers", "email")
    rows = Variant.objects.filter(mailing__key=mailing).order_by("number").values(*names)
    return stored_emails([{name: value for name, value in row.items() if value} for row in rows], digest)


_read_once = lru_cache(maxsize=4)(_read)


def variants_with_readers(
    audience: QuerySet[Subscription], variants: Iterable[Variant], mailing: Mailing
) -> list[Variant]:
    """Return the variants that somebody in an audience gets, and the last one, which is for everybody else.

    A list may have no reader of a language. Then nobody is looked for again in each of many send windows.
    """
    return [
        each
        for each in variants
        if not each.readers or audience.filter(segment_condition(each.readers, mailing.mailing_list)).exists()
    ]


def readers_of_each(
    audience: QuerySet[Subscription], variants: Iterable[Variant], mailing: Mailing
) -> Iterator[tuple[Variant, QuerySet[Subscription]]]:
    """Yield each variant, in order, with the part of an audience that it is for. An earlier variant comes first."""
    for variant in variants:
        if variant.readers:
            yield variant, audience.filter(segment_condition(variant.readers, mailing.mailing_list))
        else:
            yield variant, audience
