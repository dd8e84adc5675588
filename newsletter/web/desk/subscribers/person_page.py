"""One person: how they stand to each list, their whole history, and what can be done."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from newsletter.accounts.role_checked_subscriber_acts import (
    why_not_erase,
    why_not_export,
    why_not_lift,
    why_not_look,
)
from newsletter.errors import NotFound, refuse_if
from newsletter.issues.page_urls import issue_path
from newsletter.issues.visible_to_actor import visible_publications
from newsletter.sending.models import Mailing, Recipient
from newsletter.tracking.models import Event
from newsletter.web.desk.articles.short_dates import Dates, ShownDate
from newsletter.web.desk.desk_page import desk, show
from newsletter.web.desk.languages_and_zones import language_name
from newsletter.web.desk.subscribers.consent_log_sentences import sentence_of
from newsletter.web.desk.subscribers.subscriber_list_page import TONES, name_of
from subscribers import suppression
from subscribers.address_changes import ASKED, waiting_change
from subscribers.erasure import history
from subscribers.free_details import details_as_text
from subscribers.models import Subscriber, Subscription, Suppression

MOST_ENTRIES = 200
MOST_EMAILS = 50


@dataclass(frozen=True, slots=True)
class ListRow:
    """How a person stands to a list. `facts` are short sentences such as “Paused until 3 May”."""

    subscription: Subscription
    tone: str
    topics: str
    joined: ShownDate
    left: ShownDate | None


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """A sentence about what happened, and when, and the page of the issue that it is about, if any."""

    at: ShownDate
    sentence: str
    detail: str
    link: str = ""


def subscriber_at(number: int) -> Subscriber:
    """Return the person whose page this is. Raises NotFound, and Refused for people who may not see subscribers."""
    refuse_if(why_not_look())
    found = Subscriber.objects.filter(pk=number).first()
    if found is None:
        raise NotFound("We could not find this person. They may have been erased.")
    return found


@desk("GET", "HEAD", page="subscribers")
def subscriber(request: HttpRequest, subscriber: int) -> HttpResponse:
    """Show one person."""
    person = subscriber_at(subscriber)
    dates = Dates(request)
    subscriptions = (
        person.subscriptions.select_related("list").prefetch_related("topics").order_by("list__name")
    )
    reasons = sorted(Suppression.Reason(each).label for each in suppression.reasons(person.address_key))
    rows = [_list_row(each, dates) for each in subscriptions]
    left = any(each.subscription.state == Subscription.State.UNSUBSCRIBED for each in rows)
    happened, is_cut = _history(person)
    change = waiting_change(person)
    return show(
        request,
        "subscribers/subscriber",
        person=person,
        name=name_of(person),
        known_since=dates.of(person.created_at),
        language=language_name(person.locale) if person.locale else "",
        details=details_as_text(person),
        added_to=request.GET.get("added_to", ""),
        new_address=change.address if change else "",
        asked=_asked_to_change(person, dates) if change else "",
        rows=rows,
        reasons=reasons,
        can_lift=bool(reasons) or left,
        history=[HistoryRow(dates.of(at), *said) for at, *said in happened],
        is_cut=is_cut,
        why_not_lift=why_not_lift(),
        why_not_export=why_not_export(),
        why_not_erase=why_not_erase(),
    )


class _Pages:
    """The pages of the issues that the person at the desk may see."""

    def __init__(self) -> None:
        self._visible = set(visible_publications().values_list("pk", flat=True))

    def of(self, mailing: Mailing | None) -> str:
        """Return the path of the report of a mailing's issue, or an empty string."""
        if mailing is None or mailing.issue.publication_id not in self._visible:
            return ""
        return issue_path(mailing.issue, "report")


def _asked_to_change(person: Subscriber, dates: Dates) -> str:
    """Return who asked last to change the address, and when, as a sentence."""
    entry = person.consent_entries.filter(note=ASKED).order_by("-pk").first()
    if entry is None:
        return ""
    return f"{sentence_of(entry)[0].removesuffix('.')} {dates.of(entry.at).when}."


def _list_row(one: Subscription, dates: Dates) -> ListRow:
    return ListRow(
        subscription=one,
        tone=TONES[one.state],
        topics=", ".join(topic.name for topic in one.topics.all()),
        joined=dates.of(one.joined_at),
        left=dates.of(one.left_at) if one.left_at else None,
    )


def _history(person: Subscriber) -> tuple[list[tuple[datetime, str, str, str]], bool]:
    """Return what happened, newest first, and whether there is more than is shown."""
    entries = list(history(person).order_by("-pk")[: MOST_ENTRIES + 1])
    found = [(each.at, *sentence_of(each), "") for each in entries[:MOST_ENTRIES]]
    pages = _Pages()
    sent = (
        Recipient.objects.filter(subscriber=person)
        .select_related("mailing__issue__publication", "batch")
        .order_by("-pk")[: MOST_EMAILS + 1]
    )
    emails = list(sent)
    for each in emails[:MOST_EMAILS]:
        at = each.batch.answered_at or each.batch.posted_at or each.mailing.planned_at
        found.append(
            (
                at,
                f"Email “{each.mailing.email_name}”: {each.get_state_display().lower()}.",
                each.reason,
                pages.of(each.mailing),
            )
        )
    reported = (
        # With the mailings, an index answers.
        Event.objects.filter(
            mailing__in={each.mailing_id for each in emails[:MOST_EMAILS]},
            recipient__in=[each.pk for each in emails[:MOST_EMAILS]],
        )
        .select_related("mailing__issue__publication")
        .order_by("-at")[:MOST_ENTRIES]
    )
    for event in reported:
        about = f" about “{event.mailing.email_name}”" if event.mailing else ""
        found.append(
            (
                event.at,
                f"Report from the email provider{about}: {event.get_kind_display().lower()}.",
                "",
                pages.of(event.mailing),
            )
        )
    found.sort(key=lambda each: each[0], reverse=True)
    return found, len(entries) > MOST_ENTRIES or len(emails) > MOST_EMAILS
