"""Lets the owner of a mailbox confirm which questions and complaints they sent, and see what came of them."""

from collections.abc import Collection

from django.utils import timezone

from newsletter.feedback.case_mails import tell_reader
from newsletter.feedback.models import ReaderCase
from subscribers.transactions import one_transaction

MOST_SHOWN = 100


def cases_of_reader(case: ReaderCase) -> list[ReaderCase]:
    """Return everything that was sent to the same publication with the address of this case, oldest first."""
    same = ReaderCase.objects.filter(publication=case.publication_id, address_key=case.address_key)
    return list(same.select_related("publication").order_by("pk")[:MOST_SHOWN])


@one_transaction
def confirm_cases(case: ReaderCase, chosen: Collection[str]) -> int:
    """Confirm those of the cases of this mailbox whose numbers are chosen, and return how many were new.

    Their reader is then told what came of them so far. Safe to repeat.
    """
    same = ReaderCase.objects.select_for_update().filter(
        publication=case.publication_id, address_key=case.address_key, confirmed_at=None
    )
    confirmed = [each for each in same.order_by("pk") if str(each.pk) in chosen]
    for each in confirmed:
        each.confirmed_at = timezone.now()
        each.save(update_fields=("confirmed_at",))
        tell_reader(each)
    return len(confirmed)
