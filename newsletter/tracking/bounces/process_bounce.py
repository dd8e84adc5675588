"""Processes one message from the bounce mailbox: a bounce as an event of SendGrid's webhook, or an unsubscription."""

import logging
from collections.abc import Sequence
from enum import StrEnum

from django.db import InterfaceError, OperationalError
from django.utils import timezone

from newsletter.tracking.bounces.free_text_bounces import read_free_text
from newsletter.tracking.bounces.identify_recipient import Unsigned, subject_of
from newsletter.tracking.bounces.parse_bounce import read_report
from newsletter.tracking.bounces.unsubscribe_by_mail import row_to_unsubscribe, unsubscribe_row
from newsletter.tracking.parse_events import BOUNCE_MAILBOX, report_about
from newsletter.tracking.process_events import process_reports

log = logging.getLogger(__name__)


class BounceResult(StrEnum):
    """The result for one message. LEFT means that it is not a report for us, and stays where it is."""

    COUNTED = "counted"
    UNSUBSCRIBED = "unsubscribed"
    KNOWN = "known already"
    WITHOUT_EFFECT = "without effect"
    LEFT = "left"


def process_bounce_message(beginning: bytes, came_to: Sequence[str] = ()) -> BounceResult:
    """Read a message from its first bytes and record what it reports. The same message twice counts once.

    No content of a message makes this raise an error. Errors of the database raise OperationalError or InterfaceError.
    """
    try:
        return _process(beginning, came_to)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever is in one message, we read the others
        # The error message may contain an address.
        log.error("We could not read a message in the bounce mailbox (%s).", type(error).__name__)  # noqa: TRY400
        return BounceResult.LEFT


def _process(beginning: bytes, came_to: Sequence[str]) -> BounceResult:
    if (row := row_to_unsubscribe(beginning, came_to)) is not None:
        is_new = unsubscribe_row(row)
        if is_new is None:
            return BounceResult.WITHOUT_EFFECT
        return BounceResult.UNSUBSCRIBED if is_new else BounceResult.KNOWN
    report = read_report(beginning) or read_free_text(beginning)
    if report is None:
        return BounceResult.LEFT
    try:
        about = subject_of(report, came_to)
    except Unsigned:
        return BounceResult.LEFT
    if not any(about) or report.kind is None:
        return BounceResult.WITHOUT_EFFECT
    found = report_about(
        about.recipient,
        report.kind,
        report.detail,
        at=int(timezone.now().timestamp()),
        reporter=BOUNCE_MAILBOX,
        address=about.address,
        message=report.returned.first("message-id"),
    )
    return BounceResult.COUNTED if process_reports([found]) else BounceResult.KNOWN
