"""Show an issue at the command line: as JSON for programs, as tables for people."""

from typing import Any

from newsletter.cli.output import print_fields, print_json, print_rows, print_text
from newsletter.issues.approvals import current_approval
from newsletter.issues.articles_left_out import articles_left_out
from newsletter.issues.change_locks import CHANGEABLE
from newsletter.issues.default_subject import blurb, headline
from newsletter.issues.find_publication_or_issue import issue_full_name
from newsletter.issues.item_order import is_printed, items_to_print
from newsletter.issues.models import Issue, Item
from newsletter.scheduling.approval import ApprovalNow, approval_now
from newsletter.scheduling.dateline import schedule_of
from newsletter.sending.email_warnings import email_warnings
from newsletter.sending.plan import find_mailing
from newsletter.sending.status_sentences import CHANGED_SINCE_APPROVAL, issue_status


def issue_document(issue: Issue) -> dict[str, Any]:
    """Return a whole issue: its printed items in order, and the omitted items with the reason."""
    approval, schedule = _approval(issue), schedule_of(issue)
    return {
        "issue": issue_full_name(issue),
        "publication": issue.publication.slug,
        "number": issue.number,
        "state": issue.state,
        "subject": issue.subject,
        "preheader": issue.preheader,
        "opening": issue.opening,
        "selection": issue.selection,
        "composed_at": issue.composed_at,
        "sent_at": issue.sent_at,
        "approved_by": approval.standing.approved_by if approval.standing else None,
        "changed_since_approval": approval.changes,
        "send_at": schedule.due_at if schedule else None,
        "blocked_reason": issue.blocked_reason,
        "items": [_item_document(item) for item in items_to_print(issue)],
        "left_out": [
            {"article": article, "headline": title, "reason": reason}
            for article, reason, title in left_out_rows(issue)
        ],
    }


def _approval(issue: Issue) -> ApprovalNow:
    """Return the approval of an issue, with what has changed since if the issue is still to come."""
    if issue.state in CHANGEABLE and find_mailing(issue) is None:
        return approval_now(issue)
    return ApprovalNow(current_approval(issue), None, [])


def left_out_rows(issue: Issue) -> list[tuple[int, str, str]]:
    """Return the number, the reason and the headline of what is not printed: first items, then articles not chosen."""
    items = [(item.article_id, _reason(item), headline(item)) for item in left_out(issue)]
    return items + [(each.article.pk, each.reason, each.article.title) for each in articles_left_out(issue)]


def print_left_out(issue: Issue) -> None:
    """Print what is not printed in an issue and why, if there is anything."""
    if rows := left_out_rows(issue):
        print_text("\nLeft out")
        print_rows(("Article", "Reason", "Headline"), rows, empty="")


def left_out(issue: Issue) -> list[Item]:
    """Return the items that are not printed."""
    return [item for item in issue.items.select_related("article") if not is_printed(item)]


def print_issue(issue: Issue) -> None:
    """Print an issue for a person."""
    approval = _approval(issue)
    # Until the scheduler ends such an approval, the state of the issue does not say so.
    is_outdated = bool(approval.standing and approval.changes) and issue.state != Issue.State.BLOCKED
    print_fields(
        {
            "Issue": f"{issue.number} of {issue.publication.name} ({issue_full_name(issue)})",
            "State": CHANGED_SINCE_APPROVAL if is_outdated else issue_status(issue),
            "Subject": issue.subject,
            "Preheader": issue.preheader,
            "Introduction": f"{len(issue.opening.split())} words" if issue.opening else "none",
            "Approved by": approval.standing.approved_by if approval.standing else "nobody",
            **({"Changed since approval": " ".join(approval.changes)} if approval.changes else {}),
        }
    )
    print_text("")
    items = items_to_print(issue)
    print_rows(
        ("Position", "Article", "Section", "Notes", "Headline"),
        map(item_row, items),
        empty="This issue has no articles.",
    )
    print_left_out(issue)


def print_warnings(issue: Issue) -> None:
    """Print what somebody should know about the email before it is sent."""
    for sentence in email_warnings(issue):
        print_text(f"Warning: {sentence}")


def item_row(item: Item) -> tuple[object, ...]:
    """Return an item as a table row: position, article, section, marks, headline."""
    marks = {
        "lead": item.lead,
        "pinned": item.pinned,
        "edited headline": item.headline,
        "edited summary": item.blurb,
    }
    return (
        item.position,
        item.article_id,
        item.section,
        ", ".join(name for name, is_so in marks.items() if is_so),
        headline(item),
    )


def say_schedule(issue: Issue, sentence: str, *, as_json: bool) -> None:
    """Print a change to an issue's schedule: a sentence, or its facts as JSON."""
    if as_json:
        print_json(schedule_facts(issue))
    else:
        print_text(sentence)


def schedule_facts(issue: Issue) -> dict[str, object]:
    """Return when an issue will be sent, as currently scheduled."""
    issue.refresh_from_db()
    time = schedule_of(issue)
    return {
        "issue": issue_full_name(issue),
        "state": issue.state,
        "due_at": time.due_at if time else None,
        "local_time": time.local_time if time else None,
        "zone": time.zone if time else None,
        "readers_time": bool(time and time.readers_time),
        "in_undo_window": bool(time and time.in_undo_window),
        "blocked_reason": issue.blocked_reason,
    }


def _item_document(item: Item) -> dict[str, Any]:
    return {
        "article": item.article_id,
        "position": item.position,
        "section": item.section,
        "lead": item.lead,
        "pinned": item.pinned,
        "headline": headline(item),
        "blurb": blurb(item),
        "url": item.article.url,
        "published_at": item.article.published_at,
        "source": item.article.source.name,
    }


def _reason(item: Item) -> str:
    if item.article.withdrawn_at:
        return "withdrawn"
    return "excluded" if item.article.excluded else "dropped"
