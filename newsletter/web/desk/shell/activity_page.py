"""The activity page: the audit log by person, by what was done, by publication and by days."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.accounts.actor import SYSTEM, current_actor
from newsletter.accounts.administer_accounts import why_not_manage_people
from newsletter.accounts.role_checked_subscriber_acts import why_not_look
from newsletter.errors import InvalidFields
from newsletter.issues.models import AuditEntry
from newsletter.issues.page_urls import issue_path
from newsletter.issues.publication_settings import can_undo_settings
from newsletter.issues.search_audit import AuditSearch, Topic, search_audit
from newsletter.issues.visible_to_actor import visible_publications
from newsletter.web.desk.articles.short_dates import Dates
from newsletter.web.desk.desk_page import desk, show
from newsletter.web.desk.find_by_url import publication_at
from newsletter.web.desk.subscribers.subscriber_list_page import name_of
from subscribers.models import Subscriber
from subscribers.phrases import written_day
from subscribers.typed_days import typed_day
from subscribers.whole_numbers import whole_number

FILTERS = ("person", "topic", "publication", "from", "to")
SUBSCRIBER = "subscriber "
NUMBERED = re.compile(r"subscriber [0-9]{1,18}")
LONGEST_NAME, MAX_NAMES = 150, 200
# Outside these years, a day cannot be said in UTC in every database.
YEARS = range(1970, 9000)
TOPICS = (
    ("", "Everything"),
    (Topic.ISSUES, "Issues"),
    (Topic.SENDING, "Sending"),
    (Topic.ARTICLES, "Articles and sources"),
    (Topic.SUBSCRIBERS, "Subscribers and lists"),
    (Topic.ACCOUNTS, "Accounts and logins"),
    (Topic.SETTINGS, "Settings"),
    (Topic.INSTALLATION, "Backups and installation"),
)


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """An entry as the page shows it: in the time zone of its publication, with the names of what it is about.

    `path` leads to the issue or the subscriber, and is empty if the entry is about neither, or they no longer exist.
    `by_actor` is the address of everything that the same person did. `undo_path` is where the entry can be undone, or
    is empty.
    """

    entry: AuditEntry
    zone: ZoneInfo
    about: str
    path: str
    by_actor: str
    undo_path: str


@desk("GET", "HEAD")
def audit(request: HttpRequest) -> HttpResponse:
    """Show one page of the audit log, newest entries first."""
    given = {name: request.GET.get(name, "").strip()[:LONGEST_NAME] for name in FILTERS}
    after = request.GET.get("after", "")
    dates = Dates(request)
    days, wrong = _days(given)
    publication = publication_at(given["publication"]) if given["publication"] else None
    wanted = AuditSearch(
        person=given["person"],
        topic=Topic(given["topic"]) if given["topic"] in set(Topic) else None,
        publication=publication,
        first_day=days["from"],
        last_day=days["to"],
        zone=publication.tzinfo if publication else dates.zone,
        after=whole_number(after),
    )
    page = search_audit(wanted)
    return show(
        request,
        "shell/activity",
        shown=_all_shown(page.entries, dates.zone),
        given=given,
        wrong=wrong,
        filtered=any(given.values()),
        names=_names(),
        topics=TOPICS,
        publications=[
            ("", "All"),
            *visible_publications().order_by("name").values_list("slug", "name"),
        ],
        newest=_address(given) if wanted.after is not None else "",
        older=_address({**given, "after": str(page.next_cursor)}) if page.next_cursor else "",
    )


def _all_shown(entries: Sequence[AuditEntry], zone: ZoneInfo) -> list[ShownEntry]:
    people = _people(entries)
    return [_shown(entry, zone, people.get(entry.thing)) for entry in entries]


def _people(entries: Sequence[AuditEntry]) -> dict[str, Subscriber]:
    """Return the subscribers whom entries are about, by what these call them. Those who were erased are left out."""
    if why_not_look():
        return {}
    things = {each.thing for each in entries if each.thing.startswith(SUBSCRIBER)}
    numbers = [int(thing.removeprefix(SUBSCRIBER)) for thing in things if NUMBERED.fullmatch(thing)]
    return {f"{SUBSCRIBER}{each.pk}": each for each in Subscriber.objects.filter(pk__in=numbers)}


def _shown(entry: AuditEntry, zone: ZoneInfo, person: Subscriber | None) -> ShownEntry:
    issue = entry.issue if entry.issue_id else None
    publication = entry.publication or (issue.publication if issue else None)
    about, path = entry.about, ""
    if issue is not None:
        about, path = f"{issue.publication.name} · No. {issue.number}", issue_path(issue)
    elif publication is not None:
        about = publication.name
    elif person is not None:
        about, path = name_of(person) or person.address, reverse("desk:subscriber", args=[person.pk])
    zone = publication.tzinfo if publication else zone
    of_settings = entry.publication if can_undo_settings(entry) else None
    undo_path = reverse("desk:undo-publication-settings", args=[of_settings.slug]) if of_settings else ""
    return ShownEntry(entry, zone, about, path, _address({"person": entry.actor}), undo_path)


def _names() -> list[str]:
    """Return names to choose from. Only administrators see who else has an account."""
    own = [SYSTEM.name, current_actor().name]
    if why_not_manage_people():
        return own
    users = get_user_model().objects.order_by("username").values_list("username", flat=True)
    return [SYSTEM.name, *users[:MAX_NAMES]]


def _days(given: Mapping[str, str]) -> tuple[dict[str, date | None], dict[str, str]]:
    """Return the days that filter, and what is wrong with each field of a day; empty if nothing is."""
    days: dict[str, date | None] = {"from": None, "to": None}
    wrong = dict.fromkeys(days, "")
    for name in days:
        try:
            day = typed_day(given[name], name)
        except InvalidFields as error:
            wrong |= error.fields
            continue
        if day is None or day.year in YEARS:
            days[name] = day
        else:
            wrong[name] = f"{written_day(day)} is too far from today. Enter a date closer to today."
    first, last = days["from"], days["to"]
    if first and last and first > last:
        wrong["from"] = "“From” is after “To”. Choose an earlier day."
    return days, wrong


def _address(query: Mapping[str, str]) -> str:
    return f"{reverse('desk:audit')}?{urlencode({name: value for name, value in query.items() if value})}"
