"""Compares the email of an issue with the approved one, with that of the last issue, and with the articles’ sites."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from newsletter.articles.models import Article
from newsletter.issues.issue_version_diff import Difference
from newsletter.issues.item_order import items_not_removed
from newsletter.issues.look_up_audience import change_of_audience, choice_for, in_words
from newsletter.issues.models import Issue, Item
from newsletter.issues.word_diff import word_changes
from newsletter.preflight.differences.compare_emails import compare_emails
from newsletter.rendering.email_set import stored_emails
from newsletter.rendering.render_email import render_emails
from newsletter.scheduling.dateline import dateline_day, schedule_of
from newsletter.sending.audience import audience_at_once
from newsletter.sending.models import Mailing
from newsletter.sending.stored_variants import emails_of
from subscribers.phrases import counted, written_moment

MOST_NEW_ARTICLES = 20


class Other(StrEnum):
    """With what an email is compared."""

    APPROVED = "approved"
    LAST = "last"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What an email was compared with, in a sentence, and what differs.

    `exists` is false if there is nothing to compare it with.
    """

    sentence: str
    differences: list[Difference]
    exists: bool = True


def compare_issue(issue: Issue, other: Other) -> Comparison:
    """Compare the email that the issue gives now. Raises as `render_email` if it cannot be created."""
    match other:
        case Other.APPROVED:
            return _with_approved(issue)
        case Other.LAST:
            return _with_last(issue)
        case Other.SITE:
            return _with_site(issue)


def _with_approved(issue: Issue) -> Comparison:
    approval = issue.approvals.order_by("-pk").first()
    if approval is None:
        return Comparison("Nobody has approved this issue yet.", [], exists=False)
    approved = stored_emails(approval.emails, approval.digest).main
    # On the day of the approval, so that the date in the email is no difference.
    differences = compare_emails(approved, render_emails(issue, approval.day).main, _urls(issue))
    differences += [Difference(each) for each in change_of_audience(approval.audience, issue)]
    at = written_moment(approval.approved_at.astimezone(issue.publication.tzinfo))
    return Comparison(f"Compared with the email that {approval.approved_by} approved on {at}.", differences)


def _with_last(issue: Issue) -> Comparison:
    mailings = Mailing.objects.filter(
        issue__publication=issue.publication_id, purpose=Mailing.Purpose.ISSUE
    ).exclude(issue=issue)
    mailing = mailings.select_related("issue").order_by("-pk").first()
    if mailing is None:
        return Comparison("No other issue has been sent yet.", [], exists=False)
    now = render_emails(issue, dateline_day(issue, schedule_of(issue))).main
    differences = compare_emails(emails_of(mailing).main, now, _urls(issue, mailing.issue))
    people = counted(mailing.audience, "person", "people")
    whom = in_words(choice_for(issue), issue.publication)
    differences.append(
        Difference(
            f"Issue {mailing.issue.number} was sent to {people}. This issue is for {whom}: "
            f"{audience_at_once(issue)}."
        )
    )
    return Comparison(
        f"Compared with issue {mailing.issue.number}, the last issue that was sent.", differences
    )


def _urls(*issues: Issue) -> set[str]:
    """Return the URLs of all articles of these issues, also of those that were removed."""
    articles = Article.objects.filter(items__issue__in=issues).exclude(url="")
    return set(articles.values_list("url", flat=True))


def _with_site(issue: Issue) -> Comparison:
    items = items_not_removed(issue)
    differences = [each for item in items for each in _item_and_site(issue, item)]
    known = [item.article_id for item in items]
    new = Article.objects.filter(
        found_at__gt=issue.composed_at, withdrawn_at=None, excluded=False, waiting_since=None
    ).exclude(pk__in=known)
    differences += [
        Difference(f"“{title}” is new and is not in the issue.")
        for title in new.order_by("-found_at", "-pk").values_list("title", flat=True)[:MOST_NEW_ARTICLES]
    ]
    return Comparison(
        "Compared with the articles as they were on their sites when we last fetched them.", differences
    )


def _item_and_site(issue: Issue, item: Item) -> Iterator[Difference]:
    article = item.article
    title = item.headline or article.title
    if article.withdrawn_at:
        yield Difference(f"“{title}” is no longer on its site, so the email leaves it out.")
        return
    if article.excluded:
        yield Difference(f"“{title}” is excluded from all issues, so the email leaves it out.")
        return
    on_site = article.as_on_site or {}
    pairs = (
        ("headline", on_site.get("title", article.title), title),
        ("text", on_site.get("standfirst", article.standfirst), item.blurb or article.standfirst),
    )
    for name, site, ours in pairs:
        if " ".join(site.split()) != " ".join(ours.split()):
            yield Difference(
                f"The {name} of “{title}” differs from the one on its site.", word_changes(site, ours)
            )
    if article.edited_at and article.edited_at > issue.composed_at:
        yield Difference(f"“{title}” was changed on its site after this issue was drafted.")
