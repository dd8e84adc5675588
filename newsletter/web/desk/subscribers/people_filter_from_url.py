"""What the list of people is filtered by, as its address says it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from newsletter.errors import InvalidFields
from subscribers.models import List, Subscription, Topic
from subscribers.people_filter import PeopleFilter
from subscribers.typed_days import typed_day

LONGEST_SEARCH = 320
SUPPRESSED = "suppressed"
STATES = [("", "Any state"), *Subscription.State.choices, (SUPPRESSED, "Suppressed")]


@dataclass(frozen=True, slots=True)
class GivenFilters:
    """The filters of an address: as typed, as they are understood, and a sentence about what was not."""

    given: dict[str, str]
    wanted: PeopleFilter
    problem: str = ""

    @property
    def filtered(self) -> dict[str, str]:
        """Return the filters that are set."""
        return {name: value for name, value in self.given.items() if value}

    def address(self, name: str = "subscribers", **more: str) -> str:
        """Return the address of a page for the same people."""
        query = {**self.filtered, **more}
        return f"{reverse(f'desk:{name}')}{f'?{urlencode(query)}' if query else ''}"


def filters_of(query: Mapping[str, str], lists: Sequence[List]) -> GivenFilters:
    """Return the filters of a query. What is unknown in it does not filter, except days, which are complained about."""
    text = query.get("q", "").strip()[:LONGEST_SEARCH]
    chosen = next((each for each in lists if each.slug == query.get("list")), None)
    state = query.get("state", "")
    topic = _topic(query.get("topic", ""), lists)
    if topic and chosen and topic.list_id != chosen.pk:
        topic = None
    days, problem = {}, ""
    for name in ("from", "to"):
        typed = query.get(name, "").strip()[:20]
        try:
            days[name] = typed_day(typed, name)
        except InvalidFields as error:
            problem = str(error)
            days[name] = None
    wanted = PeopleFilter(
        text=text,
        mailing_list=chosen,
        state=state if state in Subscription.State.values else "",
        suppressed=state == SUPPRESSED,
        topic=topic,
        joined_from=days["from"],
        joined_to=days["to"],
        after=query.get("after", "")[:LONGEST_SEARCH],
    )
    given = {
        "q": text,
        "list": chosen.slug if chosen else "",
        "state": SUPPRESSED if wanted.suppressed else wanted.state,
        "topic": f"{topic.list.slug}:{topic.slug}" if topic else "",
        "from": query.get("from", "").strip()[:20],
        "to": query.get("to", "").strip()[:20],
    }
    return GivenFilters(given, wanted, problem)


def choices_of(lists: Sequence[List], chosen: List | None) -> list[tuple[str, str]]:
    """Return the topics to choose from: those of the chosen list, or of all lists by their names."""
    found = [("", "Any topic")]
    for each in lists:
        if chosen is None or each.pk == chosen.pk:
            for topic in each.topics.all():
                name = topic.name if chosen or len(lists) == 1 else f"{each.name}: {topic.name}"
                found.append((f"{each.slug}:{topic.slug}", name))
    return found


def _topic(text: str, lists: Sequence[List]) -> Topic | None:
    slug, _colon, topic = text.partition(":")
    return next(
        (one for each in lists if each.slug == slug for one in each.topics.all() if one.slug == topic), None
    )
