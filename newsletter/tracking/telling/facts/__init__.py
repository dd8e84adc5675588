"""What there is to tell, one kind a file: each finder reads rows and gives the facts that were not told yet."""

from collections.abc import Callable, Iterator
from datetime import datetime

from newsletter.tracking.telling.facts.approvals import reopened
from newsletter.tracking.telling.facts.duplicates import duplicates
from newsletter.tracking.telling.facts.fact import Fact
from newsletter.tracking.telling.facts.figures import figures
from newsletter.tracking.telling.facts.holds import held, reached_nobody
from newsletter.tracking.telling.facts.occurrences import drafted, skipped
from newsletter.tracking.telling.facts.pauses import paused
from newsletter.tracking.telling.facts.quarantine import quarantined
from newsletter.tracking.telling.facts.sources import failing
from newsletter.tracking.telling.facts.work import failing_work

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
