"""Articles fall due for review by a day of their own or by the rule for a topic, and the calendar shows them."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.articles.models import Article, ArticleReview
from newsletter.errors import InvalidFields, Refused
from newsletter.issues.article_reviews import due_day, due_reviews, record_review, review_version
from newsletter.issues.compose import compose
from newsletter.issues.edit_issue_articles import drop
from newsletter.issues.models import AuditEntry, Issue
from newsletter.issues.topic_rules import WantedRule, change_topic_rules, rules_of
from newsletter.preflight.all_checks import check_now
from newsletter.preflight.approve_issue import approve_checked
from newsletter.preflight.overrule_error import overrule

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 9, 12, tzinfo=UTC)
YEARLY = WantedRule(topic="Cancer", review_months="12")
MONTHLY = WantedRule(topic="Medicines", review_months="1")


def due(article, publication):
    article = Article.objects.get(pk=article.pk)
    review = ArticleReview.objects.filter(article=article).first()
    return due_day(article, review, rules_of(publication), publication)


@time_machine.travel(NOON, tick=False)
def test_an_article_falls_due_by_the_strictest_rule_for_its_topics(weekly, write):
    article = write(topics=["cancer", "Medicines"], at=datetime(2026, 1, 31, 12, tzinfo=UTC))
    assert due(article, weekly) is None
    change_topic_rules(weekly, [YEARLY])
    assert due(article, weekly) == date(2027, 1, 31)
    change_topic_rules(weekly, [YEARLY, MONTHLY])
    assert due(article, weekly) == date(2026, 2, 28)
    record_review(article.pk, reviewed_on=date(2026, 11, 1), due_on=None)
    assert due(article, weekly) == date(2026, 12, 1)
    record_review(article.pk, reviewed_on=date(2026, 11, 1), due_on=date(2028, 2, 29))
    assert due(article, weekly) == date(2028, 2, 29)


def test_an_article_without_a_date_counts_from_when_we_found_it(weekly, write):
    change_topic_rules(weekly, [YEARLY])
    article = write(topics=["Cancer"], undated=True, found=datetime(2026, 5, 1, 23, 30, tzinfo=UTC))
    assert due(article, weekly) == date(2027, 5, 2)  # in London, where it is already the second


def test_within_a_year_each_article_becomes_overdue_on_its_day_and_not_before(weekly, write):
    with time_machine.travel(NOON, tick=False):
        change_topic_rules(weekly, [YEARLY])
        article = write("Walking", topics=["Cancer"], at=NOON)
        record_review(article.pk, reviewed_on=NOON.date(), due_on=None)
        issue = compose(weekly)
    found = []
    for day in range(0, 400, 5):
        with time_machine.travel(NOON + timedelta(days=day), tick=False):
            if any(each.rule == "reviews.overdue" for each in check_now(issue)):
                found.append(day)
    assert found == list(range(370, 400, 5))
    with time_machine.travel(NOON + timedelta(days=365), tick=False):
        assert not [each for each in check_now(issue) if each.rule == "reviews.overdue"]
    with time_machine.travel(NOON + timedelta(days=366), tick=False):
        (overdue,) = [each for each in check_now(issue) if each.rule == "reviews.overdue"]
    assert overdue.what == "The review of “Walking” was due on 9 November 2027."
    assert overdue.blocks_approval


@time_machine.travel(NOON, tick=False)
def test_an_overdue_article_is_carried_only_with_a_reason(weekly, write):
    article = write("Walking")
    record_review(article.pk, reviewed_on=None, due_on=date(2026, 11, 8))
    issue = compose(weekly)
    with pytest.raises(Refused, match=r"The review of “Walking” was due on 8 November 2026\."):
        approve_checked(issue)
    errors = [each for each in check_now(issue) if each.blocks_approval]
    assert "reviews.overdue" in [each.rule for each in errors]
    for error in errors:
        overrule(issue, error.fingerprint, "The evidence has not changed.")
    approve_checked(issue)
    assert "The evidence has not changed." in AuditEntry.objects.filter(act="overrule").first().sentence
    assert Issue.objects.get().state == Issue.State.APPROVED


@time_machine.travel(NOON, tick=False)
def test_the_calendar_has_what_issues_carried_in_the_order_of_their_days(weekly, make_publication, write):
    change_topic_rules(weekly, [YEARLY])
    later, soon = write("Later", topics=["Cancer"]), write("Soon", topics=["Cancer"])
    dropped, own = write("Dropped", topics=["Cancer"]), write("Own day")
    write("No rule", topics=["Sleep"])
    record_review(soon.pk, reviewed_on=date(2025, 1, 1), due_on=None)
    record_review(own.pk, reviewed_on=None, due_on=date(2026, 12, 24))
    issue = compose(weekly)
    drop(issue, dropped.pk)
    write("Never carried", topics=["Cancer"])
    found = due_reviews(weekly, until=date(2027, 12, 31))
    assert [(each.title, each.due_on) for each in found] == [
        ("Soon", date(2026, 1, 1)),
        ("Own day", date(2026, 12, 24)),
        ("Later", date(2027, 11, 9)),
    ]
    assert [each.title for each in due_reviews(weekly, until=date(2026, 12, 31))] == [
        "Soon",
        "Own day",
    ]
    assert due_reviews(make_publication("monthly"), until=date(2027, 12, 31)) == []
    Article.objects.filter(pk=soon.pk).update(withdrawn_at=NOON)
    assert [each.article for each in due_reviews(weekly, until=date(2027, 12, 31))] == [own.pk, later.pk]
    change_topic_rules(weekly, [])
    assert [each.article for each in due_reviews(weekly, until=date(2027, 12, 31))] == [own.pk]


@time_machine.travel(NOON, tick=False)
def test_a_review_is_recorded_and_not_overwritten(weekly, write):
    article = write("Walking")
    seen = review_version(article)
    assert record_review(article.pk, reviewed_on=date(2026, 11, 1), due_on=None, seen=seen)
    assert not record_review(article.pk, reviewed_on=date(2026, 11, 1), due_on=None)
    with pytest.raises(Refused, match="Somebody else has changed the review"):
        record_review(article.pk, reviewed_on=None, due_on=None, seen=seen)
    entry = AuditEntry.objects.get(thing=f"article {article.pk}")
    assert entry.sentence == "Changed the review of “Walking”."
    assert entry.changes == {"reviewed_on": [None, "2026-11-01"]}
    with acting_as(Actor("sam", frozenset({Role.SENDER}))), pytest.raises(Refused, match="author role"):
        record_review(article.pk, reviewed_on=None, due_on=None)


@time_machine.travel(NOON, tick=False)
@pytest.mark.parametrize(
    ("reviewed_on", "due_on", "field"),
    [
        (date(2026, 11, 11), None, "reviewed_on"),
        (date(1066, 1, 1), None, "reviewed_on"),
        (date(2026, 11, 1), date(2026, 10, 1), "due_on"),
        (None, date(9999, 1, 1), "due_on"),
    ],
)
def test_days_that_cannot_be_right_are_refused(write, reviewed_on, due_on, field):
    with pytest.raises(InvalidFields) as error:
        record_review(write().pk, reviewed_on=reviewed_on, due_on=due_on)
    assert set(error.value.fields) == {field}


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_the_calendar_has_exactly_the_articles_whose_day_has_come(weekly, write, zone):
    """Also at the ends of months, which are of different lengths, and in the first and the last time zone."""
    weekly.zone = zone
    weekly.save()
    change_topic_rules(weekly, [YEARLY, MONTHLY])
    begin = datetime(2025, 12, 24, 0, 30, tzinfo=UTC)
    for number in range(80):
        topics = (["Medicines"], ["CANCER", "Medicines"], ["Cancer"], ["Tides"])[number % 4]
        article = write(topics=topics, at=begin + timedelta(hours=23 * number), undated=number % 5 == 0)
        if number % 7 == 0:
            record_review(article.pk, reviewed_on=date(2026, 1, 28 + number % 4), due_on=None)
        if number % 11 == 0:
            record_review(article.pk, reviewed_on=None, due_on=date(2026, 2, 20 + number // 11))
    compose(weekly)
    Issue.objects.update(state=Issue.State.SENT)
    articles = list(Article.objects.all())
    carried = set(Issue.objects.get().items.filter(dropped=False).values_list("article", flat=True))
    assert len(carried) > 5
    days = {each.pk: due(each, weekly) for each in articles if each.pk in carried}
    for number in range(0, 120, 3):
        until = date(2026, 1, 20) + timedelta(days=number)
        expected = {(day, key) for key, day in days.items() if day is not None and day <= until}
        assert {(each.due_on, each.article) for each in due_reviews(weekly, until=until)} == expected
