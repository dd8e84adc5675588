"""Editors are notified of reviews that have fallen due: of each once, and of all of a day together."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from newsletter.accounts.actor import Role
from newsletter.accounts.users import add_user
from newsletter.articles.models import Article, ArticleReview
from newsletter.issues.models import Issue, Item, TopicRule
from newsletter.notifications.detectors import HOURLY_DETECTORS
from newsletter.notifications.models import Notification, NotificationMail, NotifiedReview
from newsletter.notifications.write_notifications import write_next_notification
from tests.issues.conftest import make_publication, source, weekly, write  # noqa: F401 - fixtures of a stage before

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 9, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def carried(weekly, write):  # noqa: F811
    """Write an article that an issue of a newsletter carries, due on a day: `carried("Walking", MONDAY.date())`."""
    add_user("ruth", password="a long password", address="ruth@example.org", roles=[Role.EDITOR])
    add_user("omar", password="a long password", address="omar@example.org", roles=[Role.APPROVER])

    def carry(title, due_on=None, publication=weekly, article=None, **fields):
        article = article or write(title, **fields)
        issue = Issue.objects.filter(publication=publication).first() or Issue.objects.create(
            publication=publication, number=1, composed_at=MONDAY
        )
        Item.objects.create(issue=issue, article=article, position=issue.items.count() + 1)
        if due_on:
            ArticleReview.objects.update_or_create(article=article, defaults={"due_on": due_on})
        return article

    return carry


def notified_at(moment):
    """Write every notification that reviews give at a time, and return those that are new."""
    before = set(Notification.objects.values_list("pk", flat=True))
    with time_machine.travel(moment, tick=False):
        for _ in range(20):
            if not write_next_notification(HOURLY_DETECTORS):
                return list(Notification.objects.exclude(pk__in=before).order_by("pk"))
    raise AssertionError("There was always another notification.")


def test_reviews_of_one_day_are_one_notification_for_those_who_can_record_them(carried):
    walking = carried("Walking", MONDAY.date())
    carried("Running", date(2026, 11, 1))
    carried("Later", date(2026, 11, 10))
    [told] = notified_at(MONDAY)
    assert told.subject == "Reviews due: Weekly"
    assert told.text.split("\n\n") == [
        "2 articles are due for review.",
        "“Running”: 1 November 2026",
        "“Walking”: 9 November 2026",
    ]
    assert told.link == "/desk/articles/reviews/#calendar-weekly"
    assert told.data["articles"][1] == {"article": walking.pk, "due_on": "2026-11-09"}
    assert set(told.mails.values_list("user__username", flat=True)) == {"ruth"}


def test_each_article_is_notified_once_for_each_day_on_which_it_is_due(carried):
    walking = carried("Walking", MONDAY.date())
    assert len(notified_at(MONDAY)) == 1
    for hours in (1, 5, 24, 48, 24 * 20):
        assert notified_at(MONDAY + timedelta(hours=hours)) == []
    ArticleReview.objects.filter(article=walking).update(due_on=date(2027, 11, 9))
    assert notified_at(MONDAY + 30 * DAY) == []
    [told] = notified_at(datetime(2027, 11, 9, 12, tzinfo=UTC))
    assert told.data["due"] == 1
    assert NotifiedReview.objects.count() == 2


def test_what_falls_due_later_on_the_same_day_waits_until_the_next(carried):
    carried("Walking", MONDAY.date())
    notified_at(MONDAY)
    running = carried("Running", MONDAY.date())
    assert notified_at(MONDAY + timedelta(hours=3)) == []
    [told] = notified_at(MONDAY + DAY)
    assert [each["article"] for each in told.data["articles"]] == [running.pk]


def test_a_rule_for_a_topic_makes_articles_due_each_by_its_own_date(carried, weekly):  # noqa: F811
    carried("Walking", topics=["Cancer"], at=datetime(2025, 11, 9, 12, tzinfo=UTC))
    carried("Running", topics=["Cancer"], at=datetime(2025, 11, 10, 12, tzinfo=UTC))
    assert notified_at(MONDAY) == []
    TopicRule.objects.create(publication=weekly, topic="Cancer", key="cancer", review_months=12)
    assert [told.data["due"] for told in notified_at(MONDAY)] == [1]
    assert [told.data["due"] for told in notified_at(MONDAY + DAY)] == [1]


def test_each_newsletter_that_carried_an_article_notifies_its_own_people(carried, make_publication):  # noqa: F811
    daily = make_publication("daily")
    carried("Walking", MONDAY.date(), daily, article=carried("Walking", MONDAY.date()))
    assert {told.publication.slug for told in notified_at(MONDAY)} == {"weekly", "daily"}


def test_withdrawn_articles_and_archived_newsletters_are_left_out(carried, weekly):  # noqa: F811
    walking = carried("Walking", MONDAY.date())
    Article.objects.filter(pk=walking.pk).update(withdrawn_at=MONDAY)
    assert notified_at(MONDAY) == []
    Article.objects.filter(pk=walking.pk).update(withdrawn_at=None)
    weekly.archived_at = MONDAY
    weekly.save()
    assert notified_at(MONDAY) == []


def test_a_thousand_reviews_are_one_email_that_names_twenty(carried, write):  # noqa: F811
    carried("First", MONDAY.date())
    Article.objects.bulk_create(
        Article(
            source=Article.objects.get().source, identity=f"x{number}", title=f"No. {number}", found_at=MONDAY
        )
        for number in range(1_000)
    )
    issue = Issue.objects.get()
    others = list(Article.objects.filter(identity__startswith="x"))
    Item.objects.bulk_create(Item(issue=issue, article=each, position=9) for each in others)
    ArticleReview.objects.bulk_create(
        ArticleReview(article=each, due_on=date(2026, 11, 2)) for each in others
    )
    [told] = notified_at(MONDAY)
    assert (told.data["due"], len(told.data["articles"])) == (1_001, 20)
    assert told.text.endswith("and 981 more")
    assert NotificationMail.objects.count() == 1
    assert NotifiedReview.objects.count() == 1_001
