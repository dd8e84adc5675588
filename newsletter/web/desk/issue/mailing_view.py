"""A mailing as the desk shows it: its status, its figures, and what may be done about it."""

from dataclasses import dataclass

from newsletter.sending.audience import LARGE
from newsletter.sending.mailing_controls import why_not_pause, why_not_resume, why_not_stop
from newsletter.sending.models import Batch, Mailing
from newsletter.sending.recipient_counts import RecipientCounts, count_reasons, count_recipients
from newsletter.sending.retry_mailing import retryable_recipients, why_not_retry
from newsletter.sending.status_sentences import Status, mailing_status
from newsletter.web.desk.sending.sending_words import status_of_sending


@dataclass(frozen=True, slots=True, kw_only=True)
class MailingFigures:
    """How many recipients of a mailing are in each state, with the reasons, and the sentence about them."""

    mailing: Mailing
    counted: RecipientCounts
    why: dict[str, dict[str, int]]
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class MailingView:
    """A mailing. `figures` is None for a great many recipients: the page then asks for the figures after it is shown.

    `retry` is the number of people it can be sent to again. `why_not` has a sentence for each action, which is empty
    if the action is allowed.
    """

    mailing: Mailing
    figures: MailingFigures | None
    in_doubt: bool
    retry: int
    why_not: dict[str, str]


def mailing_view(mailing: Mailing) -> MailingView:
    """Return a mailing as the desk shows it."""
    again = retryable_recipients(mailing).count() if mailing.finished_at else 0
    return MailingView(
        mailing=mailing,
        figures=mailing_figures(mailing) if mailing.audience <= LARGE else None,
        in_doubt=mailing.batches.filter(state=Batch.State.UNKNOWN).exists(),
        retry=again,
        why_not={
            "pause": why_not_pause(mailing),
            "resume": why_not_resume(mailing),
            "stop": why_not_stop(mailing),
            "retry": why_not_retry(mailing, again),
        },
    )


def mailing_figures(mailing: Mailing) -> MailingFigures:
    """Return the figures of a mailing now."""
    counted = count_recipients(mailing)
    return MailingFigures(
        mailing=mailing,
        counted=counted,
        why=count_reasons(mailing, counted),
        status=status_of_sending(mailing_status(mailing, counted)),
    )
