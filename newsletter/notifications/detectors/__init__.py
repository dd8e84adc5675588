"""What there is to tell, one kind a file: each finder reads rows and gives the facts that were not told yet."""

from collections.abc import Callable, Iterator
from datetime import datetime

from newsletter.notifications.detectors.approvals import reopened
from newsletter.notifications.detectors.blocked_issues import held, reached_nobody
from newsletter.notifications.detectors.duplicates import duplicates
from newsletter.notifications.detectors.failing_work import failing_work
from newsletter.notifications.detectors.finding import Fact
from newsletter.notifications.detectors.mailing_figures import figures
from newsletter.notifications.detectors.occurrences import drafted, skipped
from newsletter.notifications.detectors.pauses import paused
from newsletter.notifications.detectors.quarantine import quarantined
from newsletter.notifications.detectors.sources import failing

FINDERS: tuple[Callable[[datetime], Iterator[Fact]], ...] = (
    held,
    reached_nobody,
    paused,
    duplicates,
    drafted,
    reopened,
    skipped,
    figures,
    failing,
    failing_work,
    quarantined,
)
