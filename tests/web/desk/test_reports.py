"""The pages of reports: who may see and export what, in how many queries, and what an empty desk says."""

import re

import lxml.html
import pytest
from django.utils import timezone

from newsletter.feedback.models import UsefulAnswer
from newsletter.issues.models import AuditEntry
from newsletter.sending.models import Mailing, Recipient
from newsletter.sending.recipient_counts import RecipientCounts
from newsletter.tracking import stored_figures
from newsletter.tracking.stored_figures import count_next_figures
from newsletter.web.desk.reports.report_view import _what_next
from tests.web.desk.second_factors import just_now

pytestmark = pytest.mark.django_db
REPORT = "/desk/issues/harbour-letter/1/report/"


def text(answer):
    return b"".join(answer).decode() if answer.streaming else answer.content.decode()


def test_without_a_sent_issue_the_page_says_what_will_be_here(desk_of, publication):
    assert "No reports yet" in text(desk_of("ruth").get("/desk/reports/"))


def test_an_issue_that_was_not_sent_has_no_report(desk_of, ruths_draft):
    for path, what in ((REPORT, "report"), (f"{REPORT}web-page/", "web page")):
        answer = desk_of("ruth").get(path)
        assert answer.status_code == 404
        assert f"has not been sent, so it has no {what} yet" in text(answer)


def test_the_report_says_what_became_of_everybody(desk_of, sent_issue):
    page = text(desk_of("ruth").get(REPORT))
    assert "The email was accepted for delivery." in page
    assert "Everybody the email was meant for. This is the total of the rows above." in page
    assert "This server saved the emails in a folder instead of sending them" in page
    assert f'href="{REPORT}"' in text(desk_of("ruth").get("/desk/issues/harbour-letter/1/send/"))


def test_people_of_whom_nobody_knows_are_said_and_lead_to_the_decision(desk_of, sent_issue):
    Recipient.objects.update(state=Recipient.State.UNKNOWN)
    page = text(desk_of("ruth").get(REPORT))
    assert "1 person may or may not have got the email" in page
    assert 'href="/desk/issues/harbour-letter/1/mailing/unconfirmed/"' in page


def test_a_large_issue_that_is_not_counted_yet_says_so_and_looks_again(desk_of, sent_issue, monkeypatch):
    monkeypatch.setattr(stored_figures, "LIVE_AUDIENCE", 0)
    page = text(desk_of("ruth").get(REPORT))
    assert "We are still counting" in page
    assert "live.js" in page
    while count_next_figures():
        pass
    page = text(desk_of("ruth").get(REPORT))
    assert "We are still counting" not in page
    assert "live.js" not in page


@pytest.mark.parametrize("path", ["/desk/reports/", REPORT, f"{REPORT}web-page/"])
def test_a_page_needs_as_many_queries_for_one_issue_as_for_many(
    desk_of, sent_issue, copies_of_sent, path, django_assert_max_num_queries
):
    browser = desk_of("ruth")
    counts = []
    for number in (1, 15):
        copies_of_sent(number)
        while count_next_figures():
            pass
        with django_assert_max_num_queries(30) as queries:
            assert browser.get(path).status_code == 200
        counts.append(len(queries))
    assert counts[1] <= counts[0] + 1


def test_the_list_goes_on_to_older_issues(desk_of, sent_issue, copies_of_sent):
    copies_of_sent(25)
    browser = desk_of("ruth")
    first = text(browser.get("/desk/reports/"))
    assert "Week 25" in first
    assert "Week 5<" not in first
    [older] = [part.split('"')[0] for part in first.split('href="?before=')[1:]]
    second = text(browser.get(f"/desk/reports/?before={older}"))
    assert "Week 5<" in second
    assert "Week 25" not in second
    assert browser.get("/desk/reports/?before=x").status_code == 200


def test_the_answers_about_each_article_are_the_rows_that_readers_confirmed(desk_of, sent_issue, amara):
    assert "Was this useful?" not in text(desk_of("ruth").get(REPORT))
    item = sent_issue.items.get(lead=True)
    UsefulAnswer.objects.create(
        issue=sent_issue, article=item.article, subscriber=amara, useful=True, answered_at=timezone.now()
    )
    page = text(desk_of("ruth").get(REPORT))
    row = page[page.index("Answers about each article") :]
    assert re.findall(r'<td class="number">(\d+)</td>', row)[:2] == ["1", "0"]


def test_links_are_downloaded_as_a_spreadsheet(desk_of, sent_issue):
    answer = desk_of("ruth").get(f"{REPORT}links.csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "harbour-letter-1-links.csv" in answer["Content-Disposition"]
    assert text(answer).startswith("\ufeffplace in the email,text,address,people who clicked")


def test_only_an_administrator_downloads_people_and_that_is_recorded(desk_of, sent_issue):
    refused = desk_of("amir").post(f"{REPORT}people.csv")
    assert refused.status_code == 409
    assert "Only an administrator" in text(refused)
    assert "Only an administrator" in text(desk_of("amir").get(REPORT))
    assert not AuditEntry.objects.filter(act="export").exists()
    assert "amara@example.com,accepted" in text(just_now(desk_of("ada")).post(f"{REPORT}people.csv"))
    assert AuditEntry.objects.get(act="export").actor == "ada"


def test_a_get_on_an_act_leads_to_its_page(desk_of, sent_issue):
    browser = desk_of("ada")
    assert browser.get(f"{REPORT}people.csv")["Location"] == REPORT
    assert browser.get(f"{REPORT}web-page/withdraw/")["Location"] == f"{REPORT}web-page/"


def test_an_editor_sees_who_can_change_the_web_page(desk_of, sent_issue):
    page = text(desk_of("ruth").get(f"{REPORT}web-page/"))
    assert page.count("Only an approver can") == 2
    answer = desk_of("ruth").post(f"{REPORT}web-page/withdraw/", {"why": "Because."})
    assert answer.status_code == 409
    assert "Only an approver" in text(answer)


def test_what_was_typed_is_shown_again_beside_its_error(desk_of, sent_issue):
    answer = desk_of("amir").post(
        f"{REPORT}web-page/correct/", {"note": "It was <12>.", "old": "no such words", "new": "x"}
    )
    assert answer.status_code == 422
    assert "It was &lt;12&gt;." in text(answer)
    assert "We could not find “no such words” on the web page." in text(answer)


def test_a_figure_that_nobody_reports_is_not_shown_as_0(desk_of, sent_issue, settings):
    count_next_figures()
    Mailing.objects.update(transport="smtp")
    page = lxml.html.document_fromstring(text(desk_of("ruth").get(REPORT)))
    shown = {
        row.cssselect("th")[0].text: row.cssselect("td")[1].text_content().strip()
        for row in page.cssselect("#acts ~ .table-scroll tbody tr")
    }
    assert (shown["Opened"], shown["Clicked"], shown["Unsubscribed"]) == ("–", "–", "0.0 %")
    assert "does not report who opened" in page.text_content()
    row = lxml.html.document_fromstring(text(desk_of("ruth").get("/desk/reports/"))).cssselect("td")
    assert [each.text_content() for each in row[1:3]] == ["–", "–"]
    Mailing.objects.update(transport="sendgrid")
    assert "does not report who opened" not in text(desk_of("ruth").get(REPORT))


def test_a_report_of_emails_that_were_saved_in_a_folder_says_that_nobody_received_them(desk_of, sent_issue):
    count_next_figures()
    ruth, send = desk_of("ruth"), "/desk/issues/harbour-letter/1/send/"
    assert Mailing.objects.get().transport == "maildir"
    assert "in a folder on the server. Nobody received the email." in text(ruth.get(REPORT))
    assert "Nobody received the email, because sending was not set up." in text(ruth.get(send))
    Mailing.objects.update(transport="smtp")
    assert "Nobody received" not in text(ruth.get(REPORT)) + text(ruth.get(send))


@pytest.mark.parametrize(
    ("counts", "says"),
    [
        (
            RecipientCounts(audience=40, accepted=40),
            "accepted for delivery to all 40 people. You do not have to do anything more.",
        ),
        (
            RecipientCounts(audience=40, accepted=30, waiting=10),
            "It has been accepted for delivery to 30 of 40 people",
        ),
        (
            RecipientCounts(audience=40, accepted=38, unknown=2),
            "We do not know yet whether 2 people received it.",
        ),
        (RecipientCounts(audience=40, accepted=38, rejected=2), "It was rejected for the others"),
        (RecipientCounts(audience=40, accepted=38, skipped=2), "The others were left out"),
    ],
)
def test_the_report_begins_with_how_it_went_and_what_to_do(counts, says):
    assert says in _what_next(counts, "sendgrid")
