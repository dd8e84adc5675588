"""People of several languages in one mailing get the notices of their own, once, by every transport."""

from collections import Counter
from datetime import timedelta
from email import message_from_bytes
from email import policy as mail_policy
from mailbox import Maildir

import orjson
import pytest
import time_machine
from django.utils import timezone
from pydantic import HttpUrl, SecretStr

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.articles.models import Article
from newsletter.issues.models import NoticeTranslation
from newsletter.issues.notice_translations import WantedText, change_notices_in
from newsletter.issues.page_urls import read_online_url
from newsletter.issues.topic_rules import WantedRule, change_topic_rules
from newsletter.notifications.detectors.reopened_approvals import reopened
from newsletter.scheduling.approval import approve, check_next_approval, valid_approval
from newsletter.scheduling.schedule import schedule_at
from newsletter.sending import transports
from newsletter.sending.batches import send_next_batch
from newsletter.sending.mailing_controls import stop_mailing
from newsletter.sending.models import Mailing
from newsletter.sending.outcomes import NotSent, RecipientsOutcome
from newsletter.sending.preview_email import preview_of
from newsletter.sending.preview_readers import reader_named
from newsletter.sending.recipient_counts import RecipientCounts, count_recipients
from newsletter.sending.recover_abandoned_batches import recover_abandoned_batches
from newsletter.sending.retry_mailing import retry_mailing
from newsletter.sending.send_test_emails import send_test_emails
from subscribers import signed_links
from subscribers.models import Subscriber
from subscribers.signed_links import Purpose
from tests.fakes.sendgrid import FakeSendGrid
from tests.fakes.smtp import FakeSmtp
from tests.sending.planned_mailing import planned_mailing
from tests.sending.scripted_transport import Crash, Took, take_all

CALL = "In an emergency, call 999."
TEXTS = {
    "pl": "W nagłym wypadku zadzwoń pod 999.",
    "ar": "في حالات الطوارئ، اتصل بـ 999.",
    "cy": "Mewn argyfwng, ffoniwch 999.",
    "de": "Rufen Sie im Notfall 999 an.",
}
# Nobody has confirmed a French text.
PEOPLE = {
    "piotr": "pl",
    "paula": "pl-PL",
    "amal": "ar",
    "carys": "cy",
    "dieter": "de-AT",
    "eve": "en-GB",
    "emma": "en",
    "fleur": "fr",
    "uma": "",
}


def own_text(name):
    return TEXTS.get(PEOPLE[name].partition("-")[0], CALL)


@pytest.fixture
def issue(issue):
    Article.objects.update(topics=["Cancer"])
    change_topic_rules(issue.publication, [WantedRule(topic="Cancer", emergency_numbers="999")])
    for language, text in TEXTS.items():
        change_notices_in(issue.publication, language, [WantedText(notice=CALL, text=text, confirmed=True)])
    change_notices_in(issue.publication, "fr", [WantedText(notice=CALL, text="En cas d’urgence : 999.")])
    return issue


@pytest.fixture
def people(join):
    rows = dict(zip(PEOPLE, join(*PEOPLE), strict=True))
    for name, locale in PEOPLE.items():
        Subscriber.objects.filter(first_name=name.title()).update(locale=locale)
    return rows


def text_of(message):
    found = message_from_bytes(message, policy=mail_policy.default)
    return found["To"].addresses[0].username, found.get_body(("plain",)).get_content()


class ByMaildir:
    def __init__(self, home):
        self.home, self.changes = home, {}

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def inbox(self):
        return [text_of(message.as_bytes()) for message in Maildir(self.home / "outbox", create=False)]


class BySmtp:
    def __init__(self, _home):
        self.server = FakeSmtp()
        self.changes = {
            "transport": "smtp",
            "smtp_host": "127.0.0.1",
            "smtp_port": self.server.port,
            "smtp_security": "none",
        }

    def __enter__(self):
        self.server.__enter__()
        return self

    def __exit__(self, *error):
        self.server.__exit__(*error)

    def inbox(self):
        return [text_of(message) for message in self.server.messages]


class BySendGrid:
    def __init__(self, _home):
        self.server = FakeSendGrid()
        self.changes = {
            "transport": "sendgrid",
            "sendgrid_host": HttpUrl(self.server.url),
            "sendgrid_api_key": SecretStr("SG.key"),
        }

    def __enter__(self):
        self.server.__enter__()
        return self

    def __exit__(self, *error):
        self.server.__exit__(*error)

    def inbox(self):
        assert not self.server.unfit
        found = []
        for request in self.server.requests:
            document = request if isinstance(request, dict) else orjson.loads(request)
            for person in document["personalizations"]:
                assert not set(TEXTS.values()) & set(person["substitutions"].values())
                found.append((person["to"][0]["email"].partition("@")[0], document["content"][0]["value"]))
        return found


@pytest.fixture(params=[ByMaildir, BySmtp, BySendGrid], ids=["maildir", "smtp", "sendgrid"])
def transport(request, home, settings):
    with request.param(home) as chosen:
        settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update=chosen.changes)
        transports._set_up.cache_clear()
        yield chosen
        transports.transport_named(settings.NEWSLETTER.transport).close()
    transports._set_up.cache_clear()


def send_all():
    for _ in range(100):
        if not send_next_batch():
            return
    raise AssertionError("it never ends")


def assert_everybody_got_their_own(inbox):
    assert Counter(name for name, _text in inbox) == dict.fromkeys(PEOPLE, 1)
    for name, text in inbox:
        said = {each: " ".join(text.split()).count(each) for each in (CALL, *TEXTS.values())}
        assert {each for each, count in said.items() if count} == {own_text(name)}, name
        assert said[own_text(name)] == 1


@pytest.mark.usefixtures("people")
def test_everybody_gets_the_notice_of_their_language_once(issue, transport):
    mailing = planned_mailing(issue)
    send_all()
    assert count_recipients(mailing) == RecipientCounts(audience=9, accepted=9)
    assert_everybody_got_their_own(transport.inbox())


def named(post):
    return [(each.person.first_name.lower(), post.email.text) for each in post.envelopes]


@pytest.mark.usefixtures("people")
def test_after_a_crash_a_stop_and_a_change_of_language_everybody_still_gets_the_same(issue, way_out):
    mailing, got = planned_mailing(issue), []

    def die_after_taking(post):
        got.extend(named(post))
        yield Took([each.recipient for each in post.envelopes])
        yield Crash()

    way_out.plan = die_after_taking
    with pytest.raises(Crash):
        send_next_batch()
    # The texts and the languages change after the approval. The mailing has what was approved.
    NoticeTranslation.objects.update(text="999!")
    Subscriber.objects.update(locale="pl")

    def not_now(post):
        yield RecipientsOutcome([each.recipient for each in post.envelopes], NotSent("Later.", retry_after=0))

    def take(post):
        got.extend(named(post))
        yield from take_all(post)

    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        assert recover_abandoned_batches() == 1
        way_out.plan = not_now
        assert send_next_batch()
        stop_mailing(mailing.pk, stopped_by="edda")
        retry_mailing(mailing.pk, retried_by="edda")
        way_out.plan = take
        Mailing.objects.update(not_before=None)
        send_all()
    assert_everybody_got_their_own(got)
    assert set(way_out.taken.values()) == {1}


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("language", TEXTS)
def test_a_changed_text_in_any_language_ends_the_approval(issue, language):
    approve(issue)
    assert valid_approval(issue)
    change_notices_in(
        issue.publication, language, [WantedText(notice=CALL, text="Only 999.", confirmed=True)]
    )
    assert valid_approval(issue) is None


def test_a_preview_shows_what_a_reader_gets(issue, people):
    for name, subscription in people.items():
        shown = preview_of(issue, subscription).email
        assert own_text(name) in " ".join(shown.text.split()), name
    assert preview_of(issue).languages == ("ar", "cy", "de", "pl")
    made_up = reader_named(issue, "language-ar")
    assert made_up.called == "a made-up person whose language is Arabic"
    assert TEXTS["ar"] in preview_of(issue, made_up).email.text
    assert CALL in preview_of(issue, reader_named(issue, "language-fr")).email.text


@pytest.mark.usefixtures("issue", "people")
def test_a_preview_on_the_command_line_shows_what_a_reader_gets(cli, tmp_path):
    for options, said in ((("--as", "amal@example.org"), TEXTS["ar"]), ((), CALL)):
        assert cli("issues", "preview", "1", "--out", str(tmp_path), *options).code == 0
        assert said in " ".join((tmp_path / "email.txt").read_text(encoding="utf-8").split())


@pytest.mark.usefixtures("people")
def test_a_test_email_is_what_its_reader_gets(issue, home):
    with acting_as(Actor("edda", frozenset({Role.EDITOR}))):
        send_test_emails(issue, ["amal@example.org", "eve@example.org", "colleague@desk.example"])
    inbox = dict(ByMaildir(home).inbox())
    assert [
        each in " ".join(text.split())
        for each, text in zip(
            (TEXTS["ar"], CALL, CALL), (inbox["amal"], inbox["eve"], inbox["colleague"]), strict=True
        )
    ] == [True] * 3
    assert len(ByMaildir(home).inbox()) == 3


def test_the_web_page_of_a_readers_link_has_what_they_were_sent(issue, people, client):
    planned_mailing(issue)
    send_all()
    Subscriber.objects.update(locale="de")
    page = read_online_url(issue.publication, 1)
    assert CALL in client.get(page).content.decode()
    for name in ("amal", "eve"):
        token = signed_links.make_token(Purpose.READ_ONLINE, people[name].subscriber)
        shown = client.get(page, {"reader": token}).content.decode()
        assert own_text(name) in shown
        assert own_text("dieter") not in shown


def test_the_web_page_of_somebody_who_joined_later_has_the_newsletters_language(issue, people, join, client):
    planned_mailing(issue)
    send_all()
    [late] = join("late")
    Subscriber.objects.filter(first_name="Late").update(locale="pl")
    token = signed_links.make_token(Purpose.READ_ONLINE, late.subscriber)
    shown = client.get(read_online_url(issue.publication, 1), {"reader": token}).content.decode()
    assert CALL in shown


@pytest.mark.usefixtures("people")
def test_who_changes_a_notice_and_everybody_else_learns_at_once_that_an_issue_must_be_approved_again(
    issue, cli
):
    approve(issue)
    schedule_at(issue, timezone.now() + timedelta(days=1))
    slug = issue.publication.slug
    same = cli("publications", "translate-notice", slug, "pl", "1", TEXTS["pl"])
    assert (same.code, same.out.strip()) == (0, "Nothing was changed.")
    said = cli("publications", "translate-notice", slug, "pl", "1", "Zadzwoń pod 999.")
    assert f"somebody must approve issue {issue.number} of" in " ".join(said.out.split())
    issue.refresh_from_db()
    assert issue.state == "draft"
    [event] = reopened(timezone.now() - timedelta(hours=1))
    assert "Zadzwoń pod 999." in event.reason
    # The check that runs every few minutes finds what another door changed.
    approve(issue)
    NoticeTranslation.objects.filter(language="pl").update(text="Zadzwoń: 999.")
    assert check_next_approval()
    issue.refresh_from_db()
    assert issue.state == "draft"
