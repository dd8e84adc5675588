"""Who received an article that was corrected, who of them gets the email about it, and who does not, and why.

Everybody who received the article in an issue of the publication is in exactly one place: they get the email through
one list, they got it already, or they are left out for a reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from itertools import chain, islice, repeat
from typing import Any

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Sum, Value, When
from django.utils import timezone

from newsletter.articles.models import Correction
from newsletter.corrections.models import NoticeMailing
from newsletter.errors import refuse_if
from newsletter.issues.article_corrections import issues_that_carried
from newsletter.issues.issue_labels import issue_label_at_start
from newsletter.issues.models import Issue, Publication
from newsletter.sending.audience import LARGE, AudienceRule, recipients_who_got
from newsletter.sending.models import Batch, Mailing, Recipient
from newsletter.sending.models.mailing import SAVES_ONLY
from newsletter.sending.plan import released_without_mailing
from newsletter.sending.who_may_see_recipients import why_not_see_people
from subscribers.models import List, Subscriber, Subscription, Suppression

PEOPLE_PER_PAGE = 50
# How many people are looked at together. Most pages are full soon, and for a few PostgreSQL uses its indexes. SQLite
# takes 32,766 values.
_FIRST_PIECES, _PIECE = (1_000,) * 8, 16_000
_OPEN = (Batch.State.WAITING, Batch.State.POSTING)
_GOES_ON = (Mailing.State.SENDING, Mailing.State.PAUSED)


class Absence(StrEnum):
    """Why somebody who received the article does not get the email about it."""

    SUPPRESSED = "suppressed"
    UNSUBSCRIBED = "unsubscribed"
    PAUSED = "paused"
    PENDING = "pending"
    NOT_ON_LIST = "not-on-list"
    ERASED = "erased"

    @property
    def label(self) -> str:
        """The reason for editors."""
        return LABELS[self]


LABELS = {
    Absence.SUPPRESSED: "Suppressed",
    Absence.UNSUBSCRIBED: "Unsubscribed",
    Absence.PAUSED: "Paused",
    Absence.PENDING: "Not confirmed yet",
    Absence.NOT_ON_LIST: "Not on the list any more",
    Absence.ERASED: "Erased",
}


@dataclass(frozen=True, slots=True)
class LeftOutPerson:
    """Somebody who received the article and does not get the email about it."""

    subscriber: int
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class LeftOutPage:
    """Some people who are left out for one reason. `after` leads to the next; 0 at the end."""

    people: list[LeftOutPerson]
    after: int


class CorrectionReaders:
    """The people whom one publication sent the article of a correction. Each instance shows them as they are now."""

    def __init__(self, correction: Correction, publication: Publication) -> None:
        self.correction, self.publication = correction, publication

    @cached_property
    def issues(self) -> list[Issue]:
        """The issues of the publication that sent the article, the latest first."""
        return list(self._carried())

    @cached_property
    def issue(self) -> Issue | None:
        """The latest issue that sent the article."""
        return self._carried().first()

    @cached_property
    def lists(self) -> list[List]:
        """The lists through which the readers can be reached: that of the publication, then those it used before."""
        mailings = Mailing.objects.filter(issue__in=self._numbers, purpose=Mailing.Purpose.ISSUE)
        found = {self.publication.mailing_list_id: self.publication.mailing_list}
        found |= {each.mailing_list_id: each.mailing_list for each in mailings.select_related("mailing_list")}
        return list(found.values())

    @cached_property
    def nobody_received(self) -> bool:
        """Whether the issues with the article were only saved in a folder on the server."""
        mailings = Mailing.objects.filter(issue__in=self._numbers, purpose=Mailing.Purpose.ISSUE)
        transports = set(mailings.values_list("transport", flat=True))
        return transports == {SAVES_ONLY}

    @cached_property
    def day(self) -> date:
        """Today, in the publication's time zone, by which pauses are counted."""
        return timezone.localdate(timezone=self.publication.tzinfo)

    def why_still_sending(self) -> str:
        """Say which issue with the article still has to be sent to somebody, or return an empty string.

        Its readers would get the mistake after the correction, or a correction of what they never got.
        """
        to_come = Batch.objects.filter(
            mailing__issue__in=self._numbers,
            mailing__purpose=Mailing.Purpose.ISSUE,
            mailing__state__in=_GOES_ON,
            state__in=_OPEN,
        ).values("mailing__issue")
        waiting = Q(pk__in=to_come) | Q(pk__in=released_without_mailing().values("pk"))
        open_issue = Issue.objects.filter(waiting, pk__in=self._numbers).select_related("publication").first()
        if open_issue is None:
            return ""
        return (
            f"{issue_label_at_start(open_issue)} includes the article and is still being sent. Wait until it has been "
            "sent, or stop the mailing."
        )

    def rules(self) -> Iterator[AudienceRule]:
        """Yield the rule for each list. Each leaves out everybody whom a mailing about the correction has already.

        So write the mailing of one rule before you ask for the next.
        """
        for mailing_list in self.lists:
            yield AudienceRule(
                mailing_list=mailing_list,
                received=tuple(self._numbers),
                mailings=tuple(sorted(self._mailings())),
            )

    def count(self) -> int:
        """Return how many people would get the email now."""
        return self._reachable().count()

    @property
    def are_many(self) -> bool:
        """Whether counting the readers would delay a page, because the issues went to a great number of people."""
        mailings = Mailing.objects.filter(issue__in=self._numbers, purpose=Mailing.Purpose.ISSUE)
        return (mailings.aggregate(sent=Sum("audience"))["sent"] or 0) > LARGE

    def is_empty(self) -> bool:
        """Return whether nobody would get the email now."""
        return not self._reachable().exists()

    def count_through_others(self) -> int:
        """Return how many got, or will get, the email through another mailing about this correction."""
        return self._received().filter(Exists(self._written())).count()

    def left_out(self) -> dict[Absence, int]:
        """Return how many people received the article but do not get the email, by reason, without empty reasons.

        Nothing is left of erased people that tells one from another, so their number is the smallest that is possible.
        """
        rows = self._absent().values_list("absence").annotate(count=Count("pk")).order_by()
        found = {Absence(reason): count for reason, count in rows}
        erased = self._erased()
        return {
            reason: number
            for reason in Absence
            if (number := erased if reason is Absence.ERASED else found.get(reason, 0))
        }

    def people_left_out(
        self, reason: Absence, *, after: int = 0, at_most: int = PEOPLE_PER_PAGE
    ) -> LeftOutPage:
        """Return one page of the people who are left out for a reason, after the person with the number `after`.

        Raises Refused with the sentence of `why_not_see_people`.
        """
        if self.issue is not None:
            refuse_if(why_not_see_people(self.issue))
        rows = self._absent().filter(absence=reason.value).order_by("pk")
        fields = rows.values_list("pk", "first_name", "last_name", "address")
        candidates = self._candidates(reason)
        if candidates is None:
            found = list(fields.filter(pk__gt=after)[: at_most + 1])
        else:
            found = list(islice(_among(fields, candidates, after), at_most + 1))
        people = [
            LeftOutPerson(pk, f"{first} {last}".strip(), address)
            for pk, first, last, address in found[:at_most]
        ]
        return LeftOutPage(people, people[-1].subscriber if len(found) > at_most else 0)

    @cached_property
    def _numbers(self) -> list[int]:
        return list(self._carried().values_list("pk", flat=True))

    @cached_property
    def _mailed(self) -> list[int]:
        """The issues that anybody can have received. One without a mailing would only slow the search for readers."""
        mailings = Mailing.objects.filter(issue__in=self._numbers, purpose=Mailing.Purpose.ISSUE)
        return sorted(set(mailings.order_by().values_list("issue", flat=True)))

    def _carried(self) -> QuerySet[Issue]:
        return issues_that_carried(self.correction.article).filter(publication=self.publication)

    def _mailings(self) -> list[int]:
        """Return the mailings about the correction, of all publications."""
        found = NoticeMailing.objects.filter(notice__correction=self.correction)
        return list(found.values_list("mailing", flat=True))

    def _received(self) -> QuerySet[Subscriber]:
        return Subscriber.objects.filter(
            Exists(recipients_who_got(self._mailed, subscriber=OuterRef("pk")))
        ).order_by()

    def _written(self) -> QuerySet[Recipient]:
        return Recipient.objects.filter(
            mailing__in=self._mailings(), issue=None, subscriber=OuterRef("pk")
        ).order_by()

    def _subscriptions(self, **fields: object) -> QuerySet[Subscription]:
        return Subscription.objects.filter(
            subscriber=OuterRef("pk"), list__in=self.lists, **fields
        ).order_by()

    def _may_be_mailed(self) -> Exists:
        now = Q(paused_until=None) | Q(paused_until__lte=self.day)
        return Exists(self._subscriptions(state=Subscription.State.ACTIVE).filter(now))

    def _reachable(self) -> QuerySet[Subscriber]:
        return self._received().filter(self._may_be_mailed()).filter(~Exists(self._written()))

    def _absent(self) -> Any:
        """Return who received the article and neither got nor can get the email, each with the reason."""
        suppressed = Suppression.objects.filter(subscriber=OuterRef("pk"), lifted_at=None)
        reasons = (
            (Absence.SUPPRESSED, suppressed),
            (Absence.PAUSED, self._subscriptions(state=Subscription.State.ACTIVE)),
            (Absence.PENDING, self._subscriptions(state=Subscription.State.PENDING)),
            (Absence.UNSUBSCRIBED, self._subscriptions(state=Subscription.State.UNSUBSCRIBED)),
        )
        first = Case(
            *(When(Exists(found), then=Value(reason.value)) for reason, found in reasons),
            default=Value(Absence.NOT_ON_LIST.value),
        )
        absent = self._received().filter(~Exists(self._written())).filter(~self._may_be_mailed())
        return absent.annotate(absence=first)

    def _candidates(self, reason: Absence) -> QuerySet[Any] | None:
        """Return the numbers of everybody to whom a reason could apply, so that the database need not look at all
        readers to find a few. None if only looking at all of them tells.
        """
        subscriptions = Subscription.objects.filter(list__in=self.lists)
        states = Subscription.State
        match reason:
            case Absence.SUPPRESSED:
                found: QuerySet[Any] = Suppression.objects.filter(lifted_at=None)
            case Absence.UNSUBSCRIBED:
                found = subscriptions.filter(state=states.UNSUBSCRIBED)
            case Absence.PAUSED:
                found = subscriptions.filter(state=states.ACTIVE, paused_until__gt=self.day)
            case Absence.PENDING:
                found = subscriptions.filter(state=states.PENDING)
            case Absence.NOT_ON_LIST | Absence.ERASED:
                return None
        return found.values_list("subscriber", flat=True)

    def _erased(self) -> int:
        rows = recipients_who_got(self._mailed, subscriber=None)
        counts = rows.values("issue").annotate(count=Count("pk")).values_list("count", flat=True)
        return max(counts, default=0)


def _among(rows: QuerySet[Any, Any], candidates: QuerySet[Any], after: int) -> Iterator[Any]:
    """Yield those of the rows that are among the candidates, in the order of their numbers.

    Asked for all candidates at once, PostgreSQL first reads all readers. Most pages end within the first piece.
    """
    for size in chain(_FIRST_PIECES, repeat(_PIECE)):
        piece = list(candidates.filter(subscriber__gt=after).order_by("subscriber")[:size])
        yield from rows.filter(pk__in=piece)
        if len(piece) < size:
            return
        after = piece[-1]
