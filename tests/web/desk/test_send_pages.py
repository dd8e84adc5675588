"""The parts Review and Send at the desk: tests sent once, proof groups, findings that lead on, and people."""

import re
import uuid

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from lxml import html

from newsletter.issues.models import Approval, Issue, Item
from newsletter.preflight.finding import Place
from newsletter.scheduling.approval import approve
from newsletter.scheduling.models import Schedule
from newsletter.sending import transports
from newsletter.sending.models import ProofGroup, TestRequest
from newsletter.sending.outcomes import Rejected
from newsletter.sending.saved_not_sent import SAVED_NOT_SENT
from newsletter.web.desk.issue.shown_findings import address_of
from subscribers.models import Subscriber, Subscription
from tests.sending.scripted_transport import ScriptedTransport, answering

HERE = "/desk/issues/harbour-letter/1/"
MOST_QUERIES = 40
PAGES = ("review/", "send/", "preview/", "send/now/", "review/people/receives/", "state/", "email/facts/")


@pytest.fixture
def way_out(monkeypatch):
    transport = ScriptedTransport()
    monkeypatch.setitem(transports.TRANSPORTS, "maildir", lambda _environment: transport)
    transports._set_up.cache_clear()
    yield transport
    transports._set_up.cache_clear()


@pytest.fixture
def crowd(ruths_draft):
    """Put this many more people on the list: `crowd(100)`."""

    def join(count):
        people = Subscriber.objects.bulk_create(
            Subscriber(
                address=f"reader{n}@example.org", address_key=f"reader{n}@example.org", first_name=f"R{n}"
            )
            for n in range(count)
        )
        Subscription.objects.bulk_create(
            Subscription(subscriber=each, list=ruths_draft.publication.mailing_list, state="active")
            for each in people
        )

    return join


def text(answer):
    return answer.content.decode()


def test_a_test_form_that_is_posted_twice_sends_one_email_and_shows_what_came_of_it(
    desk_of, ruths_draft, way_out
):
    ruth = desk_of("ruth")
    [key] = re.findall(r'name="key" value="([^"]+)"', text(ruth.get(f"{HERE}send/")))
    for _ in range(2):
        answer = ruth.post(f"{HERE}test/", {"key": key, "to": "edda@desk.example.net"})
        assert answer.url == f"{HERE}send/#test"
    assert len(way_out.posts) == TestRequest.objects.count() == 1
    assert "The test email to edda@desk.example.net was saved in the server’s “outbox” folder." in text(
        ruth.get(f"{HERE}send/")
    )


def test_a_test_goes_to_oneself_unless_another_address_is_typed(desk_of, ruths_draft):
    get_user_model().objects.filter(username="ruth").update(email="ruth@desk.example.net")
    assert "ruth@desk.example.net</textarea>" in text(desk_of("ruth").get(f"{HERE}send/"))


def test_the_form_that_changes_the_send_time_begins_with_the_time_that_is_set(desk_of, ruths_draft):
    ruth = desk_of("ruth")
    ruth.post(f"{HERE}schedule/", {"at": "tomorrow 07:30"})
    shown = Schedule.objects.get().local_time.replace("T", " ")
    assert f'name="at" value="{shown}"' in text(ruth.get(f"{HERE}send/"))


def test_a_failed_test_email_is_shown_as_failed(desk_of, ruths_draft, way_out):
    way_out.plan = answering(Rejected("There is no such mailbox."))
    ruth = desk_of("ruth")
    ruth.post(f"{HERE}test/", {"key": uuid.uuid4(), "to": "edda@desk.example.net"})
    page = text(ruth.get(f"{HERE}send/"))
    assert '<span class="badge alarm">Failed</span> <span>edda@desk.example.net</span>' in page
    assert "Not sent. There is no such mailbox." in page


def test_a_wrong_address_is_said_beside_the_field_with_what_was_typed(desk_of, ruths_draft, way_out):
    answer = desk_of("ruth").post(f"{HERE}test/", {"key": uuid.uuid4(), "to": "edda@, tom"})
    assert answer.status_code == 422
    assert "“edda@” is not an email address" in text(answer)
    assert "edda@, tom</textarea>" in text(answer)
    assert way_out.posts == []


def test_a_proof_group_is_saved_used_and_removed_beside_the_test_form(desk_of, ruths_draft, way_out):
    ruth = desk_of("ruth")
    ruth.post(f"{HERE}test/group/", {"name": "Trustees", "addresses": "tom@example.net\ntess@example.net"})
    assert "Trustees (2)" in text(ruth.get(f"{HERE}send/"))
    ruth.post(f"{HERE}test/", {"key": uuid.uuid4(), "group": "Trustees", "to": "tom@example.net"})
    assert sorted(each.envelopes[0].address for each in way_out.posts) == [
        "tess@example.net",
        "tom@example.net",
    ]
    ruth.post(f"{HERE}test/group/remove/", {"name": "Trustees"})
    assert not ProofGroup.objects.exists()


def test_each_finding_leads_to_the_spot(desk_of, ruths_draft):
    Item.objects.filter(issue=ruths_draft, lead=True).update(headline="Ours")
    page = text(desk_of("ruth").get(f"{HERE}review/"))
    assert "Nobody has approved this issue yet." in page
    assert f'href="{HERE}send/#approve"' in page
    assert f'href="{HERE}details/#opening"' in page
    assert address_of(ruths_draft, Place("contents", article=7)) == f"{HERE}#entry-article-7"
    to_describe = address_of(ruths_draft, Place("contents", "alt", article=7))
    assert to_describe == f"{HERE}?edit=article%3A7#edit-alt"
    contents = text(desk_of("ruth").get(HERE))
    article = ruths_draft.items.first().article_id
    assert f'id="entry-article-{article}"' in contents


def test_who_sends_an_email_that_is_dated_for_another_day_is_told_its_new_date(desk_of, ruths_draft):
    approve(ruths_draft)
    amir = desk_of("amir")
    assert "If you send it now, it will be dated" not in text(amir.get(f"{HERE}send/now/"))
    Approval.objects.update(day="2031-01-05")
    page = text(amir.get(f"{HERE}send/now/"))
    assert "The approved email is dated 5 January 2031. If you send it now, it will be dated " in page


def test_an_issue_for_nobody_is_not_sent_and_says_why(desk_of, ruths_draft):
    amir = desk_of("amir")
    amir.post(f"{HERE}approve/")
    Subscription.objects.all().delete()
    page = amir.get(f"{HERE}send/")
    assert "has no active subscribers" in text(page)
    assert 'id="nobody"' in page.text
    assert "/desk/subscribers/add/" in page.text
    answer = amir.post(f"{HERE}send/now/")
    assert answer.status_code == 409
    assert "Nobody would receive" in text(answer)
    assert Issue.objects.get().state == "approved"


def test_the_people_behind_a_number_are_paged(desk_of, ruths_draft, crowd):
    crowd(60)
    ruth = desk_of("ruth")
    first = text(ruth.get(f"{HERE}review/people/receives/"))
    assert "R40" in first
    assert "R55" not in first
    [more] = re.findall(r'href="([^"]+\?after=\d+)"', first)
    assert "R55" in text(ruth.get(more))
    assert ruth.get(f"{HERE}review/people/nonsense/").status_code == 404
    assert ruth.get(f"{HERE}review/people/receives/?after={'9' * 5_000}").status_code == 200


def test_the_audience_is_counted_after_the_page_has_come(desk_of, ruths_draft, crowd, monkeypatch):
    monkeypatch.setattr("newsletter.sending.audience.LARGE", 10)
    crowd(20)
    ruth = desk_of("ruth")
    page = text(ruth.get(f"{HERE}review/"))
    assert f'hx-get="{HERE}review/audience/"' in page
    assert "21 people" not in page
    assert "everybody on the list" in text(ruth.get(f"{HERE}send/"))
    asked = ruth.get(f"{HERE}review/audience/", HTTP_HX_REQUEST="true")
    assert "21 people (this is the first issue)." in text(asked)
    assert "21 people (this is the first issue)." in text(ruth.get(f"{HERE}review/audience/", follow=True))


@pytest.mark.parametrize("page", PAGES)
def test_a_page_makes_as_many_queries_for_one_as_for_a_hundred(desk_of, ruths_draft, crowd, page):
    ruth = desk_of("ruth")
    ruth.get(HERE + page)
    with CaptureQueriesContext(connection) as few:
        assert ruth.get(HERE + page).status_code == 200
    crowd(100)
    with CaptureQueriesContext(connection) as many:
        ruth.get(HERE + page)
    # The checks ask every stage, each a fixed number of times.
    assert len(many) <= len(few) <= (2 * MOST_QUERIES if page == "review/" else MOST_QUERIES)


def test_looking_at_every_page_changes_no_row_of_the_issue(desk_of, ruths_draft):
    ruth = desk_of("ruth")
    before = Issue.objects.values().get()
    for page in (*PAGES, "email/", "email/?pictures=off", "email/text/", "send/when/?at=tomorrow"):
        assert ruth.get(HERE + page).status_code == 200
    assert Issue.objects.values().get() == before


def test_a_reader_is_found_and_shown_with_links_of_nobody(desk_of, ruths_draft, amara):
    ruth = desk_of("ruth")
    found = text(ruth.post(f"{HERE}email/reader/", {"reader": "ama"}))
    [number] = re.findall(r'data-as="(\d+)">amara@', found)
    shown = text(ruth.get(f"{HERE}preview/?as={number}"))
    assert "but the personal links do not work" in shown
    assert ruth.get(f"{HERE}email/?as={number}").status_code == 200
    assert "Nobody on the list" in text(ruth.post(f"{HERE}email/reader/", {"reader": "zz"}))


def test_pictures_off_changes_the_policy_alone(desk_of, ruths_draft):
    ruth = desk_of("ruth")
    with_them, without = ruth.get(f"{HERE}email/"), ruth.get(f"{HERE}email/?pictures=off")
    trial = re.compile(r"trial=[^\"]+")
    assert trial.sub("", text(with_them)) == trial.sub("", text(without))
    assert "img-src 'none'" in without["Content-Security-Policy"]
    assert "script-src" not in without["Content-Security-Policy"]


def test_somebody_who_asks_for_approval_is_told_if_nobody_else_can_approve(desk_of, ruths_draft):
    ada = desk_of("ada")
    told = text(ada.post(f"{HERE}approve/ask/", follow=True))
    assert "We are telling the approvers that the issue needs approval." in told
    get_user_model().objects.exclude(username="ada").update(is_active=False)
    alone = text(ada.post(f"{HERE}approve/ask/", follow=True))
    assert "Nobody else can approve issues of this newsletter, so we have not told anybody." in alone


def test_every_page_about_sending_says_that_emails_are_only_saved(desk_of, ruths_draft, settings):
    ada = desk_of("ada")
    pages = [f"{HERE}send/", f"{HERE}send/now/"]
    for page in pages:
        assert SAVED_NOT_SENT in text(ada.get(page))
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"transport": "smtp"})
    for page in pages:
        assert SAVED_NOT_SENT not in text(ada.get(page))


def test_the_question_before_sending_says_that_somebody_has_answered_it(desk_of, ruths_draft):
    approve(ruths_draft)
    ada = desk_of("ada")
    assert "Somebody has already selected “Send”." not in text(ada.get(f"{HERE}send/now/"))
    ada.post(f"{HERE}send/now/")
    again = text(ada.get(f"{HERE}send/now/"))
    assert "Somebody has already selected “Send”. This issue will be sent in" in again
    assert "disabled" in again


def test_everything_that_is_wrong_with_a_proof_group_is_said_at_its_field(desk_of, ruths_draft):
    answer = desk_of("ruth").post(f"{HERE}test/group/", {"name": "", "addresses": "", "seen": ""})
    page = html.fromstring(answer.content)
    assert answer.status_code == 422
    links = [each.get("href") for each in page.find_class("error-summary")[0].iter("a")]
    assert links == ["#group-name", "#group-addresses"]
    assert {page.get_element_by_id(each[1:]).get("aria-invalid") for each in links} == {"true"}
