"""What needs the user's attention: what is stopped, or would miss its time; what they can approve; their drafts."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from newsletter.accounts.actor import Actor, Role, current_actor
from newsletter.articles.models import Source
from newsletter.articles.sources import active_sources
from newsletter.issues.four_eyes import WORK, approvable_among
from newsletter.issues.models import ApprovalRefusal, AuditEntry, Issue, Item, Publication
from newsletter.issues.visible_to_actor import visible, visible_with
from newsletter.scheduling.find_drafts_at_risk import issues_that_would_miss_their_time
from newsletter.sending.models import Mailing
from newsletter.sending.undecided_batches import undecided_mailings
from newsletter.web.desk import formatting
from newsletter.web.desk.home.correction_attention import correction_rows
from newsletter.web.desk.home.home_rows import (
    SHOWN,
    Row,
    Rows,
    issue_row,
    issues_path,
    only,
    path_to,
    with_open_comments,
)
from newsletter.web.desk.home.installation_attention import installation_rows
from newsletter.web.desk.home.question_attention import question_rows
from newsletter.web.desk.home.review_attention import review_rows
from newsletter.web.desk.sending.sending_words import sentence_of_sending
from subscribers.clean_text import folded
from subscribers.phrases import counted, shortened

State = Issue.State
STILL_ASKED = timedelta(days=14)
LONGEST_REASON = 200
MOST_SOURCES = 2
EVERYTHING = "?attention=all#attention"


def attention(publication: Publication | None, *, at_most: int = SHOWN) -> Rows:
    """Return what needs the user's attention, the most urgent first.

    If there is more, the rows lead to the whole list, and the whole list to the issues.
    """
    rows = list(islice(_rows(publication, at_most + 1), at_most + 1))
    more = EVERYTHING if at_most == SHOWN else issues_path("open", publication)
    return Rows(with_open_comments(rows[:at_most]), more if len(rows) > at_most else "")


def _rows(publication: Publication | None, limit: int) -> Iterator[Row]:
    actor = current_actor()
    yield from installation_rows()
    issues = visible(Issue.objects.filter(**only(publication))).select_related("publication")
    for issue in issues.filter(state=State.BLOCKED).order_by("-pk")[:limit]:
        yield issue_row(issue, "Blocked", issue.blocked_reason, act="Decide")
    yield from _mailings(publication, limit)
    yield from correction_rows(publication)
    refused = list(_refusals(publication)[:limit])
    for refusal in refused:
        reason = shortened(folded(refusal.reason), LONGEST_REASON)
        sentence = f"{refusal.refused_by} did not approve this issue: {reason}"
        yield issue_row(refusal.issue, "Not approved", sentence, act="Continue")
    at_risk = {}
    for draft in issues_that_would_miss_their_time():
        theirs = draft.issue.publication_id
        if actor.may_see(theirs) and (publication is None or theirs == publication.pk):
            at_risk[draft.issue.pk] = draft
            yield issue_row(draft.issue, "Needs approval", draft.sentence, act="Review", page="review")
    yield from question_rows(publication)
    yield from review_rows(publication)
    yield from _sources()
    named = [*at_risk, *(refusal.issue_id for refusal in refused)]
    has_articles = Exists(Item.objects.filter(issue=OuterRef("pk"), dropped=False))
    of_open = issues.filter(publication__archived_at=None)
    drafts = of_open.filter(state=State.DRAFT).exclude(pk__in=named).order_by("-pk")
    drafts = drafts.annotate(has_contents=has_articles | ~Q(opening=""))
    approves = actor.publications_with(Role.APPROVER)
    if approves is not None:
        worked_on = Exists(_work_of(actor).filter(issue=OuterRef("pk")))
        drafts = drafts.filter(Q(publication__in=approves) | worked_on if approves else worked_on)
    yield from _drafts(list(drafts[:limit]))
    ready = visible_with(of_open.filter(state=State.APPROVED, schedule=None), Role.SENDER)
    for issue in ready.order_by("-pk")[:limit]:
        yield issue_row(issue, "Approved", "This issue has no send time yet.", act="Send", page="send")


def _mailings(publication: Publication | None, limit: int) -> Iterator[Row]:
    chosen = Q(purpose=Mailing.Purpose.ISSUE)
    if publication:
        chosen &= Q(issue__publication=publication)
    undecided = undecided_mailings(timezone.now() - STILL_ASKED).values("pk")
    waiting = Mailing.objects.filter(chosen & (Q(state=Mailing.State.PAUSED) | Q(pk__in=undecided)))
    # The undecided are in the state “sending”, so the paused come first.
    found = visible(waiting, "issue__publication").order_by("state", "-pk")
    for mailing in found.select_related("issue__publication")[:limit]:
        if mailing.state == Mailing.State.PAUSED:
            badge, sentence = "Paused", sentence_of_sending(mailing.pause_reason)
        else:
            badge = "Decision needed"
            sentence = (
                "For some people, we do not know whether they received this issue. "
                "Decide whether to send it to them again."
            )
        yield issue_row(mailing.issue, badge, sentence, act="Decide", page="send")


def _refusals(publication: Publication | None) -> QuerySet[ApprovalRefusal]:
    """Return the refusals of approval that the user can do something about."""
    of_one = Q(issue__publication=publication) if publication else Q()
    standing = ApprovalRefusal.objects.filter(
        of_one, closed_at=None, issue__state=State.DRAFT, issue__publication__archived_at=None
    )
    found = visible_with(standing, Role.AUTHOR, "issue__publication").select_related("issue__publication")
    return found.order_by("-pk")


def _sources() -> Iterator[Row]:
    wrong = Q(failing_since__isnull=False) | Q(changed_since__isnull=False)
    sources = active_sources().filter(wrong).order_by("failing_since", "pk")
    found = list(sources[: MOST_SOURCES + 1])
    if len(found) > MOST_SOURCES:
        yield _row_of_many(sources)
        return
    for source in found:
        sentence = (
            source.error
            or f"{source.change} Its new articles cannot be used until somebody accepts the change."
        )
        yield Row(
            badge="Source failing" if source.failing_since else "Source changed",
            title=source.title or source.name,
            path=path_to("sources"),
            act="View" if path_to("sources") else "",
            sentences=(sentence,),
        )


def _row_of_many(sources: QuerySet[Source]) -> Row:
    """Return one row for many sources, so that they do not hide everything else."""
    counts = sources.aggregate(
        failing=Count("pk", filter=Q(failing_since__isnull=False)),
        changed=Count("pk", filter=Q(failing_since__isnull=True)),
    )
    sentences = {
        "Source failing": counts["failing"]
        and f"{counted(counts['failing'], 'source is failing', 'sources are failing')}.",
        "Source changed": counts["changed"]
        and f"{counted(counts['changed'], 'source has', 'sources have')} changed. Their new articles cannot be used "
        "until somebody accepts the changes.",
    }
    said = {badge: sentence for badge, sentence in sentences.items() if sentence}
    return Row(
        badge=next(iter(said)),
        title="Sources",
        path=path_to("sources"),
        act="View" if path_to("sources") else "",
        sentences=tuple(said.values()),
    )


def _drafts(drafts: Sequence[Any]) -> Iterator[Row]:
    """Yield the drafts that the user may approve, and those that they worked on."""
    to_approve, edited = approvable_among(drafts), _last_edits(drafts)
    theirs = _worked_on(drafts, current_actor())
    for issue in drafts:
        last = edited.get(issue.pk)
        at = formatting.moment(last.at if last else issue.composed_at, issue.publication.tzinfo)
        sentence = (
            f"Last edited by {last.actor or 'an unknown user'} on {at}." if last else f"Drafted on {at}."
        )
        if not issue.has_contents:
            yield issue_row(issue, "Draft", f"{sentence} This issue is empty.", act="Continue")
        elif issue.pk in to_approve:
            yield issue_row(issue, "Needs approval", sentence, act="Review", page="review")
        elif issue.pk in theirs:
            yield issue_row(issue, "Draft", sentence, act="Continue")


def _last_edits(drafts: Sequence[Issue]) -> dict[int, AuditEntry]:
    last = AuditEntry.objects.filter(issue__in=drafts, act__in=WORK).values("issue").annotate(last=Max("pk"))
    entries = AuditEntry.objects.filter(pk__in=last.values("last"))
    return {entry.issue_id: entry for entry in entries if entry.issue_id}


def _worked_on(drafts: Sequence[Issue], actor: Actor) -> set[int]:
    theirs = _work_of(actor).filter(issue__in=drafts)
    return {issue for issue in theirs.values_list("issue", flat=True) if issue}


def _work_of(actor: Actor) -> QuerySet[AuditEntry]:
    """Return what an actor did to issues, by their account or under their name."""
    by_account = Q(account=actor.account, account__isnull=False)
    return AuditEntry.objects.filter(by_account | Q(actor=actor.name), act__in=WORK)
