"""Who is acted upon: some people by number, or everybody whom a search finds. Both are kept in a file of the job.

A search may be a person's name, so it must not stand in the job's row. The file is removed with the job's folder.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from newsletter.background_jobs import job_files
from newsletter.errors import NotFound
from subscribers.find_people import count_people, numbers_of_people
from subscribers.models import List, Subscriber, Topic
from subscribers.people_filter import PeopleFilter

WHO, CHANGED = "who.json", "changed.txt"
# The most people who can be ticked on a page, and then some.
MOST_TICKED = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenPeople:
    """People by their `numbers`, or, if that is None, everybody whom `search` finds."""

    numbers: Sequence[int] | None = None
    search: PeopleFilter = field(default_factory=PeopleFilter)

    @property
    def are_searched(self) -> bool:
        """Whether a search says who they are."""
        return self.numbers is None

    def count(self) -> int:
        """Return how many there are now."""
        if self.numbers is None:
            return count_people(self.search)
        return Subscriber.objects.filter(pk__in=self.numbers).count()

    def next(self, *, before: int, most: int) -> list[int]:
        """Return the next of them below a number, greatest first."""
        if self.numbers is None:
            return numbers_of_people(self.search, before=before, most=most)
        there = Subscriber.objects.filter(pk__in=self.numbers, pk__lt=before).order_by("-pk")
        return list(there.values_list("pk", flat=True)[:most])


def keep(folder: str, chosen: ChosenPeople, texts: Mapping[str, str]) -> None:
    """Write into the folder of a job who is acted upon, and what was typed, which may name people, too."""
    search = chosen.search
    said = {
        "texts": dict(texts),
        "numbers": None if chosen.numbers is None else list(chosen.numbers),
        "text": search.text,
        "list": search.mailing_list.pk if search.mailing_list else None,
        "state": search.state,
        "suppressed": search.suppressed,
        "topic": search.topic.pk if search.topic else None,
        "from": search.joined_from.isoformat() if search.joined_from else None,
        "to": search.joined_to.isoformat() if search.joined_to else None,
    }
    _append(job_files.folder_of(folder) / WHO, json.dumps(said))


def kept(folder: str) -> ChosenPeople:
    """Return who is acted upon, as `keep` wrote it. Raises NotFound if the list or the topic was removed since."""
    said = json.loads((job_files.folder_of(folder) / WHO).read_text(encoding="utf-8"))
    if said["numbers"] is not None:
        return ChosenPeople(numbers=said["numbers"])
    mailing_list = List.objects.filter(pk=said["list"]).first()
    topic = Topic.objects.filter(pk=said["topic"]).first()
    if (said["list"] and mailing_list is None) or (said["topic"] and topic is None):
        raise NotFound("The list or topic that you searched for no longer exists.")
    return ChosenPeople(
        search=PeopleFilter(
            text=said["text"],
            mailing_list=mailing_list,
            state=said["state"],
            suppressed=said.get("suppressed", False),
            topic=topic,
            joined_from=_day(said["from"]),
            joined_to=_day(said["to"]),
        )
    )


def texts_kept(folder: str) -> dict[str, str]:
    """Return what was typed for an act. Empty once the file is removed."""
    path = job_files.folder_of(folder) / WHO
    return dict(json.loads(path.read_text(encoding="utf-8"))["texts"]) if path.exists() else {}


def keep_changed(folder: str, subscriptions: Sequence[int]) -> None:
    """Write into the folder of a job whose subscriptions it changed, so that this can be undone."""
    if subscriptions:
        _append(job_files.folder_of(folder) / CHANGED, "".join(f"{number}\n" for number in subscriptions))


def changed(folder: str) -> list[int]:
    """Return the subscriptions that a job changed. Empty once the file is removed."""
    path = job_files.folder_of(folder) / CHANGED if folder else None
    if path is None or not path.exists():
        return []
    return [int(line) for line in dict.fromkeys(path.read_text(encoding="ascii").split())]


def _append(path: Path, text: str) -> None:
    with os.fdopen(
        os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(text)


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if text else None
