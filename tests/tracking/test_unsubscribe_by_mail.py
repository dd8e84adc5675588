"""An email to the address in List-Unsubscribe unsubscribes one person from one list. A bounce or a reply does not."""

import re

import pytest

from newsletter.sending.models import Recipient
from newsletter.sending.personalise_email import Personalizer
from newsletter.sending.preview_recipient import SAMPLE, reader_at
from newsletter.sending.recheck_recipients import Candidate
from newsletter.sending.return_path import return_path
from newsletter.sending.unsubscribe_address import unsubscribe_addresses
from newsletter.tracking.bounces.message_parts import whole
from newsletter.tracking.bounces.process_bounce import BounceResult, process_bounce_message
from newsletter.tracking.bounces.read_mailbox import read_bounces
from subscribers import consent
from subscribers.consent_log import ConsentSource
from subscribers.lists import add_list
from subscribers.models import ConsentEntry, SourceKind, Subscription
from tests.tracking.returned_mail import TO, bounce, complaint, free_text, reply

UNSUBSCRIBED, KNOWN, WITHOUT_EFFECT, LEFT = (
    BounceResult.UNSUBSCRIBED,
    BounceResult.KNOWN,
    BounceResult.WITHOUT_EFFECT,
    BounceResult.LEFT,
)


@pytest.fixture
def maildir(settings, tmp_path):
    """A bounce mailbox that is read."""
    for room in ("new", "cur", "tmp"):
        (tmp_path / "bounces" / room).mkdir(parents=True)
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(
        update={"bounce_address": TO, "bounce_maildir": tmp_path / "bounces"}
    )
    return tmp_path / "bounces"


@pytest.fixture
def address_of(maildir, planned):
    """The unsubscribe address in the email to a person: `address_of("ana")`."""

    def address(name):
        headers = Personalizer.of_issue(planned.issue).envelope(found(planned, name)).headers
        return re.search(r"<mailto:([^?>]+)\?subject=unsubscribe>", headers["List-Unsubscribe"])[1]

    return address


def found(planned, name) -> Candidate:
    return reader_at(planned.issue, f"{name}@example.org")


def headers(planned, candidate):
    return Personalizer.of_issue(planned.issue).envelope(candidate).headers


def test_the_header_names_the_page_and_the_mailbox_only_if_the_mailbox_is_read(planned, maildir, settings):
    written = headers(planned, found(planned, "ana"))
    assert re.fullmatch(
        r"<https?://\S+>, <mailto:bounces\+[a-z2-7]{40}@example\.org\?subject=unsubscribe>",
        written["List-Unsubscribe"],
    )
    assert written["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"bounce_maildir": None})
    assert "mailto" not in headers(planned, found(planned, "ana"))["List-Unsubscribe"]
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(
        update={"bounce_imap_host": "imap.example.org", "bounce_address": ""}
    )
    assert "mailto" not in headers(planned, found(planned, "ana"))["List-Unsubscribe"]


@pytest.mark.parametrize("subject", ["unsubscribe", "", "Re: please stop"])
def test_an_email_unsubscribes_exactly_that_person_from_exactly_that_list(address_of, subject):
    ana = Subscription.objects.get(subscriber__address="ana@example.org")
    other = Subscription.objects.create(
        subscriber=ana.subscriber, list=add_list("other", "Other"), state=Subscription.State.ACTIVE
    )
    mail = reply(address_of("ana"), subject=subject)
    assert [process_bounce_message(mail), process_bounce_message(mail)] == [UNSUBSCRIBED, KNOWN]
    ana.refresh_from_db()
    other.refresh_from_db()
    assert (ana.state, other.state) == ("unsubscribed", "active")
    assert set(
        Subscription.objects.filter(list=ana.list).exclude(pk=ana.pk).values_list("state", flat=True)
    ) == {"active"}
    [entry] = ConsentEntry.objects.filter(act=ConsentEntry.Act.LEFT)
    assert (entry.source, entry.source_name) == (SourceKind.EMAIL_LINK, "unsubscribe email")


def test_the_address_may_come_in_capital_letters_or_from_the_pipe_or_be_signed_by_an_older_key(
    address_of, settings
):
    assert process_bounce_message(reply(address_of("ana").upper())) == UNSUBSCRIBED
    assert process_bounce_message(reply(TO), [address_of("ben")]) == UNSUBSCRIBED
    address = address_of("cem")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    assert process_bounce_message(reply(address)) == UNSUBSCRIBED


@pytest.mark.parametrize(
    "headers",
    [
        "Auto-Submitted: auto-replied\n",
        "Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\n",
        "Precedence: bulk\n",
        "X-Autoreply: yes\n",
    ],
)
def test_an_automatic_reply_unsubscribes_nobody(address_of, headers):
    assert process_bounce_message(reply(address_of("ana"), subject="Out of office", headers=headers)) == LEFT
    assert not ConsentEntry.objects.filter(act=ConsentEntry.Act.LEFT).exists()


def test_an_email_that_a_provider_generates_with_our_subject_counts(address_of):
    mail = reply(address_of("ana"), subject="Unsubscribe", headers="Auto-Submitted: auto-generated\n")
    assert process_bounce_message(mail) == UNSUBSCRIBED


@pytest.mark.parametrize("kind", [bounce, complaint, free_text])
def test_a_bounce_to_the_address_or_one_that_returns_it_unsubscribes_nobody(address_of, kind):
    assert process_bounce_message(kind(address_of("ana"))) == LEFT
    returned = f"List-Unsubscribe: <mailto:{address_of('ana')}?subject=unsubscribe>\nSubject: Tides"
    assert process_bounce_message(kind(TO, returned=returned)) == LEFT
    assert not ConsentEntry.objects.filter(act=ConsentEntry.Act.LEFT).exists()


def test_nobody_else_can_make_such_an_address(address_of, planned):
    token = address_of("ana").partition("+")[2].partition("@")[0]
    changed = ("a" if token[0] != "a" else "b") + token[1:]
    assert process_bounce_message(reply(f"bounces+{changed}@example.org")) == LEFT
    # The return path of an email has the same form, but another key.
    number = Recipient.objects.get(issue=planned.issue, subscriber__address="ana@example.org").pk
    assert process_bounce_message(reply(return_path(TO, planned.key, number), subject="unsubscribe")) == LEFT
    assert not ConsentEntry.objects.filter(act=ConsentEntry.Act.LEFT).exists()


def test_a_person_whom_we_no_longer_know_and_a_test_email_have_no_effect(address_of, planned):
    address = address_of("ana")
    ana = Subscription.objects.get(subscriber__address="ana@example.org")
    consent.erase_person(ana.subscriber, ConsentSource(SourceKind.EDITOR))
    assert process_bounce_message(reply(address)) == WITHOUT_EFFECT
    sample = re.search(r"mailto:([^?]+)", headers(planned, SAMPLE)["List-Unsubscribe"])[1]
    assert process_bounce_message(reply(sample)) == WITHOUT_EFFECT


def test_the_mailbox_is_read_and_the_email_removed(maildir, address_of):
    (maildir / "new" / "1").write_bytes(reply(address_of("ana"), subject="unsubscribe"))
    (maildir / "new" / "2").write_bytes(reply(TO))
    assert read_bounces() == {UNSUBSCRIBED: 1, LEFT: 1}
    assert [each.name.partition(":")[0] for each in maildir.rglob("*") if each.is_file()] == ["2"]


def test_a_long_mailbox_name_still_makes_an_address_that_mail_allows(settings, maildir):
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"bounce_address": f"{'b' * 23}@example.org"})
    [address] = unsubscribe_addresses([(1, 2)])
    local = address.removeprefix("mailto:").partition("@")[0]
    assert len(local) == 64
    assert whole(f"To: <{local}@example.org>\n\n".encode()).fields.first("to")
