"""Erases what readers sent: with the person, a year after the board's decision, and addresses that nobody confirmed.

Only people who are erased themselves are forgotten: a sign-up that nobody confirmed ends no question.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.dispatch import receiver
from django.utils import timezone

from newsletter.feedback.case_limits import must_not_be_emailed
from newsletter.feedback.models import CONFIRM, CaseMail, ReaderCase
from subscribers.models import Subscriber, Suppression
from subscribers.signals import exporting, forgetting
from subscribers.suppression import suppressions_of
from subscribers.transactions import one_transaction

KEPT_FOR = timedelta(days=365)
JUNK_KEPT_FOR = timedelta(days=30)
UNCONFIRMED_KEPT_FOR = timedelta(days=30)


@one_transaction
def forget_old_case() -> bool:
    """Erase the next case that was closed long ago, or the next address that nobody confirmed in 30 days.

    Return whether there was one. The address of a complaint stays until a year after the decision: the law demands an
    answer, whether or not the address is confirmed.
    """
    now = timezone.now()
    is_junk = Q(state=ReaderCase.State.JUNK)
    is_old = Q(closed_at__lt=now - KEPT_FOR) | is_junk & Q(closed_at__lt=now - JUNK_KEPT_FOR)
    case = ReaderCase.objects.filter(is_old, erased_at=None).order_by("pk").first()
    if case is not None:
        forget_case(case)
        return True
    since = now - UNCONFIRMED_KEPT_FOR
    # A link that expired can be renewed.
    recently_asked = CaseMail.objects.filter(case=OuterRef("pk"), step=CONFIRM, made_at__gte=since)
    unconfirmed = ReaderCase.objects.filter(
        ~Exists(recently_asked), kind=ReaderCase.Kind.QUESTION, confirmed_at=None, received_at__lt=since
    ).exclude(address_key="")
    case = unconfirmed.order_by("pk").first()
    if case is not None:
        _forget_address(case)
    return case is not None


def can_be_confirmed_until(case: ReaderCase) -> date | None:
    """Return until when the reader can confirm their address and is then told the decision, or None if they cannot.

    The link in the newest email that asks for this leads to everything that was sent with the address.
    """
    if case.confirmed_at is not None or not case.address_key or must_not_be_emailed(case.address_key):
        return None
    asked = CaseMail.objects.filter(
        case__publication=case.publication_id, case__address_key=case.address_key, step=CONFIRM
    )
    newest = (
        asked.exclude(state__in=(CaseMail.State.GIVEN_UP, CaseMail.State.LEFT_OUT))
        .order_by("-made_at")
        .first()
    )
    if newest is None or newest.made_at + UNCONFIRMED_KEPT_FOR < timezone.now():
        return None
    return timezone.localdate(newest.made_at + UNCONFIRMED_KEPT_FOR, case.publication.tzinfo)


def forget_case(case: ReaderCase) -> None:
    """Remove what a reader sent, their address, and the answer, which may repeat it. Dates and state stay."""
    case.text, case.answer, case.erased_at = "", "", timezone.now()
    case.save(update_fields=("text", "answer", "erased_at"))
    _forget_address(case)


def _forget_address(case: ReaderCase) -> None:
    case.address, case.address_key = "", ""
    case.save(update_fields=("address", "address_key"))
    case.mails.all().delete()


@receiver(exporting)
def cases_of(subscriber: Subscriber, **_signal: Any) -> dict[str, Any]:
    """Return the questions and complaints that a person confirmed to have sent, for their export."""
    found = ReaderCase.objects.filter(address_key=subscriber.address_key, confirmed_at__isnull=False)
    sent = [
        {
            "newsletter": each.publication.name,
            "kind": each.kind,
            "article": each.article_title,
            "text": each.text,
            "at": each.received_at.isoformat(),
            "state": _shown_state(each),
            "answer": each.answer,
        }
        for each in found.select_related("publication").order_by("pk")
    ]
    return {"questions": sent} if sent else {}


@receiver(forgetting)
def forget_cases(subscribers: Iterable[Subscriber], **_signal: Any) -> None:
    """Erase what was sent with the address of people who are erased as readers."""
    keys = [each.address_key for each in subscribers]
    for case in ReaderCase.objects.filter(address_key__in=keys):
        erased = suppressions_of(case.address_key).filter(reason=Suppression.Reason.ERASED, lifted_at=None)
        if erased.exists():
            forget_case(case)


def _shown_state(case: ReaderCase) -> str:
    return ReaderCase.State.RECEIVED if case.state == ReaderCase.State.JUNK else case.state
