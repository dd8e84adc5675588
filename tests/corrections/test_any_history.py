"""Whatever happened to people, in five issues and since: a correction reaches exactly whom a simple model names."""

import random
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.articles.models import Article
from newsletter.corrections.approve_notice import approve_notice, render_notice
from newsletter.corrections.readers import Absence, CorrectionReaders
from newsletter.corrections.send_notice import send_notice
from newsletter.issues.correct_article import make_correction
from newsletter.issues.models import Issue
from newsletter.sending.models import Batch, Mailing, Recipient
from subscribers.consent_log import ConsentSource
from subscribers.models import Subscriber, Subscription, Suppression
from subscribers.suppression import suppress
from tests.corrections.conftest import TEXT, WRONG_IN, deliver
from tests.full import rounds

PEOPLE = 60
GOT = {Recipient.State.ACCEPTED, Recipient.State.UNKNOWN}
NOW = ("active", "active", "active", "unsubscribed", "pending", "paused", "suppressed", "removed")
LEFT_OUT = {
    "unsubscribed": Absence.UNSUBSCRIBED,
    "pending": Absence.PENDING,
    "paused": Absence.PAUSED,
    "suppressed": Absence.SUPPRESSED,
    "removed": Absence.NOT_ON_LIST,
}


def history(chance, publication, article, other):
    """Write five issues with recipients in any state. Return who received the article, by number."""
    people = Subscriber.objects.bulk_create(
        Subscriber(address=f"reader{n}@example.org", address_key=f"reader{n}@example.org")
        for n in range(PEOPLE)
    )
    Subscription.objects.bulk_create(
        Subscription(subscriber=each, list=publication.mailing_list, state="active") for each in people
    )
    received = set()
    for number in range(1, 6):
        issue = Issue.objects.create(
            publication=publication, number=number, state=Issue.State.SENT, composed_at=timezone.now()
        )
        issue.items.create(article=article if number in WRONG_IN else other, position=1)
        # A removed article was not in the issue.
        issue.items.create(article=other if number in WRONG_IN else article, position=2, dropped=True)
        mailing = Mailing.objects.create(
            issue=issue,
            mailing_list=publication.mailing_list,
            planned_at=timezone.now(),
            state=Mailing.State.SENT,
        )
        variant = mailing.variants.create(number=1, email={}, digest="")
        batch = Batch.objects.create(mailing=mailing, variant=variant, number=1, state=Batch.State.ANSWERED)
        for each in chance.sample(people, PEOPLE // 3):
            state = chance.choice(list(Recipient.State))
            Recipient.objects.create(mailing=mailing, issue=issue, batch=batch, subscriber=each, state=state)
            if number in WRONG_IN and state in GOT:
                received.add(each.pk)
    return people, received


def become(person, state):
    mine = Subscription.objects.filter(subscriber=person)
    match state:
        case "unsubscribed" | "pending":
            mine.update(state=state)
        case "paused":
            mine.update(paused_until=timezone.localdate() + timedelta(days=9))
        case "suppressed":
            suppress(person.address, Suppression.Reason.MANUAL, ConsentSource("editor"))
        case "removed":
            mine.delete()


@pytest.mark.parametrize("number", rounds(20))
def test_a_correction_reaches_whom_the_model_names(publication, article, other_article, way_out, number):
    chance = random.Random(f"history {number}")
    people, received = history(chance, publication, article, other_article)
    now = {each.pk: chance.choice(NOW) for each in people}
    for each in people:
        become(each, now[each.pk])
    made = make_correction(article.pk, TEXT)
    seen = render_notice(made, publication).digest
    reached = {pk for pk in received if now[pk] == "active"}
    absent = Counter(LEFT_OUT[now[pk]] for pk in received - reached)
    readers = CorrectionReaders(made, publication)
    assert (readers.count(), readers.left_out()) == (len(reached), dict(absent))
    for reason in Absence:
        named = {each.subscriber for each in readers.people_left_out(reason, at_most=PEOPLE).people}
        assert named == {pk for pk in received - reached if LEFT_OUT[now[pk]] is reason}
    send_notice(approve_notice(made.pk, publication, seen=seen), without_undo=True)
    deliver()
    numbers = dict(Recipient.objects.filter(issue=None).values_list("pk", "subscriber"))
    assert Counter(numbers[each] for each in way_out.taken.elements()) == dict.fromkeys(reached, 1)
    assert Article.objects.count() == 2
