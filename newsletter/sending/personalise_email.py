"""Makes what differs for each person: the links that only they can use, their name, and their own headers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from newsletter.issues.models import Issue
from newsletter.issues.page_urls import read_online_url, useful_url
from newsletter.rendering.email_set import EmailSet
from newsletter.rendering.merge_tags import MergeValues
from newsletter.sending.fast_named_tuples import named_tuples
from newsletter.sending.recheck_recipients import Candidate
from newsletter.sending.transport import Envelope
from newsletter.sending.unsubscribe_address import unsubscribe_addresses
from subscribers import signed_links
from subscribers.signed_links import NOBODY, Purpose

# The beginning of the tag in HTML and in text (merge_tags.py).
USEFUL = "*|USEFUL_URL"
MakeLinks = Callable[[Sequence[tuple[int, int]]], list[str]]


class Answers(Enum):
    """Whose answers the links below an article give: each reader's, nobody's, or there are no such links."""

    OF_EACH_READER = 1
    OF_NOBODY = 2
    NONE = 3

    @classmethod
    def asked_in(cls, emails: EmailSet) -> "Answers":
        """Return the answers that the emails of a mailing ask for."""
        asked = any(USEFUL in text for each in emails.variants for text in (each.email.html, each.email.text))
        return cls.OF_EACH_READER if asked else cls.NONE


@dataclass(frozen=True, slots=True)
class Personalizer:
    """Makes envelopes for one issue; what is the same for everybody is worked out once."""

    one_click: MakeLinks
    by_mail: MakeLinks
    leave: MakeLinks
    preferences: MakeLinks
    read_online: MakeLinks
    useful: MakeLinks

    @classmethod
    def of_issue(cls, issue: Issue, *, answers: Answers = Answers.OF_NOBODY) -> "Personalizer":
        """Return the personaliser for an issue, whose links lead to this installation.

        `answers` says whose answer to “Was this useful?” a link gives. Only the emails of a mailing count.
        """
        page = read_online_url(issue.publication, issue.number, "reader=")
        return cls(
            one_click=signed_links.link_maker(Purpose.ONE_CLICK),
            by_mail=unsubscribe_addresses,
            leave=signed_links.link_maker(Purpose.LEAVE),
            preferences=signed_links.link_maker(Purpose.PREFERENCES),
            read_online=signed_links.link_maker(Purpose.READ_ONLINE, page),
            useful=_link_maker_for_answers(issue, answers),
        )

    def envelope(self, candidate: Candidate) -> Envelope:
        """Return the envelope of somebody who is on the list."""
        return self.envelopes([candidate])[0]

    def envelopes(self, candidates: Sequence[Candidate]) -> list[Envelope]:
        """Return the envelopes of people who are on the list, in the same order."""
        subscribers = [
            (each.subscriber, each.subscriber_nonce)
            for each in candidates
            if each.subscriber is not None and each.subscriber_nonce is not None
        ]
        subscriptions = [
            (each.subscription, each.subscription_nonce)
            for each in candidates
            if each.subscription is not None and each.subscription_nonce is not None
        ]
        names = [f"{each.first_name} {each.last_name}".strip() for each in candidates]
        people = zip(
            self.leave(subscriptions),
            self.preferences(subscribers),
            self.read_online(subscribers),
            [each.first_name for each in candidates],
            self.useful(subscribers),
            strict=True,
        )
        headers = map(unsubscribe_headers, self.one_click(subscriptions), self.by_mail(subscriptions))
        rows = zip(
            [each.recipient for each in candidates],
            [each.address for each in candidates],
            names,
            named_tuples(MergeValues, people),
            headers,
            strict=True,
        )
        return list(named_tuples(Envelope, rows))


def _link_maker_for_answers(issue: Issue, answers: Answers) -> MakeLinks:
    if answers is Answers.NONE:
        return lambda rows: [""] * len(rows)
    make = signed_links.link_maker(Purpose.USEFUL, useful_url(issue.publication, issue.number))
    if answers is Answers.OF_EACH_READER:
        return make
    [of_nobody] = make([(NOBODY.number, NOBODY.nonce)])
    return lambda rows: [of_nobody] * len(rows)


def unsubscribe_headers(one_click_url: str, by_mail: str = "") -> dict[str, str]:
    """Return the headers with which a mail program unsubscribes its reader in one step (RFC 8058).

    `by_mail` is a `mailto:` URL for programs that only send emails, if a mailbox is read.
    """
    return {
        "List-Unsubscribe": f"<{one_click_url}>, <{by_mail}>" if by_mail else f"<{one_click_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
