"""How many questions and complaints one network, and one mailbox, can send. What is refused is not stored."""

from datetime import timedelta

from django.utils import timezone

from newsletter.errors import Refused
from newsletter.feedback.models import ReaderCase
from subscribers import app_settings, rate_limits, suppression
from subscribers.models import ConsentEntry, Subscription
from subscribers.transactions import repeated

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CASES_OF_NETWORK, CASES_OF_MAILBOX = 20, 10
# For this long, we remember that an address was asked to confirm.
ASKED_FOR = timedelta(days=365)
# Acts that need a link in an email to the mailbox. Imports, editors and programs cannot record them.
OF_THE_OWNER = (ConsentEntry.Act.CONFIRMED, ConsentEntry.Act.CAME_BACK)
# Who unsubscribed can still question a fact, and so can the owner of an address that somebody had before.
CAN_BE_ANSWERED = frozenset({suppression.Reason.LEFT_ALL, suppression.Reason.MOVED})


class TooManyCasesError(Refused):
    """A limit is reached. Nothing was stored."""

    again_helps = True


def require_within_limits(network: str, address_key: str) -> None:
    """Count one form from a network, with an address or without. Raises TooManyCasesError if there were too many.

    Neither is stored: only digests are counted (subscribers/rate_limits.py).
    """
    if not repeated(lambda: _is_within(network, address_key)):
        raise TooManyCasesError("Too many forms have been sent. Try again in an hour.")


def _is_within(network: str, address_key: str) -> bool:
    of_network = rate_limits.network_of(network)
    if network and not rate_limits.is_within_limit(
        "case from", of_network, at_most=CASES_OF_NETWORK, span=HOUR
    ):
        return False
    mailbox = rate_limits.mailbox_of(address_key)
    return not address_key or rate_limits.is_within_limit(
        "case of", mailbox, at_most=CASES_OF_MAILBOX, span=DAY
    )


def must_not_be_emailed(address_key: str) -> bool:
    """Return whether nothing is sent about a case: the person was erased, emails to the address bounced, its owner
    reported one as spam, or an editor suppressed it.

    An address with a `+tag` is also that of the mailbox without it.
    """
    of_mailbox = {address_key, rate_limits.without_tag(address_key), rate_limits.mailbox_of(address_key)}
    reasons = {reason for each in of_mailbox for reason in suppression.reasons(each)}
    return bool(reasons - CAN_BE_ANSWERED)


def may_ask_to_confirm(case: ReaderCase) -> bool:
    """Count one email that asks to confirm a case, and return whether it may be sent.

    An address whose owner never confirmed anything is asked once. The first form counts it in one statement, so it is
    also asked once if several forms come at the same moment. Others count towards the limit of all confirmation emails.
    """
    if must_not_be_emailed(case.address_key):
        return False
    if not _was_confirmed(case):
        return _is_asked_first(case)
    mailbox = rate_limits.mailbox_of(case.address_key)
    return rate_limits.is_within_limit("mail to", mailbox, at_most=app_settings.mails_per_day(), span=DAY)


def may_renew_link(case: ReaderCase) -> bool:
    """Count one email that replaces an expired link, and return whether it may be sent.

    Anyone who has the link has received the first email, so they have asked for this one.
    """
    if must_not_be_emailed(case.address_key):
        return False
    _is_asked_first(case)
    return True


def _is_asked_first(case: ReaderCase) -> bool:
    mailbox = rate_limits.mailbox_of(case.address_key)
    return rate_limits.is_first("asked to confirm a case", mailbox, until=timezone.now() + ASKED_FOR)


def _was_confirmed(case: ReaderCase) -> bool:
    """Return whether the owner of the address confirmed an earlier case, or a subscription that is active now.

    An imported subscription, or one that an editor added, does not say that the owner of the mailbox wants our emails.
    """
    earlier = ReaderCase.objects.filter(address_key=case.address_key, confirmed_at__isnull=False)
    subscribed = Subscription.objects.filter(
        subscriber__address_key=case.address_key,
        list=case.publication.mailing_list_id,
        state=Subscription.State.ACTIVE,
    )
    confirmed = ConsentEntry.objects.filter(
        subscriber__address_key=case.address_key, list=case.publication.mailing_list_id, act__in=OF_THE_OWNER
    )
    return earlier.exists() or (subscribed.exists() and confirmed.exists())
