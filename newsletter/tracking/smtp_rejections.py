"""Lets what a mail server said at once, that nobody has an address, have the same consequences as a bounce later.

The ledger writes it down in the transaction that refuses the recipient (ledger.py); it is folded here, and the row is
deleted in the same transaction, so that a crash in between loses nothing and counts nothing twice.
"""

from newsletter.sending.models import NoSuchMailbox
from newsletter.tracking.models import Event
from newsletter.tracking.parse_events import SMTP_SERVER, report_about
from newsletter.tracking.process_events import process_reports

AT_ONCE = 100


def process_smtp_rejections() -> int:
    """Fold some of what servers refused, the oldest first; how many. 0: nothing waited."""
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
    # Another process may have folded them meanwhile.
    waiting = NoSuchMailbox.objects.filter(pk__in=[row.pk for row in rows])
    process_reports(reports, first=lambda: bool(waiting.delete()[0]))
    return len(rows)
