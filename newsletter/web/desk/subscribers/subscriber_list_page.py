"""The list of people, with its search and filters."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from newsletter.accounts.role_checked_subscriber_acts import why_not_import, why_not_look
from newsletter.errors import refuse_if
from newsletter.people_acts.kinds_of_people_acts import ADD, why_not_act
from newsletter.web.desk.articles.short_dates import Dates, ShownDate
from newsletter.web.desk.desk_page import desk, desk_fragment, is_htmx, show
from newsletter.web.desk.subscribers.bulk_act_labels import ACT_LABELS
from newsletter.web.desk.subscribers.people_filter_from_url import STATES, choices_of, filters_of
from newsletter.web.desk.subscribers.recent_acts_line import shown_acts
from subscribers.find_people import count_people, find_people, is_too_short, not_searched_yet
from subscribers.models import List, Subscriber
from subscribers.people_filter import PeopleFilter

TONES = {"active": "good", "pending": "warn", "unsubscribed": "neutral"}


@dataclass(frozen=True, slots=True)
class Row:
    """A person as the list shows them: the name or else the address, a badge for each list, and the
    day of joining by which the filters find the person.
    """

    subscriber: Subscriber
    name: str
    badges: list[tuple[str, str]]
    since: ShownDate


@desk("GET", "HEAD")
def subscribers(request: HttpRequest) -> HttpResponse:
    """Show people, newest first, by a search, a list, a state, a topic and the days on which they joined."""
    refuse_if(why_not_look())
    lists = all_lists()
    filters = filters_of(request.GET.dict(), lists)
    wanted = filters.wanted
    found = find_people(wanted)
    dates = Dates(request)
    return show(
        request,
        "subscribers/subscribers",
        rows=[_row(each, dates, wanted) for each in found.people],
        given=filters.given,
        filtered=bool(filters.filtered),
        problem=filters.problem,
        lists=[("", "Any list"), *((each.slug, each.name) for each in lists)],
        topics=choices_of(lists, wanted.mailing_list),
        states=STATES,
        too_short=is_too_short(wanted.text),
        not_searched_yet=not_searched_yet() if wanted.text else 0,
        why_not_import=why_not_import(),
        first=filters.address() if wanted.after else "",
        older=filters.address(after=found.next) if found.next else "",
        counted=count_people(wanted) if request.GET.get("count") else None,
        recent_acts=shown_acts(dates),
        acts=[
            (kind, label) for kind, label in ACT_LABELS.items() if not why_not_act(kind, on_a_search=False)
        ],
        why_not_all=why_not_act(ADD, on_a_search=True),
        all_address=filters.address("act-on-people"),
        count_address=filters.address("count-subscribers"),
    )


@desk("GET", "HEAD", page="subscribers")
def count(request: HttpRequest) -> HttpResponse:
    """Count the people of a search, for htmx; a browser without scripts gets the list with the number."""
    refuse_if(why_not_look())
    filters = filters_of(request.GET.dict(), all_lists())
    if not is_htmx(request):
        return HttpResponseRedirect(filters.address(count="yes"), status=303)
    return desk_fragment(
        request, "subscribers/count", counted=count_people(filters.wanted), filtered=bool(filters.filtered)
    )


def all_lists() -> list[List]:
    """Return all lists by their names, with their topics."""
    return list(List.objects.order_by("name").prefetch_related("topics__list"))


def name_of(subscriber: Subscriber) -> str:
    """Return the name of a person, which is empty if we do not know it."""
    return f"{subscriber.first_name} {subscriber.last_name}".strip()


def _row(subscriber: Subscriber, dates: Dates, wanted: PeopleFilter) -> Row:
    badges = [
        (f"{each.list.name}: {each.get_state_display().lower()}", TONES[each.state])
        for each in subscriber.subscriptions.all()
    ]
    joined = [each.joined_at for each in subscriber.subscriptions.all() if wanted.is_met_by(each)]
    return Row(subscriber, name_of(subscriber), badges, dates.of(min(joined, default=subscriber.created_at)))
