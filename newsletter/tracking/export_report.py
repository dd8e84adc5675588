"""Exports the links of a mailing, or its people and what each of them did, as rows for a spreadsheet.

No cell can be a formula. An export of people is for administrators, and is recorded in the audit log.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from django.db import connection

from newsletter.accounts.actor import Role, why_not_role
from newsletter.errors import refuse_if
from newsletter.issues.issue_audit import record
from newsletter.issues.models import Issue
from newsletter.sending.models import Mailing
from newsletter.sending.recipient_counts import recipients_of
from newsletter.tracking import statistics_sql
from newsletter.tracking.figures_beside_links import LinkPlace
from subscribers.csv_safety import escape_formula

LINK_COLUMNS = (
    "place in the email",
    "text",
    "address",
    "people who clicked",
    "people for whom only a scanner clicked",
    "clicks",
    "clicks by scanners",
)
ACTS = (
    "delivered",
    "opened",
    "opened by a machine",
    "clicked",
    "clicked by a scanner",
    "unsubscribed",
    "complained",
    "bounced",
)
PEOPLE_COLUMNS = ("email", "state", "reason", *ACTS)
NO_ACTS = (0,) * len(ACTS)
AT_ONCE = 2_000


def rows_of_links(links: Sequence[LinkPlace]) -> Iterator[list[str]]:
    """Yield the heading and a row for each link of an email."""
    yield list(LINK_COLUMNS)
    for each in links:
        counts = each.counts
        figures = (counts.clicked, counts.clicked_by_scanner_only, counts.clicks, counts.clicks_by_scanners)
        yield _safe(each.number or "", each.text, each.url, *figures)


def rows_of_people(issue: Issue, mailing: Mailing) -> Iterator[list[str]]:
    """Record that the current actor exports the people of a mailing, and return an iterator of rows with a heading.

    Erased people have no address. Raises Refused with the sentence of `why_not_export_people`.
    """
    refuse_if(why_not_export_people(issue))
    record(
        "export",
        f"Exported the people in the report, {mailing.audience:,} in total.",
        issue=issue,
        thing=f"mailing {mailing.pk}",
    )
    return chain([list(PEOPLE_COLUMNS)], _people(mailing))


def why_not_export_people(issue: Issue) -> str:
    """Return why the current actor may not export people, or an empty string if they may."""
    act = "Exporting people with their addresses"
    return why_not_role(Role.ADMINISTRATOR, act, publication=issue.publication_id)


def _people(mailing: Mailing) -> Iterator[list[str]]:
    """Join two streams in the order of recipients, so that a million people do not have to fit in memory."""
    acts = _acts(mailing)
    number, done = next(acts, (0, NO_ACTS))
    for row in recipients_of(mailing):
        while number and number < row.recipient:
            number, done = next(acts, (0, NO_ACTS))
        theirs = done if number == row.recipient else NO_ACTS
        yield _safe(row.address, row.state, row.reason, *("yes" if act else "" for act in theirs))


def _acts(mailing: Mailing) -> Iterator[tuple[int, tuple[int, ...]]]:
    with connection.cursor() as cursor:
        cursor.execute(statistics_sql.by_person(), {"mailing": mailing.pk, "list": mailing.mailing_list_id})
        while rows := cursor.fetchmany(AT_ONCE):
            for recipient, *acts in rows:
                yield recipient, tuple(acts)


def _safe(*cells: Any) -> list[str]:
    return [escape_formula(str(cell)) for cell in cells]
