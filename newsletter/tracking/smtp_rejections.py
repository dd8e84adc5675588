"""Gives a mail server's immediate reply that a mailbox does not exist the same effects as a later bounce.

The ledger stores a row in the transaction that rejects the recipient (ledger.py). The row is processed and deleted here
in one transaction, so that a crash in between loses nothing and counts nothing twice.
"""

from newsletter.sending.models import NoSuchMailbox
from newsletter.tracking.models import Event
from newsletter.tracking.parse_events import SMTP_SERVER, report_about
from newsletter.tracking.process_events import process_reports

AT_ONCE = 100


def process_smtp_rejections() -> int:
    """Process some rejections, oldest first; return how many. 0 means that none was waiting."""
    rows = list(NoSuchMailbox.objects.order_by("pk")[:AT_ONCE])
    if not rows:
        return 0
    reports = [
        report_about(
            row.recipient_id,
            Event.Kind.BOUNCED,
            row.code,
            at=int(row.said_at.timestamp()),
            reporter=SMTP_SERVER,
        )
        for row in rows
    ]
    # Another process may have processed them meanwhile.
    waiting = NoSuchMailbox.objects.filter(pk__in=[row.pk for row in rows])
    process_reports(reports, first=lambda: bool(waiting.delete()[0]))
    return len(rows)
