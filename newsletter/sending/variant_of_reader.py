"""Which of the emails of an issue somebody gets, or got: outside a mailing, which has this in its batches."""

from newsletter.rendering.email import Email
from newsletter.rendering.email_set import EmailSet
from newsletter.sending.audience import chosen_people
from newsletter.sending.models import Mailing, Recipient
from subscribers.models import List


def email_for(emails: EmailSet, subscription: int | None, mailing_list: List) -> Email:
    """Return the email that somebody with a subscription of this number would get, or that for everybody else."""
    if subscription is None:
        return emails.main
    for variant in emails.variants:
        if not variant.readers:
            return variant.email
        if chosen_people(variant.readers, mailing_list).filter(pk=subscription).exists():
            return variant.email
    return emails.main


def email_in(emails: EmailSet, language: str) -> Email:
    """Return the email for readers of a language, or that for everybody else if they get no other."""
    return next(
        (each.email for each in emails.variants if language and each.language == language), emails.main
    )


def email_sent_to(mailing: Mailing, emails: EmailSet, subscriber: int | None) -> Email:
    """Return the email of a mailing that somebody was sent, or that for everybody else if they got none."""
    if subscriber is None or len(emails.variants) == 1:
        return emails.main
    theirs = Recipient.objects.filter(mailing=mailing, subscriber=subscriber)
    number = theirs.values_list("batch__variant__number", flat=True).first()
    return emails.main if number is None else emails.variants[number - 1].email
