from datetime import timedelta

import time_machine

from newsletter.articles.models import Correction
from newsletter.issues.article_corrections import (
    corrections_of_publication,
    corrections_since_last_issue,
    corrections_since_sent,
    issues_that_told,
)
from newsletter.issues.cancel_issue import cancel_issue
from newsletter.issues.compose import compose
from newsletter.issues.edit_issue_articles import drop
from newsletter.issues.models import Approval, Issue


def correct(article, day, text="A figure was wrong."):
    return Correction.objects.create(article=article, corrected_on=day, text=text)


def test_readers_hear_of_corrections_to_what_they_were_sent(weekly, write, noon):
    article = write()
    compose(weekly, now=noon)
    made = correct(article, noon.date() + timedelta(days=2))
    assert corrections_since_last_issue(weekly) == [made]


def test_a_correction_is_not_told_twice(weekly, write, noon, later):
    article = write()
    compose(weekly, now=noon)
    made = correct(article, noon.date() + timedelta(days=2))
    write(at=later - timedelta(hours=1))
    second = compose(weekly, now=later)
    assert corrections_since_last_issue(weekly, before=second) == [made]
    assert corrections_since_last_issue(weekly) == []


def test_what_readers_never_got_needs_no_correction(weekly, write, noon):
    dropped, sent, never = write(hours=1), write(hours=2), write(hours=-50)
    drop(compose(weekly, now=noon), dropped.pk)
    for article in (dropped, never):
        correct(article, noon.date() + timedelta(days=1))
    correct(sent, noon.date() - timedelta(days=1))
    assert corrections_since_last_issue(weekly) == []


def test_a_cancelled_issue_told_readers_nothing(weekly, write, noon):
    article = write()
    cancel_issue(compose(weekly, now=noon))
    correct(article, noon.date() + timedelta(days=1))
    assert corrections_since_last_issue(weekly) == []


def test_a_correction_of_tomorrow_waits_for_its_day_and_is_told_once(weekly, write, noon):
    def approve(issue, moment):
        Approval.objects.create(issue=issue, emails=[], digest="", day=moment.date(), approved_at=moment)

    hour, next_noon = timedelta(hours=1), noon + timedelta(days=1)
    article = write()
    first = compose(weekly, now=noon)
    approve(first, noon + hour)
    made = correct(article, next_noon.date())
    Correction.objects.update(found_at=noon)
    first.state, first.sent_at = Issue.State.SENT, next_noon
    first.save()
    write(at=noon + hour)
    second = compose(weekly, now=noon + 2 * hour)
    with time_machine.travel(noon + 2 * hour):
        assert corrections_since_last_issue(weekly, before=second) == []
        assert corrections_since_sent(first) == []
        assert not corrections_of_publication(weekly).exists()
    with time_machine.travel(next_noon):
        assert corrections_since_last_issue(weekly, before=second) == [made]
        assert corrections_since_sent(first) == [made]
        assert corrections_of_publication(weekly).get() == made
        approve(second, next_noon)
        assert corrections_since_last_issue(weekly) == []


def test_the_email_shows_what_an_issue_told_that_was_approved_while_the_clock_was_ahead(
    weekly, write, noon, later
):
    article = write()
    first = compose(weekly, now=noon)
    first.state, first.sent_at = Issue.State.SENT, noon
    first.save()
    told, after = (
        Correction.objects.create(
            article=article, corrected_on=noon.date(), text=text, made_at=noon + timedelta(hours=at)
        )
        for at, text in ((1, "It was 12\nof 200."), (3, "The quay is in Leith."))
    )
    write(at=noon + timedelta(hours=1))
    second = compose(weekly, now=noon + timedelta(hours=2))
    Approval.objects.create(
        issue=second,
        emails=[{"email": {"text": "Correction: It was 12 of\n200. Thank you."}}],
        digest="",
        day=noon.date(),
        approved_at=noon + timedelta(days=1, hours=2),
    )
    with time_machine.travel(noon + timedelta(hours=4)):
        assert corrections_since_last_issue(weekly) == [after]
        assert list(issues_that_told(told, [weekly])) == [second]
        assert not issues_that_told(after, [weekly]).exists()
