"""The list of people, with its search and filters."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.accounts.subscriber_acts import why_not_import, why_not_look
from newsletter.errors import refuse_if
from newsletter.web.desk.articles.short_dates import Dates, ShownDate
from newsletter.web.desk.desk_page import desk, show
from subscribers.find_people import PeopleFilter, find_people, is_searched_whole
from subscribers.models import List, Subscriber, Subscription

LONGEST_SEARCH = 320
TONES = {"active": "good", "pending": "warn", "unsubscribed": "neutral"}
STATES = [("", "Any state"), *((value, label) for value, label in Subscription.State.choices)]


@dataclass(frozen=True, slots=True)
class Row:
    """A person as the list shows them: the name or else the address, and a badge for each list."""

    subscriber: Subscriber
    name: str
    badges: list[tuple[str, str]]
    since: ShownDate


@desk("GET", "HEAD")
def subscribers(request: HttpRequest) -> HttpResponse:
    """Show people, newest first, by a search, a list and a state."""
    refuse_if(why_not_look())
    lists = list(List.objects.order_by("name"))
    text = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    chosen = next((each for each in lists if each.slug == request.GET.get("list")), None)
    state = request.GET.get("state", "")
    wanted = PeopleFilter(
        text=text,
        mailing_list=chosen,
        state=state if state in Subscription.State.values else "",
        after=request.GET.get("after", "")[:LONGEST_SEARCH],
    )
    found = find_people(wanted)
    dates = Dates(request)
    given = {"q": text, "list": chosen.slug if chosen else "", "state": wanted.state}
    filtered = {name: value for name, value in given.items() if value}
    return show(
        request,
        "subscribers/subscribers",
        rows=[_row(each, dates) for each in found.people],
        given=given,
        filtered=bool(filtered),
        lists=[("", "Any list"), *((each.slug, each.name) for each in lists)],
        states=STATES,
        whole=is_searched_whole(),
        why_not_import=why_not_import(),
        first=_address(filtered) if wanted.after else "",
        older=_address({**filtered, "after": found.next}) if found.next else "",
    )


def name_of(subscriber: Subscriber) -> str:
    """Return the name of a person, which is empty if we do not know it."""
    return f"{subscriber.first_name} {subscriber.last_name}".strip()


def _address(query: dict[str, str]) -> str:
    return f"{reverse('desk:subscribers')}{f'?{urlencode(query)}' if query else ''}"


def _row(subscriber: Subscriber, dates: Dates) -> Row:
    badges = [
        (f"{each.list.name}: {each.get_state_display().lower()}", TONES[each.state])
        for each in subscriber.subscriptions.all()
    ]
    return Row(subscriber, name_of(subscriber), badges, dates.of(subscriber.created_at))
