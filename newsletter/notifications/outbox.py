"""Writes down what happened, once, with the mails and posts that tell it: all in one transaction.

Facts are read from rows, and the key of a notice is unique, so any number of clocks may tick and any may die.
"""

import logging
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from newsletter.notifications.detectors import FINDERS
from newsletter.notifications.detectors.finding import Fact
from newsletter.notifications.models import Beginning, EditorNotice, HookDelivery, NoticeMail
from newsletter.notifications.recipients import hooks_told, people_told
from newsletter.notifications.webhook_events import event_of
from subscribers.text import folded, without_addresses

log = logging.getLogger(__name__)

# What was older than this when the press began to tell is no news.
OLD_AT_THE_BEGINNING = timedelta(days=3)
# A clock that stood still for longer does not tell what nobody waits for any more.
OLD = timedelta(days=30)


def write_next_notice() -> bool:
    """Write down one thing that happened and was not told yet; says whether there was one.

    Raises what a finder raised, once nothing else is left to be told.
    """
    since = _since()
    first_error: Exception | None = None
    for find in FINDERS:
        try:
            fact = next(find(since), None)
            if fact is not None:
                tell(fact)
                return True
        except Exception as error:
            # What one finder cannot read must not keep the others from being told.
            log.exception("What %s finds could not be told; the others go on.", find.__name__)
            first_error = first_error or error
    if first_error is not None:
        raise first_error
    return False


def tell(fact: Fact) -> None:
    """Write a notice with all that follows from it, unless another clock has just done so."""
    try:
        with transaction.atomic():
            _write(fact)
    except IntegrityError:
        if not EditorNotice.objects.filter(key=fact.key).exists():
            raise


def _write(fact: Fact) -> None:
    now = timezone.now()
    reason = without_addresses(fact.reason)
    notice = EditorNotice.objects.create(
        key=fact.key,
        kind=fact.kind,
        publication=fact.publication,
        subject=folded(fact.subject)[:400],
        text="\n\n".join(part for part in (fact.text, reason) if part),
        link=fact.link,
        facts={**fact.facts, "reason": reason},
        made_at=now,
    )
    NoticeMail.objects.bulk_create(
        NoticeMail(notice=notice, user=person, due_at=now) for person in people_told(notice)
    )
    HookDelivery.objects.bulk_create(
        HookDelivery(hook=hook, notice=notice, body=event_of(notice), due_at=now)
        for hook in hooks_told(notice)
    )


def _since() -> datetime:
    """From when on what happened is news."""
    now = timezone.now()
    beginning, _is_new = Beginning.objects.get_or_create(pk=1, defaults={"at": now})
    return max(beginning.at - OLD_AT_THE_BEGINNING, now - OLD)
