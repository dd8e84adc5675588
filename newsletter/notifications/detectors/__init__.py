"""Detectors, one kind of event per file: each reads rows and yields the events that were not notified yet."""

from collections.abc import Callable, Iterator
from datetime import datetime

from newsletter.notifications.detectors.approval_requests_and_refusals import asked, refused
from newsletter.notifications.detectors.blocked_corrections import blocked_corrections
from newsletter.notifications.detectors.blocked_issues import blocked, reached_nobody
from newsletter.notifications.detectors.drafts_at_risk import at_risk
from newsletter.notifications.detectors.due_reviews import reviews_due
from newsletter.notifications.detectors.duplicate_emails import duplicates
from newsletter.notifications.detectors.failed_backups import failed_backups, missing_backups
from newsletter.notifications.detectors.failing_sources import failing
from newsletter.notifications.detectors.failing_work import failing_work
from newsletter.notifications.detectors.mailing_figures import figures
from newsletter.notifications.detectors.notable_event import NotableEvent
from newsletter.notifications.detectors.paused_mailings import paused
from newsletter.notifications.detectors.proof_comments import commented
from newsletter.notifications.detectors.quarantined_database import quarantined
from newsletter.notifications.detectors.reader_cases import handed_over, questioned, questions_due
from newsletter.notifications.detectors.redesigned_sources import changed
from newsletter.notifications.detectors.reopened_approvals import reopened
from newsletter.notifications.detectors.series_occurrences import drafted, skipped
from newsletter.notifications.detectors.undecided_mailings import undecided

Detector = Callable[[datetime], Iterator[NotableEvent]]
DETECTORS: tuple[Detector, ...] = (
    at_risk,
    blocked,
    blocked_corrections,
    reached_nobody,
    paused,
    undecided,
    duplicates,
    drafted,
    reopened,
    refused,
    asked,
    commented,
    questioned,
    handed_over,
    questions_due,
    skipped,
    figures,
    failing,
    changed,
    failing_work,
    failed_backups,
    missing_backups,
    quarantined,
)
# These read many rows, and nobody has to know within minutes.
HOURLY_DETECTORS: tuple[Detector, ...] = (reviews_due,)
