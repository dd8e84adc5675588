"""Test letters: as real as can be, and no trace of them in the ledger."""

import json
import mailbox
import re
from datetime import timedelta
from email import policy

import pytest
import time_machine
from django.utils import timezone

from newsletter.issues.models import Issue
from newsletter.scheduling.approval import approve
from newsletter.sending.models import Batch, Mailing, Recipient
from newsletter.sending.outcomes import Accepted, NotSent, Rejected
from subscribers import suppression
from subscribers.consent_log import ConsentSource
from subscribers.models import SourceKind, Subscription
from tests.sending.planned_mailing import planned_mailing
from tests.sending.scripted_transport import answering

EDITOR = ConsentSource(SourceKind.EDITOR, "edda")
LINK = re.compile(r"https?://[^\s<>\"]+")


def emails(home):
    box = mailbox.Maildir(home / "outbox", create=False)
    return [mailbox_policy(message) for message in box]


def mailbox_policy(message):
    from email import message_from_bytes

    return message_from_bytes(message.as_bytes(), policy=policy.default)


def links_in(message):
    text = message.get_body(("plain",)).get_content()
    return [link.removeprefix("http://localhost:8000") for link in LINK.findall(text) if "localhost" in link]


@pytest.fixture
def stranger_email(cli, issue, home):
    assert cli("issues", "test", "1", "--to", "Edda <edda@desk.example.net>").code == 0
    return emails(home)[0]


def test_a_test_letter_is_marked_in_its_subject_and_goes_to_any_address(stranger_email):
    assert stranger_email["Subject"] == "[Test] Tides"
    assert stranger_email["To"].addresses[0].addr_spec == "edda@desk.example.net"
    assert "Tides explained" in stranger_email.get_body(("html",)).get_content()


def test_a_test_letter_leaves_the_ledger_and_the_issue_alone(cli, issue, join, home):
    join("ana")
    before = Issue.objects.values().get()
    assert cli("issues", "test", "1", "--to", "ana@example.org").code == 0
    assert Issue.objects.values().get() == before
    assert [model.objects.count() for model in (Mailing, Batch, Recipient)] == [0, 0, 0]
    approve(issue)
    assert cli("issues", "send", "1", "--without-undo", "--json").out.count('"accepted": 1') == 1
    assert len(emails(home)) == 2


def test_every_link_for_a_stranger_works_and_changes_nothing(stranger_email, client, join):
    join("ana")
    found = links_in(stranger_email)
    assert len(found) >= 3
    for link in found:
        assert client.get(link).status_code == 200, link
    leave = next(link for link in found if "/leave/" in link)
    for answer in (client.get(leave), client.post(leave), client.post(leave, {"act": "reason"})):
        assert "This was a test email" in answer.content.decode()
    one_click = re.search(r"/one-click/[^>]+", stranger_email["List-Unsubscribe"])[0]
    clicked = client.post(one_click, {"List-Unsubscribe": "One-Click"})
    assert clicked.status_code == 200
    assert b"test email" in clicked.content
    assert Subscription.objects.get().state == Subscription.State.ACTIVE


def test_a_draft_can_be_read_online_by_the_link_in_its_test_letter_only(stranger_email, client, issue):
    online = next(link for link in links_in(stranger_email) if "trial=" in link)
    assert client.get(online).status_code == 200
    assert client.get("/harbour/1/").status_code == 404
    assert client.get("/harbour/1/?trial=" + "1:x:y").status_code == 404
    Issue.objects.create(publication=issue.publication, number=2, composed_at=timezone.now())
    assert client.get(online.replace("/harbour/1/", "/harbour/2/")).status_code == 404
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert client.get(online).status_code == 404


def test_a_reader_of_the_list_gets_links_of_their_own(cli, issue, join, home, client):
    [ana] = join("ana")
    cli("issues", "test", "1", "--to", "Ana@Example.org")
    leave = next(link for link in links_in(emails(home)[0]) if "/leave/" in link)
    client.post(leave)
    ana.refresh_from_db()
    assert ana.state == Subscription.State.UNSUBSCRIBED


def test_several_addresses_get_one_letter_each_and_the_same_one_only_once(cli, issue, way_out):
    result = cli("issues", "test", "1", "--to", "a@example.org", "b@example.org", "A@EXAMPLE.ORG", "--json")
    assert [each["address"] for each in json.loads(result.out)] == ["A@EXAMPLE.ORG", "b@example.org"]
    assert len(way_out.posts) == 2
    assert len({post.trace.mailing for post in way_out.posts}) == 2


def test_what_is_no_address_is_said_before_anything_goes(cli, issue, way_out):
    assert cli("issues", "test", "1", "--to", "a@example.org", "--to", "nonsense").code == 2
    assert cli("issues", "test", "1", "--to", *[f"a{n}@example.org" for n in range(21)]).code == 2
    assert way_out.posts == []


def test_a_suppressed_address_gets_no_test_letter_either(cli, issue, way_out):
    suppression.suppress("gone@example.org", suppression.Reason.COMPLAINT, EDITOR)
    result = cli("issues", "test", "1", "--to", "a@example.org", "--to", "gone@example.org")
    assert result.code == 1
    assert "is suppressed (complaint)" in result.err
    assert way_out.posts == []


@pytest.mark.parametrize(
    ("answer", "word"), [(Rejected("No such mailbox."), "rejected"), (NotSent("Later."), "not sent")]
)
def test_a_letter_that_was_not_accepted_is_said_and_not_repeated(cli, issue, way_out, answer, word):
    way_out.plan = answering(answer)
    result = cli("issues", "test", "1", "--to", "a@example.org", "--json")
    assert result.code == 1
    assert json.loads(result.out)[0]["answer"] == word
    assert json.loads(result.out)[0]["reason"] == answer.reason
    assert len(way_out.posts) == 1


def test_once_a_mailing_is_planned_the_test_is_of_the_frozen_letter(cli, issue, join, way_out):
    join("ana")
    planned_mailing(issue, planned_by="edda")
    Issue.objects.update(subject="Changed afterwards")
    way_out.plan = answering(Accepted())
    cli("issues", "test", "1", "--to", "a@example.org")
    assert way_out.posts[0].email.subject == "[Test] Tides"
