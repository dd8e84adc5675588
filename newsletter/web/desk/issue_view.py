"""Everything that the page of one issue shows."""

from dataclasses import dataclass

from newsletter.errors import PressError
from newsletter.issues import audit
from newsletter.issues.approvals import CHANGEABLE, standing_approval
from newsletter.issues.default_subject import headline
from newsletter.issues.editing import words_mark
from newsletter.issues.items import is_printed, items_to_print
from newsletter.issues.models import Approval, AuditEntry, Issue, Item
from newsletter.rendering.letter import Letter
from newsletter.scheduling.changes import changes_since
from newsletter.scheduling.dating import schedule_of, what_another_day_changes
from newsletter.scheduling.models import Schedule
from newsletter.sending.audience import audience_sentence
from newsletter.sending.ledger import Figures, figures, reasons, why_it_waits
from newsletter.sending.models import Mailing
from newsletter.sending.plan import mailing_of
from newsletter.sending.test_send import as_nobody_gets_it, letter_as_it_would_go
from newsletter.web.desk.actions_allowed import MailingWays, Ways, ways_with, ways_with_mailing

KILO = 1_000
CLIPPED_AT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class MailingSheet:
    """A mailing: its figures, why people are where they are, why it waits, and the ways on."""

    mailing: Mailing
    counted: Figures
    why: dict[str, dict[str, int]]
    waits: str
    ways: MailingWays


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterSheet:
    """The letter as a reader gets it, with the digest that approving compares; or why there is none."""

    letter: Letter | None = None
    digest: str = ""
    problem: str = ""

    @property
    def kilobytes(self) -> int:
        """The size of its HTML."""
        return round(len(self.letter.html.encode()) / KILO) if self.letter else 0

    @property
    def is_clipped(self) -> bool:
        """Whether Gmail would cut it off."""
        return self.kilobytes >= CLIPPED_AT


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """An issue and what its page says. `ended` is the approval that a change ended, `changes` what changed."""

    issue: Issue
    letter: LetterSheet
    approval: Approval | None
    ended: Approval | None
    changes: list[str]
    on_another_day: str
    schedule: Schedule | None
    mailing: MailingSheet | None
    ways: Ways | None
    audience: str
    items: list[tuple[Item, str]]
    left_out: list[tuple[Item, str]]
    words_mark: str
    history: list[AuditEntry]


def sheet_of(issue: Issue) -> Sheet:
    """The sheet of an issue as it stands now."""
    approval, schedule, mailing = standing_approval(issue), schedule_of(issue), mailing_of(issue)
    to_come = issue.state in CHANGEABLE and mailing is None
    ended = _ended(issue) if to_come and approval is None else None
    changes = _changes(approval or ended) if to_come else []
    return Sheet(
        issue=issue,
        letter=letter_sheet(issue),
        approval=approval,
        ended=ended,
        changes=changes,
        on_another_day=what_another_day_changes(approval) if approval and not changes else "",
        schedule=schedule,
        mailing=mailing_sheet(mailing) if mailing else None,
        ways=ways_with(issue, approval, schedule, changed=bool(changes)) if to_come else None,
        audience=audience_sentence(issue) if to_come else "",
        items=[(item, headline(item)) for item in items_to_print(issue)],
        left_out=_left_out(issue),
        words_mark=words_mark(issue),
        history=list(audit.entries(issue=issue)[:100]),
    )


def letter_sheet(issue: Issue) -> LetterSheet:
    """The letter of an issue to look at."""
    try:
        letter = letter_as_it_would_go(issue)
        return LetterSheet(letter=as_nobody_gets_it(letter, issue), digest=letter.digest)
    except PressError as error:
        return LetterSheet(problem=str(error))


def mailing_sheet(mailing: Mailing) -> MailingSheet:
    """A mailing as the desk shows it."""
    counted = figures(mailing)
    return MailingSheet(
        mailing=mailing,
        counted=counted,
        why=reasons(mailing),
        waits=why_it_waits(mailing),
        ways=ways_with_mailing(mailing),
    )


def _ended(issue: Issue) -> Approval | None:
    return issue.approvals.exclude(withdrawn_at=None).order_by("-withdrawn_at", "-pk").first()


def _changes(approval: Approval | None) -> list[str]:
    if approval is None:
        return []
    return changes_since(approval, approval.day)


def _left_out(issue: Issue) -> list[tuple[Item, str]]:
    rows = issue.items.select_related("article")
    return [(item, headline(item)) for item in rows if not is_printed(item)]
