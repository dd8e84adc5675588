"""What editors were told, and how far each notice has come."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from newsletter.notifications.models import EditorNotice, State


@dataclass(frozen=True, slots=True)
class Told:
    """A notice, and how many of its mails and posts are in each state."""

    notice: EditorNotice
    mails: Counter[State]
    posts: Counter[State]


def told(at_most: int) -> list[Told]:
    """The latest notices, the newest first."""
    notices = EditorNotice.objects.order_by("-pk").select_related("publication")
    found = notices.prefetch_related("mails", "deliveries")[:at_most]
    return [
        Told(
            notice,
            mails=_counted(mail.state for mail in notice.mails.all()),
            posts=_counted(post.state for post in notice.deliveries.all()),
        )
        for notice in found
    ]


def _counted(states: Iterable[str]) -> Counter[State]:
    return Counter(State(state) for state in states)
