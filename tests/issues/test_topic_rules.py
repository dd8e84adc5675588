"""A publication's rules for topics are checked, kept apart from other people's changes, and recorded."""

from datetime import date

import pytest

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.articles.models import Article, ArticleReview
from newsletter.errors import InvalidFields, Refused
from newsletter.issues.article_reviews import due_day
from newsletter.issues.compose import compose
from newsletter.issues.models import AuditEntry, Item, Publication, TopicRule
from newsletter.issues.topic_rules import (
    MOST_RULES,
    WantedRule,
    change_topic_rules,
    has_notice_in,
    own_notice,
    rules_of,
    rules_on,
    rules_version,
    wanted_rules,
)

pytestmark = pytest.mark.django_db
CANCER = WantedRule(
    topic=" Prostate  cancer",
    needs_reference=True,
    review_months="24",
    says_not_advice=True,
    emergency_numbers="999",
    notice="Ask our nurses.",
)


def test_rules_are_stored_as_a_form_shows_them(weekly):
    assert change_topic_rules(weekly, [CANCER, WantedRule(topic="Sleep")])
    cancer, sleep = wanted_rules(weekly)
    assert (cancer.topic, cancer.review_months, cancer.notice) == ("Prostate cancer", "24", "Ask our nurses.")
    assert sleep == WantedRule(topic="Sleep")
    assert not change_topic_rules(weekly, [sleep, cancer])
    entry = AuditEntry.objects.get(act="topic-rules")
    assert entry.changes["rules"][0] == []
    assert "reviewed every 24 months" in entry.changes["rules"][1][0]


def test_rules_that_changed_are_not_overwritten(weekly):
    seen = rules_version(weekly)
    change_topic_rules(weekly, [CANCER], seen=seen)
    with pytest.raises(Refused, match="Somebody else has changed"):
        change_topic_rules(weekly, [], seen=seen)


def test_only_an_administrator_changes_rules(weekly):
    with (
        acting_as(Actor("ruth", frozenset({Role.EDITOR}))),
        pytest.raises(Refused, match="administrator role"),
    ):
        change_topic_rules(weekly, [CANCER])


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ([WantedRule(topic="", notice="x")], "topic-1"),
        ([CANCER, WantedRule(topic="PROSTATE cancer")], "topic-2"),
        ([WantedRule(topic="a", review_months="0")], "review_months-1"),
        ([WantedRule(topic="a", review_months="121")], "review_months-1"),
        ([WantedRule(topic="a", review_months="²")], "review_months-1"),
        ([WantedRule(topic="a", emergency_numbers="9" * 101)], "emergency_numbers-1"),
        ([WantedRule(topic="a", notice="x" * 501)], "notice-1"),
        ([WantedRule(topic=f"t{number}") for number in range(MOST_RULES + 1)], "topic-1"),
    ],
)
def test_what_is_wrong_is_said_by_the_number_of_the_rule(weekly, wanted, field):
    with pytest.raises(InvalidFields) as error:
        change_topic_rules(weekly, wanted)
    assert set(error.value.fields) == {field}


def test_a_rule_applies_whatever_the_capitals_of_the_topic(weekly, write):
    write("One", topics=["PROSTATE CANCER"])
    write("Two", topics=["Walking"])
    change_topic_rules(weekly, [CANCER, WantedRule(topic="Sleep")])
    items = list(compose(weekly).items.select_related("article"))
    assert [rule.topic for rule in rules_on(items, rules_of(weekly))] == ["Prostate cancer"]


def test_a_notice_is_in_the_language_of_the_email_if_there_is_one():
    rule = TopicRule(notice={"cy": "Cymraeg", "en-GB": "English"})
    assert [own_notice(rule, tag) for tag in ("en-GB", "en-US", "cy", "de")] == [
        *("English", "English", "Cymraeg", "Cymraeg")
    ]
    assert [has_notice_in(rule, tag) for tag in ("en", "cy-GB", "de")] == [True, True, False]


def test_a_notice_in_another_language_stays_when_the_publication_changes_its_language(weekly):
    change_topic_rules(weekly, [CANCER])
    Publication.objects.update(language="cy")
    weekly = Publication.objects.get()
    assert wanted_rules(weekly)[0].notice == ""
    change_topic_rules(weekly, [WantedRule(topic="Prostate cancer", notice="Gofynnwch.")])
    assert TopicRule.objects.get().notice == {"en-GB": "Ask our nurses.", "cy": "Gofynnwch."}


@pytest.mark.parametrize("topic", ["Living well", "living-well", "LIVING_WELL", "  living   well "])
@pytest.mark.parametrize("of_article", ["Living well", "living-well", "Living-Well"])
def test_spellings_of_a_topic_are_one_topic_for_its_rule(weekly, topic, of_article):
    change_topic_rules(weekly, [WantedRule(topic=topic, needs_reference=True, review_months="12")])
    item = Item(article=Article(topics=[of_article]))
    rules = rules_of(weekly)
    assert rules_on([item], rules) == rules
    reviewed = ArticleReview(article=item.article, reviewed_on=date(2026, 1, 31))
    assert due_day(item.article, reviewed, rules, weekly) == date(2027, 1, 31)
