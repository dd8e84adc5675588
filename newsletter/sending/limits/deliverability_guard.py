"""Pauses a mailing that would harm the sender's reputation: too many hard bounces or complaints among the accepted.

Mailbox providers ask for a complaint rate below 0.3%, and take more than 2% of hard bounces as a sign of a bought list.
"""

from django.db.models import Q

from newsletter.sending.mailing_controls import pause_mailing
from newsletter.sending.models import Mailing, Recipient
from newsletter.sending_settings.current import sending_settings

# With few recipients, one bounce says nothing about a list.
AT_LEAST = 3


def check_deliverability(mailing_id: int, *, hard_bounces: int, complaints: int) -> bool:
    """Check the hard bounces and complaints of a mailing so far; return whether the mailing was paused because of them.

    A mailing that a person resumed after such a pause is only paused again when the numbers have doubled.
    """
    mailing = Mailing.objects.filter(pk=mailing_id, state=Mailing.State.SENDING).first()
    if mailing is None or hard_bounces + complaints < 2 * mailing.bad_reports_seen:
        return False
    reason = _why_to_pause(mailing, hard_bounces, complaints)
    if not reason:
        return False
    Mailing.objects.filter(pk=mailing_id).update(bad_reports_seen=hard_bounces + complaints)
    return pause_mailing(mailing_id, reason)


def _why_to_pause(mailing: Mailing, hard_bounces: int, complaints: int) -> str:
    # By SMTP a server may reject at once what others bounce later. Those were not accepted, but they were tried.
    tried = Q(state=Recipient.State.ACCEPTED) | Q(rejected_for=Recipient.RejectedFor.PERSON)
    accepted = Recipient.objects.filter(tried, batch__mailing=mailing).count()
    environment = sending_settings()
    bounced, complained = (100 * count / max(accepted, 1) for count in (hard_bounces, complaints))
    if _is_too_many(hard_bounces, bounced, environment.hard_bounce_limit):
        return (
            f"The emails to {hard_bounces} of {accepted} recipients bounced permanently ({bounced:.2g}%). The limit is "
            f"{environment.hard_bounce_limit:g}%. The list may be out of date. Find out why before you resume the "
            "mailing."
        )
    if _is_too_many(complaints, complained, environment.complaint_limit):
        return (
            f"{complaints} of {accepted} recipients marked the email as spam ({complained:.2g}%). The limit is "
            f"{environment.complaint_limit:g}%. Some people may not have asked for the email. Find out why before you "
            "resume the mailing."
        )
    return ""


def _is_too_many(count: int, share: float, limit: float) -> bool:
    return bool(limit) and count >= AT_LEAST and share > limit
