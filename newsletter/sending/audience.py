"""Works out the audience of an issue: the people on a list whom a segment chooses, without those who are excluded.

What was chosen is in issues/audience_choice.py. The desk shows the number of people; plan.py stores who they are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from newsletter.errors import Invalid
from newsletter.issues.audience_choice import AudienceChoice
from newsletter.issues.lawful_contents import bases_not_covered, contents_of
from newsletter.issues.look_up_audience import choice_for, in_full, in_words
from newsletter.issues.models import Issue, PastedAddress
from newsletter.scheduling.dateline import dateline_day, schedule_of
from newsletter.sending.batch_ranges import in_ranges
from newsletter.sending.models import Batch, Mailing, Recipient
from subscribers.models import Basis, List, Subscriber, Subscription
from subscribers.phrases import counted
from subscribers.segments.count_people import count_people
from subscribers.segments.segment_errors import WrongSegment
from subscribers.segments.select_people import chosen, condition

# Counting this many people takes a few milliseconds.
LARGE = 20_000


@dataclass(frozen=True, kw_only=True, slots=True)
class AudienceRule:
    """The rule that decides who receives a mailing.

    `segment` and each of the `exclusions` is a segment (subscribers/segments) of the list. An empty segment chooses
    everybody. `issues`, `days` and `pasted` leave out those who got these issues, who were sent any email in so many
    days, and the addresses in these pasted lists. `mailings` leaves out everybody in these mailings. `bases` leaves out
    people on a lawful basis that does not cover what the mailing contains. `addresses` leaves out folded addresses that
    are not stored yet, for a number that is only shown. If `received` has issues, the rule gives only people who were
    sent one of them, or perhaps were.
    """

    mailing_list: List
    segment: str = ""
    exclusions: tuple[str, ...] = ()
    issues: tuple[int, ...] = ()
    days: int = 0
    pasted: tuple[int, ...] = ()
    mailings: tuple[int, ...] = ()
    bases: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    received: tuple[int, ...] = ()

    def people(self, day: date) -> QuerySet[Subscription]:
        """Return the subscriptions that the rule gives on a day: active, not paused. Raises Invalid for a bad segment.

        Suppressing an address ends its subscriptions, so an active one is never suppressed.
        """
        people = chosen_people(self.segment, self.mailing_list, without=self.exclusions)
        # One after the other, so that PostgreSQL can read each of them once for all people.
        for part in self._other_parts_left_out():
            people = people.filter(~part)
        if self.bases:
            people = people.exclude(basis__in=self.bases)
        if self.received:
            people = people.filter(
                Exists(recipients_who_got(self.received, subscriber=OuterRef("subscriber")))
            )
        return people.filter(Q(paused_until=None) | Q(paused_until__lte=day))

    def left_out(self) -> Q | None:
        """Return the condition of the active subscriptions of the list that the exclusions leave out, or None without
        exclusions. The lawful bases are not exclusions.
        """
        parts = [segment_condition(each, self.mailing_list) for each in self.exclusions]
        parts += self._other_parts_left_out()
        return reduce(or_, parts) if parts else None

    def _other_parts_left_out(self) -> list[Q]:
        """Return a condition for each exclusion that is not a segment.

        They are about the subscription itself, so that the first person to be found ends the search for anybody at all.
        None is `IN (SELECT …)`: PostgreSQL reads a large list again for each person for whom it needs NOT IN.
        """
        parts: list[Q] = []
        mailed = Recipient.objects.filter(_WAS_SENT, subscriber=OuterRef("subscriber")).order_by()
        if self.issues:
            parts.append(Q(Exists(mailed.filter(issue__in=self.issues))))
        if self.days:
            since = timezone.now() - timedelta(days=self.days)
            # A batch that is not posted yet, or again, has readers who will be sent their email soon.
            to_come = (Batch.State.WAITING, Batch.State.POSTING)
            recent = Batch.objects.filter(Q(posted_at__gte=since) | Q(state__in=to_come))
            parts.append(Q(Exists(mailed.filter(in_ranges(recent)))))
        if self.pasted:
            rows = PastedAddress.objects.filter(pasted__in=self.pasted).order_by()
            parts.append(Q(Exists(rows.filter(subscriber=OuterRef("subscriber")))))
            joined_since = rows.filter(subscriber=None, address_key=OuterRef("subscriber__address_key"))
            parts.append(Q(Exists(joined_since)))
        if self.mailings:
            # Of these, no mailing sends an issue. So this is the condition of their index.
            written = Recipient.objects.filter(mailing__in=self.mailings, issue=None)
            parts.append(Q(Exists(written.filter(subscriber=OuterRef("subscriber")).order_by())))
        if self.addresses:
            typed = Subscriber.objects.filter(pk=OuterRef("subscriber"), address_key__in=self.addresses)
            parts.append(Q(Exists(typed.order_by())))
        return parts

    def size(self, day: date) -> int:
        """Return how many people `people` gives on a day. For a whole list, two indexes answer without a row."""
        if self.is_narrowed:
            return count_people(self.people(day), self.mailing_list)
        active = chosen_people("", self.mailing_list)
        return active.count() - active.filter(paused_until__gt=day).count()

    @property
    def is_narrowed(self) -> bool:
        """Whether the rule may leave out people who are active on the list and not paused."""
        left_out = self.exclusions or self.issues or self.days or self.pasted or self.mailings or self.bases
        return bool(self.segment.strip() or left_out or self.addresses or self.received)


# Somebody was sent an email, may have been, or will be by a mailing that goes on.
_WAS_SENT = Q(state__in=(Recipient.State.ACCEPTED, Recipient.State.UNKNOWN)) | Q(
    state=Recipient.State.WAITING, mailing__state__in=(Mailing.State.SENDING, Mailing.State.PAUSED)
)


def recipients_who_got(issues: Iterable[int], **fields: Any) -> QuerySet[Recipient]:
    """Return the recipients of issues to whom an email was sent, or perhaps was, with these values of fields."""
    got = (Recipient.State.ACCEPTED, Recipient.State.UNKNOWN)
    return Recipient.objects.filter(issue__in=list(issues), state__in=got, **fields).order_by()


def rule_for(issue: Issue) -> AudienceRule:
    """Return the audience rule of an issue: its own choice, or else that of its publication, without those whose lawful
    basis does not cover its contents. Raises Invalid.
    """
    rule = rule_of_choice(choice_for(issue), issue.publication.mailing_list)
    return replace(rule, bases=tuple(bases_left_out(issue)))


def bases_left_out(issue: Issue) -> dict[Basis, str]:
    """Return the lawful bases that do not cover what an issue contains, each with the reason as a sentence.

    Empty if everybody on its list has consented, so that most lists cost one look into an index.
    """
    if not has_other_bases(issue.publication.mailing_list_id):
        return {}
    return bases_not_covering_issue(issue)


def bases_not_covering_issue(issue: Issue) -> dict[Basis, str]:
    """Return the lawful bases that do not cover what an issue contains, whether anybody has them or not."""
    return bases_not_covered(contents_of(issue, audience_day(issue)))


def has_other_bases(mailing_list: int) -> bool:
    """Return whether anybody on a list has another lawful basis than consent."""
    return Subscription.objects.filter(list=mailing_list).exclude(basis=Basis.CONSENT).exists()


def rule_of_choice(
    choice: AudienceChoice, mailing_list: List, *, addresses: tuple[str, ...] = ()
) -> AudienceRule:
    """Return the rule that a choice of the people on a list gives, without these folded addresses. Raises Invalid."""
    return replace(_rule(in_full(choice, mailing_list), mailing_list), addresses=addresses)


def rule_of(mailing: Mailing) -> AudienceRule:
    """Return the audience rule for which a mailing was planned."""
    left_out = mailing.left_out or {}
    rule = _rule(
        {"segment": mailing.segment, "exclusions": mailing.exclusions, **left_out}, mailing.mailing_list
    )
    return replace(rule, mailings=tuple(left_out.get("mailings", ())), received=tuple(mailing.received or ()))


def left_out_of(rule: AudienceRule) -> dict[str, Any] | None:
    """Return what a mailing stores of a rule besides its segments, for `rule_of`."""
    values: dict[str, Any] = {
        "issues": list(rule.issues),
        "days": rule.days,
        "pasted": list(rule.pasted),
    }
    if rule.bases:
        values["bases"] = list(rule.bases)
    if rule.mailings:
        values["mailings"] = list(rule.mailings)
    return values if any(values.values()) else None


def _rule(full: Mapping[str, Any], mailing_list: List) -> AudienceRule:
    return AudienceRule(
        mailing_list=mailing_list,
        segment=full["segment"],
        exclusions=tuple(full["exclusions"]),
        issues=tuple(full.get("issues", ())),
        days=full.get("days", 0),
        pasted=tuple(full.get("pasted", ())),
        bases=tuple(full.get("bases", ())),
    )


def chosen_people(segment: str, mailing_list: List, *, without: Sequence[str] = ()) -> QuerySet[Subscription]:
    """Return the active subscriptions of a list that a segment chooses, without those of others. Raises Invalid for a
    wrong segment.
    """
    try:
        return chosen(segment, mailing_list, without=without)
    except WrongSegment as error:
        raise Invalid(str(error)) from error


def segment_condition(segment: str, mailing_list: List) -> Q:
    """Return whom a segment of a list matches, about the subscription itself. Raises Invalid for a wrong segment."""
    try:
        return condition(segment, mailing_list)
    except WrongSegment as error:
        raise Invalid(str(error)) from error


def audience_size(issue: Issue) -> int:
    """Return how many people would receive an issue if it were sent now."""
    return rule_for(issue).size(audience_day(issue))


def audience_day(issue: Issue) -> date:
    """Return the day by which pauses are counted if an issue is sent as it is scheduled, or else now."""
    return dateline_day(issue, schedule_of(issue) if issue.pk else None)


def audience_is_empty(issue: Issue, day: date | None = None) -> bool:
    """Return whether nobody would receive an issue if it were sent now, or on its day if the caller has read that."""
    return not rule_for(issue).people(day or audience_day(issue)).exists()


def audience_is_large(issue: Issue) -> bool:
    """Return whether the list of an issue is so large that counting its active subscribers would delay a page."""
    active = chosen_people("", issue.publication.mailing_list).order_by("pk")
    return active.values("pk")[LARGE : LARGE + 1].exists()


def audience_at_once(issue: Issue) -> str:
    """Say who would receive an issue, with the number only if it can be counted at once."""
    if audience_is_large(issue):
        return everybody_on_list(issue)
    return audience_sentence(issue)


def everybody_on_list(issue: Issue) -> str:
    """Return the words for the audience of an issue whose people are not counted yet."""
    return in_words(choice_for(issue), issue.publication)


def audience_sentence(issue: Issue) -> str:
    """Say how many people would receive an issue now, and how that differs from the last issue that was sent."""
    return audience_words(issue, audience_size(issue))


def audience_words(issue: Issue, now: int) -> str:
    """Say the same for a number of people that the caller has counted."""
    people = counted(now, "person", "people")
    sent = Mailing.objects.filter(issue__publication=issue.publication_id, purpose=Mailing.Purpose.ISSUE)
    before = sent.exclude(issue=issue).first()
    if before is None:
        return f"{people} (this is the first issue)" if now else people
    more = now - before.audience
    if more == 0:
        return f"{people} (the same number as for the last issue)"
    if more > 0:
        return f"{people} ({more:,} more than for the last issue)"
    return f"{people} ({-more:,} fewer than for the last issue)"
