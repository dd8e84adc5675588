"""The preview is the email that a test, an approval and sending use, byte for byte, and reading it changes nothing."""

import re
from dataclasses import replace
from email import message_from_bytes, policy

import lxml.html
import pytest

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.articles.models import Article
from newsletter.errors import NotFound, Refused
from newsletter.issues.models import Issue, Item, Publication, SavedSegment
from newsletter.rendering.email_set import stored_emails
from newsletter.scheduling.approval import approve
from newsletter.sending import transports
from newsletter.sending.engines.local import LocalEngine
from newsletter.sending.preview_email import preview_of
from newsletter.sending.preview_readers import random_reader, reader_named, reader_numbered, readers_like
from newsletter.sending.send_now import send_now
from newsletter.sending.send_test_emails import current_emails, preview_for_anyone, send_test_emails
from subscribers.models import List, Subscription
from tests.fakes.smtp import FakeSmtp
from tests.sending.test_send_test_emails_once import all_rows, changed_models

PERSONAL_LINK = re.compile(
    r"http://localhost:8000/(?:[a-z-]*/)*(?:leave/|preferences/|\d+/\?(?:trial|reader)=)[^\s\"<>]*"
)


@pytest.fixture
def smtp(settings, issue):
    """A real SMTP server on a socket, and the transport that sends to it."""
    with FakeSmtp() as server:
        changes = {
            "transport": "smtp",
            "smtp_host": "127.0.0.1",
            "smtp_port": server.port,
            "smtp_security": "none",
        }
        settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update=changes)
        transports._set_up.cache_clear()
        yield server
        transports._set_up.cache_clear()


@pytest.fixture
def long_issue(issue):
    """An issue with everything that differs by person, and texts outside ASCII."""
    issue.subject, issue.preheader = (
        "{{ first_name }}, Łódź im Winter — 🎗️",
        "Was {{ first_name }} wissen sollte",
    )
    issue.opening = (
        "Dear {{ first_name }},\n\n**two** lines, a [link](https://harbour.example.org/a?b=1&c=2)."
    )
    issue.save()
    for n in range(3):
        article = Article.objects.create(
            source=Article.objects.get(pk=issue.items.first().article_id).source,
            url=f"https://harbour.example.org/a{n}",
            title=f"Ebb & flow <{n}>",
            identity=f"flow{n}",
            found_at=issue.composed_at,
        )
        Item.objects.create(issue=issue, article=article, position=n + 1)
    return issue


def delivered(message):
    found = message_from_bytes(message, policy=policy.default)
    return found["Subject"], part(found, "html"), part(found, "plain")


def part(message, kind):
    return message.get_body((kind,)).get_content().replace("\r\n", "\n")


def shown(email):
    return email.subject, email.html, email.text


def impersonal(texts):
    """The texts of an email with each personal link replaced, ready to be compared."""
    subject, html, text = (PERSONAL_LINK.sub("LINK", each) for each in texts)
    return subject, html.rstrip("\n"), text.rstrip("\n")


def test_preview_test_approved_and_sent_are_equal_but_for_personal_links_and_the_mark(long_issue, join, smtp):
    join("sam")
    [reader] = Subscription.objects.all()
    previewed = preview_of(long_issue, reader)
    send_test_emails(long_issue, ["sam@example.org"])
    approval = approve(long_issue)
    send_now(long_issue, without_undo=True)
    LocalEngine(long_issue.mailings.get().pk).run()
    tested, sent = map(delivered, smtp.messages)
    approved = preview_for_anyone(stored_emails(approval.emails, approval.digest).main, long_issue)
    assert previewed.digest == approval.digest
    assert tested[0] == f"[Test] {sent[0]}"
    assert impersonal(shown(previewed.email)) == impersonal(sent)
    assert impersonal((tested[0].removeprefix("[Test] "), *tested[1:])) == impersonal(sent)
    assert impersonal(shown(approved)) == impersonal(sent)
    assert "LINK" in impersonal(sent)[1]


def test_a_changed_byte_would_be_noticed(long_issue):
    email = preview_of(long_issue).email
    other = replace(email, html=email.html.replace("Ebb", "Ebc", 1))
    assert impersonal(shown(email)) != impersonal(shown(other))


@pytest.mark.parametrize("times", [4, pytest.param(100, marks=pytest.mark.full)])
def test_a_hundred_previews_change_no_row(long_issue, join, times):
    join("ana")
    [reader] = Subscription.objects.all()
    before = all_rows()
    for n in range(times):
        preview_of(long_issue, reader if n % 2 else None)
    assert changed_models(before) == set()


def test_a_preview_for_a_reader_has_their_name_and_links_that_belong_to_nobody(issue, join, client):
    issue.opening = "Dear {{ first_name }}"
    issue.save()
    [ana] = join("ana")
    preview = preview_of(issue, reader_numbered(issue, ana.pk))
    assert "Dear Ana" in preview.email.text
    assert (preview.reader, preview.unfilled) == ("Ana", ())
    [leave] = set(re.findall(r"http://localhost:8000(/\S*leave/\S*)", preview.email.text))
    assert "This was a test email" in client.post(leave).content.decode()
    ana.refresh_from_db()
    assert ana.state == Subscription.State.ACTIVE


@pytest.mark.parametrize(
    ("fallback", "said"), [("friend", "says “friend” instead"), ("", "leaves the name out")]
)
def test_a_field_without_a_value_is_said_to_be_missing(issue, join, fallback, said):
    issue.opening = "Dear {{ first_name }}"
    issue.save()
    issue.publication.first_name_fallback = fallback
    issue.publication.save()
    [ana] = join("ana")
    ana.subscriber.first_name = ""
    ana.subscriber.save()
    [sentence] = preview_of(issue, reader_numbered(issue, ana.pk)).unfilled
    assert sentence.startswith("First name: missing.")
    assert said in sentence


def test_a_field_without_a_value_is_marked_where_a_reader_sees_it_and_nowhere_else(issue, join):
    Issue.objects.update(subject="{{ first_name }}, look", opening="Dear {{ first_name }}, welcome")
    Publication.objects.update(first_name_fallback="<reader>")
    issue = Issue.objects.get()
    [ana] = join("ana")
    ana.subscriber.first_name = ""
    ana.subscriber.save()
    preview = preview_of(issue, reader_numbered(issue, ana.pk))
    document = lxml.html.document_fromstring(preview.marked.html)
    [mark] = document.iter("mark")
    assert mark.text == "[first name missing: <reader>]"
    assert "first name missing" not in document.findtext("head/title")
    assert "Dear [first name missing: <reader>], welcome" in preview.marked.text
    # Only the marks differ from the email that would be sent.
    assert "first name missing" not in preview.email.html
    unmarked = re.sub(r"<mark[^>]*>\[first name missing: (.*?)\]</mark>", r"\1", preview.marked.html)
    assert unmarked == preview.email.html
    ana.subscriber.first_name = "Ana"
    ana.subscriber.save()
    named = preview_of(issue, reader_numbered(issue, ana.pk))
    assert named.marked == named.email


def test_a_reader_at_random_is_one_who_would_receive_the_issue(issue, join):
    with pytest.raises(NotFound, match="Nobody would receive"):
        random_reader(issue)
    join("ana", "ben", "cem")
    join("dora", "eve", state="unsubscribed")
    found = {random_reader(issue).subscriber.first_name for _ in range(60)}
    assert found <= {"Ana", "Ben", "Cem"}
    assert len(found) > 1


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("language is de", "Sam"),
        ("first name is missing and language is de", ""),
        ("first name is Ana or first name is Ben", "Ana"),
        ("not first name is Ana", "Sam"),
        ("first name starts with Be", "Be"),
    ],
)
def test_a_made_up_member_of_a_segment_has_the_name_that_it_asks_for(issue, text, name):
    segment = SavedSegment.objects.create(mailing_list=issue.publication.mailing_list, name="Some", text=text)
    reader = reader_named(issue, f"segment-{segment.pk}")
    assert (reader.first_name, reader.subscription) == (name, None)
    assert "made-up member of the segment “Some”" in preview_of(issue, reader).reader


@pytest.mark.parametrize("name", ["segment-999999999", "segment-", "nobody", "999999999", "segment-²"])
def test_a_reader_who_does_not_exist_is_not_found(issue, name):
    with pytest.raises(NotFound):
        reader_named(issue, name)


def test_only_people_who_may_see_readers_see_the_email_as_one_of_them(issue, join):
    [ana] = join("ana")
    with acting_as(Actor("vera", roles=frozenset({Role.AUTHOR}))):
        for show in (lambda: reader_named(issue, str(ana.pk)), lambda: random_reader(issue)):
            with pytest.raises(Refused):
                show()
        assert reader_named(issue, "without-name").first_name == ""


def test_a_field_that_the_email_does_not_use_is_not_mentioned(issue, join):
    [ana] = join("ana")
    ana.subscriber.first_name = ""
    ana.subscriber.save()
    if "*|FIRST_NAME" not in current_emails(issue).main.html:
        assert preview_of(issue, reader_numbered(issue, ana.pk)).unfilled == ()


def test_readers_are_found_by_the_beginning_of_their_address_on_this_list_alone(issue, join):
    join("ana", "anatol", "ben")
    [stranger] = join("anabel")
    stranger.list = List.objects.create(slug="others", name="Others")
    stranger.save()
    assert [each.subscriber.address for each in readers_like(issue, " ANA")] == [
        "ana@example.org",
        "anatol@example.org",
    ]
    assert readers_like(issue, "") == []
    with pytest.raises(NotFound):
        reader_numbered(issue, stranger.pk)


def test_the_inbox_line_is_cut_as_a_phone_cuts_it(issue):
    issue.subject, issue.preheader = "A" * 30 + " " + "B" * 30, "Short"
    issue.save()
    inbox = preview_of(issue).inbox
    assert (inbox.sender, inbox.subject, inbox.preheader) == ("Harbour", "A" * 30 + "…", "Short")
    assert inbox.cut == ("A phone shows only about 40 of the 61 characters in the subject.",)
