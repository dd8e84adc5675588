"""What differs per person: the links that only they can use, their name, and the headers of their own."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings

from newsletter.issues.models import Issue
from newsletter.rendering.merge import Person
from newsletter.sending.audience import Candidate
from newsletter.sending.transports.transport import Envelope
from subscribers import links
from subscribers.links import Purpose

MakeLink = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Personalizer:
    """Makes envelopes for one issue; what does not change between people is worked out once."""

    one_click: MakeLink
    leave: MakeLink
    preferences: MakeLink
    read_online: MakeLink

    @classmethod
    def of_issue(cls, issue: Issue) -> "Personalizer":
        """The one for an issue: its links lead to this installation."""
        page = f"{settings.NEWSLETTER.root_url}/{issue.publication.slug}/{issue.number}/?reader="
        return cls(
            one_click=links.maker(Purpose.ONE_CLICK),
            leave=links.maker(Purpose.LEAVE),
            preferences=links.maker(Purpose.PREFERENCES),
            read_online=links.maker(Purpose.READ_ONLINE, page),
        )

    def envelope(self, candidate: Candidate) -> Envelope:
        """The envelope of somebody who is on the list."""
        subscriber, subscription = candidate.subscriber, candidate.subscription
        assert subscriber is not None
        assert subscription is not None
        return Envelope(
            recipient=candidate.recipient,
            address=candidate.address,
            name=f"{candidate.first_name} {candidate.last_name}".strip(),
            person=Person(
                first_name=candidate.first_name,
                unsubscribe_url=self.leave(subscription),
                preferences_url=self.preferences(subscriber),
                read_online_url=self.read_online(subscriber),
            ),
            headers=unsubscribe_headers(self.one_click(subscription)),
        )


def unsubscribe_headers(one_click_url: str) -> dict[str, str]:
    """The headers by which a mail program unsubscribes its reader in one step (RFC 8058)."""
    return {
        "List-Unsubscribe": f"<{one_click_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
