"""The pages for the rules for topics, the review of an article, and the calendar of reviews."""

import html
import re
from datetime import date, timedelta

import lxml.html
import pytest
from django.utils import timezone

from newsletter.articles.models import Article, ArticleReview, list_articles
from newsletter.issues.models import TopicRule

TOPICS = "/desk/settings/publications/harbour-letter/topics/"
CALENDAR = "/desk/articles/reviews/"
TIDES = {
    "topic-1": "Tides",
    "needs_reference-1": "on",
    "review_months-1": "6",
    "says_not_advice-1": "on",
    "emergency_numbers-1": "999",
    "notice-1": "Ask the harbour master.",
}


def text(response):
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split()))


def seen_in(response, after="<main"):
    return re.search(r'name="seen" value="([^"]*)"', response.content.decode().partition(after)[2])[1]


def test_rules_are_saved_shown_and_removed(desk_of, publication):
    ada = desk_of("ada")
    done = ada.post(TOPICS, {**TIDES, "seen": seen_in(ada.get(TOPICS))}, follow=True)
    assert "The rules for topics were saved." in text(done)
    rule = TopicRule.objects.get()
    assert (rule.topic, rule.review_months, rule.emergency_numbers) == ("Tides", 6, "999")
    assert rule.notice == {publication.language: "Ask the harbour master."}
    page = ada.get(TOPICS)
    assert 'value="Tides"' in page.content.decode()
    ada.post(TOPICS, {"seen": seen_in(page)})
    assert not TopicRule.objects.exists()


def test_a_topic_that_no_article_has_is_named_and_the_known_ones_are_offered(desk_of, publication, article):
    Article.objects.filter(pk=article.pk).update(topics=["Tides", "Harbour-seals"])
    list_articles(Article.objects.filter(pk=article.pk))
    ada = desk_of("ada")
    assert '<option value="Harbour-seals">' in ada.get(TOPICS).content.decode()
    typed = {**TIDES, "topic-1": "Tidse", "seen": seen_in(ada.get(TOPICS))}
    assert "The rules for topics were saved. No article has the topic “Tidse” yet." in text(
        ada.post(TOPICS, typed, follow=True)
    )
    assert "No article has the topic “Tidse” yet. Check the spelling." in text(ada.get(TOPICS))
    typed = {**TIDES, "topic-1": "harbour seals", "seen": seen_in(ada.get(TOPICS))}
    assert "No article has" not in text(ada.post(TOPICS, typed, follow=True))


def test_rules_for_topics_that_a_colleague_changed_are_not_overwritten_unseen(desk_of, publication):
    ada = desk_of("ada")
    seen = seen_in(ada.get(TOPICS))
    ada.post(TOPICS, {**TIDES, "seen": seen})
    refused = ada.post(TOPICS, {"topic-1": "Boats", "seen": seen})
    assert refused.status_code == 409
    assert "Saved now" in text(refused)
    assert "reviewed every 6 months" in text(refused)
    assert 'value="Boats"' in refused.content.decode()


def test_what_is_wrong_with_a_rule_is_said_beside_its_field(desk_of, publication):
    refused = desk_of("ada").post(TOPICS, {"topic-1": "Tides", "review_months-1": "soon"})
    assert refused.status_code == 422
    assert "Enter a number of months from 1 to 120." in text(refused)
    assert 'value="soon"' in refused.content.decode()


@pytest.fixture
def article(sent_issue):
    return sent_issue.items.filter(dropped=False).first().article


def test_a_review_is_saved_and_in_the_calendar(desk_of, article):
    ruth, today = desk_of("ruth"), timezone.now().date()
    page = ruth.get(f"/desk/articles/{article.pk}/")
    days = {"reviewed_on": "2026-01-31", "due_on": (today + timedelta(days=40)).isoformat()}
    typed = {**days, "seen": seen_in(page, 'id="review"')}
    done = ruth.post(f"/desk/articles/{article.pk}/review/", typed, follow=True)
    assert "The review was saved." in text(done)
    assert 'value="2026-01-31"' in done.content.decode()
    calendar = text(ruth.get(CALENDAR))
    assert article.title in calendar
    assert "Last reviewed on 31 January 2026" in calendar
    assert "Overdue" not in calendar
    ArticleReview.objects.update(due_on=today - timedelta(days=1))
    overdue = [each for each in ArticleReview.objects.all() if each.due_on < today]
    assert f"Overdue {len(overdue)}" in text(ruth.get(CALENDAR))


def test_saving_a_review_can_be_undone(desk_of, article):
    ruth, path = desk_of("ruth"), f"/desk/articles/{article.pk}/review/"
    ArticleReview.objects.create(article=article, reviewed_on=date(2026, 2, 1))
    seen = seen_in(ruth.get(f"/desk/articles/{article.pk}/"), 'id="review"')
    done = ruth.post(path, {"reviewed_on": "2026-03-03", "due_on": "2027-03-03", "seen": seen}, follow=True)
    toast = lxml.html.fromstring(done.content).cssselect("[data-toast] form")[0]
    assert toast.get("action") == path
    ruth.post(path, dict(toast.form_values()))
    review = ArticleReview.objects.get(article=article)
    assert (review.reviewed_on, review.due_on) == (date(2026, 2, 1), None)


def test_a_review_that_a_colleague_changed_is_not_overwritten_unseen(desk_of, article):
    ruth = desk_of("ruth")
    seen = seen_in(ruth.get(f"/desk/articles/{article.pk}/"), 'id="review"')
    ArticleReview.objects.create(article=article, reviewed_on=date(2026, 2, 1))
    path = f"/desk/articles/{article.pk}/review/"
    refused = ruth.post(path, {"reviewed_on": "2026-03-03", "due_on": "", "seen": seen})
    assert refused.status_code == 409
    assert "Last reviewed: 2026-02-01" in text(refused)
    assert 'value="2026-03-03"' in refused.content.decode()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"reviewed_on": "31 March"}, "Enter a date such as 2026-03-31."),
        ({"reviewed_on": "2999-01-01"}, "cannot be in the future"),
        ({"reviewed_on": "0001-01-01"}, "cannot be before 1900"),
        ({"reviewed_on": "2026-02-01", "due_on": "2026-01-01"}, "must be after the last one"),
    ],
)
def test_a_day_that_cannot_be_right_is_said_beside_its_field(desk_of, article, typed, said):
    refused = desk_of("ruth").post(f"/desk/articles/{article.pk}/review/", typed)
    assert refused.status_code == 422
    assert said in text(refused)
    for day in typed.values():
        assert f'value="{day}"' in refused.content.decode()


def test_the_calendar_shows_only_newsletters_of_the_person(desk_of, article, publication):
    Article.objects.filter(pk=article.pk).update(topics=["Tides"])
    TopicRule.objects.create(publication=publication, topic="Tides", key="tides", review_months=1)
    assert article.title in text(desk_of("ruth").get(CALENDAR))
    assert article.title not in text(desk_of("sam").get(CALENDAR))
