"""Five issues, three of which carried an article that was wrong, and readers who came and left between them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.articles.models import Article, Correction, Source
from newsletter.issues.correct_article import CorrectionText, make_correction
from newsletter.issues.models import Issue, Item
from newsletter.sending.batches import send_next_batch
from subscribers.consent_log import ConsentSource
from subscribers.models import Subscriber, Subscription, Suppression
from subscribers.suppression import suppress
from tests.sending.conftest import join, publication, way_out  # noqa: F401
from tests.sending.planned_mailing import planned_mailing

WRONG_IN = (1, 3, 5)


@pytest.fixture
def article(publication):  # noqa: F811
    source = Source.objects.create(name="site", location="https://harbour.example.org/feed")
    return Article.objects.create(
        source=source,
        url="https://harbour.example.org/wrong",
        title="Tides explained",
        identity="wrong",
        found_at=timezone.now(),
    )


@pytest.fixture
def other_article(article):
    return Article.objects.create(
        source=article.source,
        url="https://harbour.example.org/right",
        title="Boats",
        identity="right",
        found_at=timezone.now(),
    )


@pytest.fixture
def send_issue(publication, article, other_article):  # noqa: F811
    """Send the next issue to everybody who is on the list now: `send_issue(1)`."""

    def send(number):
        issue = Issue.objects.create(
            publication=publication, number=number, subject=f"Tides {number}", composed_at=timezone.now()
        )
        Item.objects.create(issue=issue, article=article if number in WRONG_IN else other_article, lead=True)
        mailing = planned_mailing(issue, planned_by="edda")
        deliver(mailing.pk)
        return issue

    return send


def deliver(mailing=None):
    """Send every due batch."""
    for _batch in range(1_000):
        if not send_next_batch(mailing):
            return
    pytest.fail("After 1,000 batches, there was still one to send.")


def set_state(name, state, **fields):
    Subscription.objects.filter(subscriber__address=f"{name}@example.org").update(state=state, **fields)


def address(name):
    return f"{name}@example.org"


@pytest.fixture
def five(send_issue, join, way_out):  # noqa: F811
    """Five issues. Who got the article: ana (1, 3, 5), ben (1), cem (3), dora (5), eve, finn, gwen, hugo (1).

    Since then, eve has left, finn is suppressed, gwen has paused, and hugo was erased. Ida got the issues 2 and 4
    alone, and jo joined after all of them.
    """
    active, gone = Subscription.State.ACTIVE, Subscription.State.UNSUBSCRIBED
    everybody = ("ana", "ben", "cem", "dora", "eve", "finn", "gwen", "hugo", "ida")
    join(*everybody)
    on_list = {
        1: {"ana", "ben", "eve", "finn", "gwen", "hugo"},
        2: {"ana", "ida"},
        3: {"ana", "cem"},
        4: {"ida"},
        5: {"ana", "dora"},
    }
    issues = []
    for number, names in on_list.items():
        for name in everybody:
            set_state(name, active if name in names else gone)
        issues.append(send_issue(number))
    for name in everybody:
        set_state(name, active)
    set_state("eve", gone, left_at=timezone.now())
    suppress(address("finn"), Suppression.Reason.COMPLAINT, ConsentSource("editor"))
    set_state("gwen", active, paused_until=timezone.localdate() + timedelta(days=30))
    Subscriber.objects.filter(address=address("hugo")).delete()
    join("jo")
    way_out.taken.clear()
    return issues


TEXT = CorrectionText(
    right="Tides follow the moon, not the wind.",
    said="Tides follow the wind.",
    why="We confused two tables.",
    severity=Correction.Severity.SERIOUS,
)


@pytest.fixture
def correction(five, article):
    return make_correction(article.pk, TEXT)
