"""What is being sent now, what comes next, and what was sent last."""

from collections.abc import Iterable, Mapping

from django.db.models import Count, Q
from django.utils import timezone

from newsletter.issues.models import Issue, Publication
from newsletter.issues.page_urls import series_path
from newsletter.issues.visible_to_actor import visible
from newsletter.scheduling.models import Occurrence, Schedule, Series
from newsletter.scheduling.series_dates import describe_local_time, upcoming
from newsletter.scheduling.series_names import describe_series
from newsletter.sending.defer_mailing import why_deferred
from newsletter.sending.models import Batch, Mailing
from newsletter.sending.models.mailing import SAVES_ONLY
from newsletter.sending.recipient_counts import count_recipients
from newsletter.tracking.figures_never_reported import figures_not_reported
from newsletter.tracking.mailing_report import MailingReport
from newsletter.tracking.stored_figures import LIVE_AUDIENCE, stored_reports
from newsletter.web.desk import formatting
from newsletter.web.desk.home.home_rows import (
    SHOWN,
    Row,
    Rows,
    issue_row,
    issues_path,
    only,
    scheduled_sentence,
    with_open_comments,
)
from newsletter.web.desk.sending.sending_words import sentence_of_sending

State = Issue.State
RESULTS = 5
SAVED = "The emails were saved in a folder on the server, so nobody received them."


def being_sent(publication: Publication | None) -> list[Row]:
    """Return the issues that are being sent or can still be undone, with their progress."""
    issues = visible(Issue.objects.filter(**only(publication))).select_related("publication", "schedule")
    is_soon = Q(state=State.SCHEDULED, schedule__in_undo_window=True)
    found = list(issues.filter(is_soon | Q(state=State.SENDING)).order_by("state", "pk")[: 2 * SHOWN])
    rows = [
        issue_row(each, "Sending soon", scheduled_sentence(each.schedule), act="Undo", page="send")
        for each in found
        if each.state == State.SCHEDULED
    ]
    sending = [each for each in found if each.state == State.SENDING]
    mailings = _mailings_of(sending)
    for issue in sending:
        mailing = mailings.get(issue.pk)
        if mailing is None:
            rows.append(issue_row(issue, "Sending", "Sending will start shortly.", act="Watch", page="send"))
        elif mailing.state != Mailing.State.PAUSED:
            rows.append(_sending_row(issue, mailing))
    return rows


def next_up(publication: Publication | None) -> Rows:
    """Return the scheduled issues, the next one first."""
    scheduled = Schedule.objects.filter(issue__state=State.SCHEDULED, in_undo_window=False)
    schedules = visible(scheduled, "issue__publication")
    if publication:
        schedules = schedules.filter(issue__publication=publication)
    found = list(schedules.select_related("issue__publication").order_by("due_at")[: SHOWN + 1])
    rows = [
        issue_row(each.issue, "Scheduled", scheduled_sentence(each), page="send") for each in found[:SHOWN]
    ]
    return Rows(with_open_comments(rows), issues_path("scheduled", publication) if len(found) > SHOWN else "")


def recurring(publication: Publication | None) -> list[Row]:
    """Return the recurring issues with their next date."""
    series = visible(Series.objects.filter(**only(publication))).select_related("publication")
    return [_series_row(each) for each in series[:SHOWN]]


def results(publication: Publication | None) -> Rows:
    """Return the issues that were sent last, each with its figures if they are known."""
    issues = visible(Issue.objects.filter(**only(publication), state=State.SENT)).select_related(
        "publication"
    )
    found = list(issues.order_by("-sent_at")[: RESULTS + 1])
    mailings = _mailings_of(found)
    stored = stored_reports(list(mailings.values()))
    rows = []
    for issue in found[:RESULTS]:
        at = f"Sent on {formatting.moment(issue.sent_at, issue.publication.tzinfo)}." if issue.sent_at else ""
        mailing = mailings.get(issue.pk)
        saved = SAVED if mailing and mailing.transport == SAVES_ONLY else ""
        rows.append(
            issue_row(issue, "Sent", at, saved, page="send", facts=_facts(mailing, stored) if mailing else ())
        )
    return Rows(rows, issues_path("sent", publication) if len(found) > RESULTS else "")


def _mailings_of(issues: Iterable[Issue]) -> dict[int, Mailing]:
    mailings = Mailing.objects.filter(issue__in=[issue.pk for issue in issues], purpose=Mailing.Purpose.ISSUE)
    mailings = mailings.select_related("issue__publication")
    return {mailing.issue_id: mailing for mailing in mailings}


def _sending_row(issue: Issue, mailing: Mailing) -> Row:
    """Return the row of an issue that is being sent. The people of a large mailing are estimated by its batches."""
    if mailing.audience <= LIVE_AUDIENCE:
        counted = count_recipients(mailing)
        done, unknown = formatting.settled_count(counted), counted.unknown
    else:
        settled, in_doubt = Q(state=Batch.State.ANSWERED), Q(state=Batch.State.UNKNOWN)
        counts = mailing.batches.aggregate(
            all=Count("pk"),
            settled=Count("pk", filter=settled | in_doubt),
            unknown=Count("pk", filter=in_doubt),
        )
        done, unknown = (
            mailing.audience * counts[each] // max(counts["all"], 1) for each in ("settled", "unknown")
        )
    about = "" if mailing.audience <= LIVE_AUDIENCE else "About "
    sentence = f"{about}{formatting.number(done)} of {formatting.people(mailing.audience)}. "
    if unknown:
        who = formatting.people(unknown)
        sentence += (
            f"For about {who}, we do not know whether they received the email. "
            if about
            else f"We do not know whether {who} received the email. "
        )
    sentence += sentence_of_sending(why_deferred(mailing))
    return issue_row(
        issue, "Sending", sentence.strip(), act="Watch", page="send", done=done, total=mailing.audience
    )


def _series_row(series: Series) -> Row:
    next_date = "This recurring issue is paused."
    if not series.paused_at:
        dates = upcoming(series, now=timezone.now())
        date = next((each for each in dates if each.state != Occurrence.State.SKIPPED), None)
        next_date = (
            f"Next: {describe_local_time(date.send_at)}."
            if date
            else "This recurring issue has no more dates."
        )
    return Row(
        badge="Paused" if series.paused_at else "",
        title=formatting.capital(describe_series(series)),
        path=series_path(series.publication),
        publication=series.publication.name,
        sentences=(next_date,),
    )


def _facts(mailing: Mailing, stored: Mapping[int, MailingReport]) -> tuple[tuple[str, str], ...]:
    report = stored.get(mailing.pk)
    if report is not None:
        recipients, counts = report.recipients, report.counts
        rate = (
            f"{counts.clicked / recipients.accepted:.0%}"
            if recipients.accepted and "clicked" not in figures_not_reported(report, mailing.transport)
            else "–"
        )
        return (
            ("Sent", formatting.number(recipients.accepted)),
            ("Clicked", rate),
            ("Unsubscribed", formatting.number(counts.unsubscribed)),
            *_not_accepted(recipients.rejected, recipients.unknown),
        )
    if mailing.audience > LIVE_AUDIENCE:
        return (("Recipients", formatting.number(mailing.audience)),)
    counted = count_recipients(mailing)
    return (
        ("Sent", formatting.number(counted.accepted)),
        *_not_accepted(counted.rejected, counted.unknown),
    )


def _not_accepted(rejected: int, unknown: int) -> Iterable[tuple[str, str]]:
    known = (("Rejected", rejected), ("Unconfirmed", unknown))
    return ((label, formatting.number(count)) for label, count in known if count)
