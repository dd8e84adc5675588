"""Home: what needs attention, what is being sent, what comes next, what was sent last, and the first steps."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.articles.models import Article, ArticleReview, Source
from newsletter.issues.draft_new_issue import draft_empty
from newsletter.issues.edit_issue_texts import set_subject
from newsletter.issues.models import Issue, Publication
from newsletter.scheduling.add_or_change_series import add_series
from newsletter.scheduling.approval import approve
from newsletter.scheduling.pause_or_remove_series import pause_series
from newsletter.scheduling.release import block_issue
from newsletter.scheduling.schedule import schedule_at, send_after_undo_window
from newsletter.sending import mailing_controls
from newsletter.sending.batches import send_next_batch
from newsletter.sending.defer_mailing import defer_mailing
from newsletter.sending.models import Mailing, Recipient
from newsletter.tracking.stored_figures import count_next_figures, store_report
from newsletter.web.desk.home.review_attention import review_rows
from tests.sending.planned_mailing import planned_mailing


def home(desk_of, name="amir"):
    return desk_of(name).get("/desk/").content.decode()


def main(page):
    return page.partition("<main")[2].partition("</main>")[0]


def test_an_empty_installation_leads_an_administrator_to_the_first_step(desk_of):
    page = home(desk_of, "ada")
    assert "Nothing needs your attention." in page
    assert 'href="/desk/start/publication/"' in page
    assert "`" not in main(page)
    assert "Ask an administrator to describe your newsletter" in home(desk_of, "ruth")


def test_the_first_steps_stay_until_an_issue_is_sent_to_people(desk_of, ruths_draft, amara, people):
    page = home(desk_of)
    assert "First steps" in page
    assert main(page).count("(done)") == 4
    assert 'href="/desk/settings/sending/"' in home(desk_of, "ada")
    assert 'href="/desk/settings/sending/"' not in home(desk_of, "ruth")
    with acting_as(people["amir"]):
        mailing = planned_mailing(ruths_draft)
    while send_next_batch(mailing.pk):
        pass
    # The emails were only saved in a folder.
    page = home(desk_of)
    assert main(page).count("(done)") == 4
    assert "Choose how emails are sent" in page
    Mailing.objects.update(transport="smtp")
    page = home(desk_of)
    assert "First steps" not in page
    assert "Latest results" in page


def test_a_draft_needs_the_attention_of_whoever_may_approve_it(desk_of, ruths_draft):
    page = home(desk_of)
    assert "Needs approval" in page
    assert ruths_draft.subject in page
    assert "One thing needs your attention." in page
    assert "Last edited by ruth" in page


def test_a_draft_of_ones_own_stands_under_attention_too(desk_of, ruths_draft):
    page = home(desk_of, "ruth")
    assert "One thing needs your attention." in page
    assert "Continue" in page
    assert "Needs approval" not in page


def test_whoever_worked_on_an_issue_that_needs_a_second_person_is_not_asked_to_approve_it(
    desk_of, people, ruths_draft
):
    ruths_draft.publication.four_eyes = True
    ruths_draft.publication.save()
    with acting_as(people["amir"]):
        set_subject(ruths_draft, "Amir's subject")
    assert "Needs approval" not in home(desk_of)
    assert "Needs approval" in home(desk_of, "ada")


def test_a_blocked_issue_says_why(desk_of, ruths_draft):
    with transaction.atomic():
        block_issue(ruths_draft, "It was not approved in time.")
    page = home(desk_of)
    assert "Blocked" in page
    assert "It was not approved in time." in page


def test_a_draft_that_would_miss_its_time_says_so(desk_of, ruths_draft):
    schedule_at(ruths_draft, timezone.now() + timedelta(hours=3))
    page = home(desk_of)
    assert "but it is not approved" in page
    assert "One thing needs your attention." in page


def test_a_paused_mailing_says_why(desk_of, ruths_draft):
    mailing_controls.pause_mailing(planned_mailing(ruths_draft).pk, "A wrong headline.")
    page = home(desk_of)
    assert "A wrong headline." in page
    assert "Being sent now" not in page


def test_reviews_that_are_overdue_or_due_soon_are_shown_to_those_who_can_record_them(
    desk_of, ruths_draft, publication
):
    today = timezone.localdate(timezone=publication.tzinfo)
    assert "Review" not in main(home(desk_of, "ruth"))
    first, second = Article.objects.filter(pk__in=ruths_draft.items.values("article")).order_by("pk")[:2]
    ArticleReview.objects.create(article=second, due_on=today + timedelta(days=15))
    assert "within 14 days" not in main(home(desk_of, "ruth"))
    ArticleReview.objects.update(due_on=today + timedelta(days=14))
    assert "1 review is due within 14 days." in main(home(desk_of, "ruth"))
    ArticleReview.objects.create(article=first, due_on=today - timedelta(days=1))
    page = main(home(desk_of, "ruth"))
    assert "1 review is overdue and 1 review is due within 14 days." in page
    assert f"#calendar-{publication.slug}" in page
    assert "Review overdue" in page
    with acting_as(Actor("omar", frozenset({Role.APPROVER}))):
        assert list(review_rows(None)) == []


def test_a_source_that_fails_says_why(desk_of, publication):
    Source.objects.filter(name="harbour-news").update(
        error="It did not answer.", failing_since=timezone.now()
    )
    page = home(desk_of, "ruth")
    assert "Source failing" in page
    assert "It did not answer." in page


def test_many_sources_that_fail_are_one_row(desk_of, publication):
    now = timezone.now()
    Source.objects.bulk_create(
        Source(
            name=f"s{number}",
            location=f"https://s{number}.example/feed",
            failing_since=now,
            error="No answer.",
        )
        for number in range(5)
    )
    page = main(home(desk_of, "ruth"))
    assert "5 sources are failing." in page
    assert page.count("Source failing") == 1


def test_an_empty_draft_does_not_need_approval(desk_of, publication, people):
    with acting_as(people["ruth"]):
        draft_empty(publication)
    page = main(home(desk_of))
    assert "Needs approval" not in page
    assert "This issue is empty." in page


def test_people_whom_an_email_may_not_have_reached_are_counted_while_it_is_sent(desk_of, ruths_draft, amara):
    mailing = planned_mailing(ruths_draft)
    Recipient.objects.filter(batch__mailing=mailing).update(state=Recipient.State.UNKNOWN)
    assert "We do not know whether 1 person received the email." in home(desk_of)


def test_an_issue_that_is_approved_and_has_no_time_waits_for_an_approver(desk_of, ruths_draft):
    approve(ruths_draft)
    assert "This issue has no send time yet." in home(desk_of)


def test_what_is_scheduled_is_next_up_in_the_zone_of_its_publication(desk_of, ruths_draft):
    approve(ruths_draft)
    schedule_at(ruths_draft, timezone.now() + timedelta(days=7))
    page = home(desk_of)
    assert "Nothing needs your attention." in page
    assert "It will be sent on Monday 30 November at 09:00 GMT (Europe/London)." in page


def test_what_can_still_be_undone_is_being_sent_now(desk_of, ruths_draft):
    approve(ruths_draft)
    send_after_undo_window(ruths_draft)
    page = home(desk_of)
    assert "Being sent now" in page
    assert "It will be sent in 5 minutes." in page


def test_a_mailing_shows_how_far_it_came(desk_of, ruths_draft):
    planned_mailing(ruths_draft)
    page = home(desk_of)
    assert "0 of 1 person." in page
    assert '<progress max="1" value="0"' in page
    assert "live.js" in page


@pytest.mark.parametrize("path", ["", "issues/harbour-letter/1/send/"])
def test_what_a_mailing_waits_for_is_said_in_the_words_and_the_time_zone_of_the_desk(
    desk_of, ruths_draft, path
):
    mailing = planned_mailing(ruths_draft)
    Publication.objects.update(zone="Europe/Paris")
    reason = "The SMTP server does not accept connections on port 25. "
    advice = "Check NEWSLETTER_SMTP_HOST and NEWSLETTER_SMTP_PORT."
    defer_mailing(mailing.pk, timezone.now() + timedelta(minutes=5), reason + advice)
    page = desk_of("amir").get(f"/desk/{path}").content.decode()
    assert (
        "Sending will continue on Monday 23 November at 10:05 CET. The SMTP server does not accept connections on "
        "port 25. Check the server and the port. An administrator can change this under Settings → Sending."
        in page
    )


def test_the_last_results_have_their_figures(desk_of, sent_issue):
    page = home(desk_of)
    assert "Sent on Monday 23 November at 09:00." in page
    assert "<dt>Sent</dt><dd>1</dd>" in page
    store_report(sent_issue.mailings.get())
    assert "<dt>Unsubscribed</dt><dd>0</dd>" in home(desk_of)


def test_figures_from_before_the_end_of_a_mailing_are_not_its_result(desk_of, people, ruths_draft, amara):
    with acting_as(people["amir"]):
        mailing = planned_mailing(ruths_draft)
    store_report(mailing)
    with time_machine.travel(timezone.now() + timedelta(seconds=30)):
        while send_next_batch(mailing.pk):
            pass
        assert "<dt>Sent</dt><dd>1</dd>" in home(desk_of)
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        assert count_next_figures()
        page = home(desk_of)
    assert "<dt>Sent</dt><dd>1</dd>" in page
    assert "<dt>Unsubscribed</dt><dd>0</dd>" in page


def test_recurring_issues_show_their_next_date_or_that_they_are_paused(desk_of, publication):
    series = add_series(publication, "every Tuesday at 07:30")
    assert "Next: Tuesday 24 November 2026, 07:30." in home(desk_of)
    pause_series(series)
    assert "This recurring issue is paused." in home(desk_of)


def test_no_page_shows_an_address_of_a_subscriber(desk_of, people, ruths_draft):
    with acting_as(people["amir"]):
        planned_mailing(ruths_draft)
    amir = desk_of("amir")
    for page in ("/desk/", "/desk/audit/", "/desk/issues/", "/desk/issues/harbour-letter/1/"):
        assert "amara@" not in amir.get(page).content.decode()


def queries(browser, path):
    browser.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize("path", ["/desk/", "/desk/issues/", "/desk/issues/new/"])
def test_a_page_takes_as_many_queries_for_a_hundred_things_as_for_ten(desk_of, publication, people, path):
    ruth = desk_of("ada")

    def ten_more():
        with acting_as(people["ruth"]):
            for number in range(10):
                issue = draft_empty(publication)
                Issue.objects.filter(pk=issue.pk).update(
                    state=[Issue.State.SENT, Issue.State.DRAFT, Issue.State.BLOCKED][number % 3],
                    sent_at=timezone.now(),
                )

    ten_more()
    few = queries(ruth, path)
    for _ in range(9):
        ten_more()
    assert queries(ruth, path) <= few
    # PostgreSQL is asked in four queries which database this is, SQLite in none.
    assert few <= (31 if connection.vendor == "sqlite" else 35)


def test_a_page_with_a_thousand_drafts_shows_a_few_and_leads_to_all(desk_of, publication, people):
    now = timezone.now()
    Issue.objects.bulk_create(
        Issue(publication=publication, number=number, subject=f"Draft {number}", composed_at=now)
        for number in range(1, 1_001)
    )
    page = home(desk_of)
    assert "More than 6 things need your attention." in page
    assert 'href="?attention=all#attention"' in page
    assert main(page).count('<li class="row">') == 6
    page = desk_of("amir").get("/desk/?attention=all").content.decode()
    assert 'href="/desk/issues/?state=open"' in page
    assert main(page).count('<li class="row">') == 200


def test_titles_of_others_are_text(desk_of, ruths_draft):
    Article.objects.update(title="<script>alert(1)</script>")
    set_subject(ruths_draft, "<script>alert(1)</script>" * 9)
    page = home(desk_of)
    assert "<script>alert" not in page
    assert "two-lines" in page
