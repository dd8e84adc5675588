"""A demand for a reference or a review counts when an issue is sent, also if it was met when the issue was approved."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from newsletter.articles.article_terms import ArticleTerms
from newsletter.articles.models import Article, ArticleReview
from newsletter.errors import Refused
from newsletter.issues.change_articles_for_all_issues import change_terms
from newsletter.issues.models import Issue, TopicRule
from newsletter.preflight.all_checks import check_now
from newsletter.preflight.demands_when_sent import send_checked, why_not_release, why_not_send_checked
from newsletter.preflight.models import PreflightSettings
from newsletter.preflight.overrule_error import overrule
from newsletter.scheduling.approval import approve
from newsletter.scheduling.release import release_next_issue
from newsletter.scheduling.schedule import schedule_at

State = Issue.State


def review_overdue(publication):
    TopicRule.objects.create(publication=publication, topic="Tides", key="tides", review_months=1)


def reference_missing(publication):
    TopicRule.objects.create(publication=publication, topic="Tides", key="tides", needs_reference=True)


def emailing_forbidden(_publication):
    change_terms(Article.objects.get().pk, {"mailing": "no"})


def emailing_forbidden_by_site(_publication):
    ArticleTerms.objects.create(
        article=Article.objects.get(), site_forbids=True, site_rights="Must not be redistributed."
    )


@pytest.fixture
def approved(issue, join, way_out):
    join("ana")
    # Nothing forbids emailing what is on the organisation’s own website.
    Article.objects.update(topics=["Tides"], url="https://elsewhere.example/a")
    ArticleReview.objects.create(
        article=Article.objects.get(), reviewed_on=timezone.localdate() - timedelta(days=60)
    )
    approve(issue)
    return Issue.objects.get()


UNMET = [
    (review_overdue, "The review of “"),
    (reference_missing, "needs a reference, because its topic is “Tides”"),
    (emailing_forbidden, "forbid emailing it"),
    (emailing_forbidden_by_site, "forbid emailing it"),
]


@pytest.mark.parametrize(("make", "words"), UNMET)
def test_a_rule_that_changed_after_the_approval_stops_sending(approved, publication, make, words):
    make(publication)
    assert words in why_not_send_checked(approved)
    with pytest.raises(Refused, match="or ask an approver to overrule the error, then send the issue"):
        send_checked(approved)
    assert Issue.objects.get().state == State.APPROVED


@pytest.mark.parametrize(("make", "words"), UNMET)
def test_a_rule_that_changed_after_scheduling_blocks_the_issue_at_its_time(
    approved, publication, make, words
):
    schedule_at(approved, timezone.now() + timedelta(hours=2))
    make(publication)
    with time_machine.travel(timezone.now() + timedelta(hours=2, minutes=1)):
        assert release_next_issue(why_not_release)
    blocked = Issue.objects.get()
    assert blocked.state == State.BLOCKED
    assert words in blocked.blocked_reason


def test_a_review_that_is_due_between_the_approval_and_the_time_blocks_the_issue(approved, publication):
    today = timezone.localdate()
    ArticleReview.objects.update(due_on=today + timedelta(days=2))
    assert why_not_send_checked(approved) == ""
    schedule_at(approved, timezone.now() + timedelta(days=4))
    assert "was due on" in why_not_release(Issue.objects.get())
    with time_machine.travel(timezone.now() + timedelta(days=4, minutes=1)):
        assert release_next_issue(why_not_release)
    assert "was due on" in Issue.objects.get().blocked_reason


def test_an_overruled_demand_and_one_that_is_only_a_warning_do_not_stop_sending(approved, publication):
    review_overdue(publication)
    [error] = [each for each in check_now(approved) if each.rule == "reviews.overdue"]
    overrule(approved, error.fingerprint, "The reviewer is ill")
    assert why_not_release(approved) == ""
    reference_missing_rule = TopicRule.objects.get()
    reference_missing_rule.needs_reference = True
    reference_missing_rule.save()
    assert why_not_release(approved)
    PreflightSettings.objects.create(publication=publication, levels={"references.missing": "warning"})
    assert why_not_release(approved) == ""
    schedule_at(approved, timezone.now() + timedelta(hours=2))
    with time_machine.travel(timezone.now() + timedelta(hours=2, minutes=1)):
        assert release_next_issue(why_not_release)
    assert Issue.objects.get().state == State.SENDING
