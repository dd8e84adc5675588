"""The checks of an issue before it is sent. Each is a small function; `review` runs all of them, in this order."""

from collections.abc import Callable, Iterator, Sequence

from newsletter.articles.pictures.models import OriginalPicture
from newsletter.errors import NewsletterError
from newsletter.issues.models import Issue, Item
from newsletter.rendering.choose_pictures import grey_areas_warning, items_without_description
from newsletter.rendering.delivered_size import GMAIL_CLIPS_AT, delivered_bytes, size_warning
from newsletter.rendering.render_email import render_to_send
from newsletter.scheduling.approval import why_not_approve
from newsletter.scheduling.dateline import dateline_day, schedule_of
from newsletter.sending.audience import audience_is_empty
from newsletter.sending.email_warnings import warnings_of
from newsletter.sending.models import TestRequest
from newsletter.sending.review import Finding, IssueToReview, Level, Spot, Thing

Check = Callable[[IssueToReview], Iterator[Finding]]


def review(issue: Issue) -> list[Finding]:
    """Return everything that the checks find, most serious first. Nothing is stored."""
    found = IssueToReview(issue)
    findings = [finding for check in CHECKS for finding in check(found)]
    return sorted(findings, key=lambda finding: finding.level)


def _email(found: IssueToReview) -> Iterator[Finding]:
    problem = found.problem or ("" if found.items else _why_not_without_articles(found.issue))
    if problem:
        yield Finding(Level.STOPS, problem, Spot("contents"))


def _why_not_without_articles(issue: Issue) -> str:
    try:
        render_to_send(issue, dateline_day(issue, schedule_of(issue)))
    except NewsletterError as error:
        return str(error)
    return ""


def _audience(found: IssueToReview) -> Iterator[Finding]:
    if audience_is_empty(found.issue):
        name = found.issue.publication.mailing_list.name
        sentence = f"Nobody would receive this issue: the list “{name}” has no active subscribers."
        yield Finding(Level.STOPS, sentence, Spot("review", "audience"))


def _approval(found: IssueToReview) -> Iterator[Finding]:
    """Say that nobody has approved the issue as it is, and if this person may not, who could."""
    now = found.approval
    if now.is_valid:
        return
    approve = Spot("send", "approve")
    before = now.standing or now.ended
    if before is not None and now.changes:
        changed = " ".join(now.changes)
        sentence = (
            f"This issue has changed since {before.approved_by} approved it, so approve it again. {changed}"
        )
        yield Finding(Level.STOPS, sentence, approve)
    elif before is not None:
        sentence = (
            f"The approval by {before.approved_by} has ended. {before.withdrawn_reason} Approve it again."
        )
        yield Finding(Level.STOPS, sentence, approve)
    else:
        yield Finding(Level.STOPS, "Nobody has approved this issue yet.", approve)
    why_not = why_not_approve(found.issue)
    if why_not:
        yield Finding(Level.STOPS, why_not, approve)


def _late_approval(found: IssueToReview) -> Iterator[Finding]:
    if found.schedule is not None and not found.approval.is_valid:
        sentence = "This issue has a send time, and will not be sent if nobody approves it before then."
        yield Finding(Level.SERIOUS, sentence, Spot("send", "approve"))


def _empty_fields(found: IssueToReview) -> Iterator[Finding]:
    issue = found.issue
    if not issue.subject.strip():
        yield Finding(Level.SERIOUS, "The subject is empty.", Spot("details", "subject"))
    if not issue.preheader.strip():
        sentence = "The preheader is empty, so inboxes show the beginning of the email instead."
        yield Finding(Level.WORTH_A_LOOK, sentence, Spot("details", "preheader"))
    if not issue.opening.strip():
        yield Finding(Level.WORTH_A_LOOK, "The introduction is empty.", Spot("details", "opening"))


def _size(found: IssueToReview) -> Iterator[Finding]:
    for variant in found.emails.variants if found.emails else ():
        if warning := size_warning(variant.email):
            is_clipped = delivered_bytes(variant.email) >= GMAIL_CLIPS_AT
            yield Finding(Level.SERIOUS if is_clipped else Level.WORTH_A_LOOK, warning, Spot("contents"))


def _withdrawn_articles(found: IssueToReview) -> Iterator[Finding]:
    rows = found.issue.items.filter(dropped=False, article__withdrawn_at__isnull=False)
    yield from _told_once(
        Level.SERIOUS,
        [Thing(_title(item), _at(item)) for item in rows.select_related("article")],
        one="“{title}” was withdrawn at its source, so the email leaves it out.",
        several="{count} articles were withdrawn at their sources, so the email leaves them out.",
    )


def _edited_articles(found: IssueToReview) -> Iterator[Finding]:
    items = [item for item in found.items if (at := item.article.edited_at) and at > found.issue.composed_at]
    one = "“{title}” was changed at its source after this issue was drafted."
    several = "{count} articles were changed at their sources after this issue was drafted."
    yield from _told_once(
        Level.SERIOUS,
        [Thing(_title(item), _at(item)) for item in items if item.headline or item.blurb],
        one=f"{one} Check that the text in this issue still fits.",
        several=f"{several} Check that their texts in this issue still fit.",
    )
    yield from _told_once(
        Level.WORTH_A_LOOK,
        [Thing(_title(item), _at(item)) for item in items if not (item.headline or item.blurb)],
        one=f"{one} The email has the new text. Read it again.",
        several=f"{several} The email has their new texts. Read them again.",
    )


def _pictures(found: IssueToReview) -> Iterator[Finding]:
    if found.issue.publication.hotlink_pictures:
        return
    missing = (OriginalPicture.State.FAILED, OriginalPicture.State.UNSUITABLE)
    spots = {item.article_id: _at(item) for item in found.items}
    yield from _told_once(
        Level.SERIOUS,
        [
            Thing(each.headline, spots[each.article], each.reason or "It has not been fetched yet.")
            for each in found.pictures
            if each.state in missing
        ],
        one="The picture of “{title}” cannot be shown. {note}",
        several="The pictures of {count} articles cannot be shown.",
    )


def _alt_texts(found: IssueToReview) -> Iterator[Finding]:
    items = items_without_description(found.issue.publication, found.items)
    yield from _told_once(
        Level.SERIOUS,
        [Thing(_title(item), Spot("contents", "alt", item.article_id)) for item in items],
        one="The picture of “{title}” has no description for readers who cannot see it.",
        several="{count} pictures have no description for readers who cannot see them.",
    )


def _told_once(level: Level, things: Sequence[Thing], *, one: str, several: str) -> Iterator[Finding]:
    """Give one finding of all the things: a sentence of its own about one, and a list with a sentence above it."""
    if len(things) == 1:
        (thing,) = things
        sentence = one.format(title=thing.title, note=thing.note).strip()
        yield Finding(level, sentence, thing.spot)
    elif things:
        yield Finding(level, several.format(count=f"{len(things):,}"), things[0].spot, tuple(things))


def _warnings(found: IssueToReview) -> Iterator[Finding]:
    """Give the other warnings about the emails, each once: fixed texts, logo, grey areas, the sender's name."""
    emails = [each.email for each in (found.emails.variants if found.emails else ())]
    said = {size_warning(email) for email in emails}
    if any(_pictures(found)):
        said |= {grey_areas_warning(email.html) for email in emails}
    sentences = dict.fromkeys(each for email in emails for each in warnings_of(found.issue, email))
    for sentence in sentences:
        if sentence not in said:
            yield Finding(Level.SERIOUS, sentence, Spot("settings"))


def _test_email(found: IssueToReview) -> Iterator[Finding]:
    if found.emails is None:
        return
    tests = TestRequest.objects.filter(issue=found.issue, digest=found.emails.digest, results__isnull=False)
    if not tests.exists():
        sentence = "Nobody has sent a test email of this version in the last day."
        yield Finding(Level.WORTH_A_LOOK, sentence, Spot("send", "test"))


def _title(item: Item) -> str:
    return item.headline or item.article.title


def _at(item: Item) -> Spot:
    return Spot("contents", article=item.article_id)


CHECKS: tuple[Check, ...] = (
    _email,
    _audience,
    _approval,
    _late_approval,
    _empty_fields,
    _size,
    _withdrawn_articles,
    _edited_articles,
    _pictures,
    _alt_texts,
    _warnings,
    _test_email,
)
