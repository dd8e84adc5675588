"""A proof link opens one issue for one person, until it ends; and nothing that is stored opens it."""

import json
from datetime import timedelta

import pytest
from django.core import serializers

from newsletter.accounts.account_mails import AccountMail
from newsletter.accounts.actor import Actor, Role
from newsletter.errors import InvalidFields, NotFound, Refused
from newsletter.issues.edit_issue_articles import pin
from newsletter.issues.edit_issue_texts import set_subject
from newsletter.issues.models import AuditEntry
from newsletter.notifications.account_mail_sending import compose
from newsletter.proof.comments import WrittenComment, comment_by_link
from newsletter.proof.forget_reviewers import forget_old_reviewers
from newsletter.proof.models import ERASED, ProofLink, Signature
from newsletter.proof.open_proof_link import EndedLink, UnknownLink, open_proof_link
from newsletter.proof.parts_now import parts_now
from newsletter.proof.proof_links import (
    LinkState,
    erase_reviewer,
    make_proof_link,
    revoke_proof_link,
    state_of,
)
from newsletter.proof.signatures import sign_by_link
from tests.proof.conftest import NETWORK

pytestmark = pytest.mark.django_db


def test_a_link_opens_its_issue(issue, share):
    link = share()
    assert open_proof_link(link.token).issue == issue
    link.refresh_from_db()
    assert link.opened_at is not None


def test_no_stored_row_has_the_token(issue, ruth, by):
    made = by(ruth, make_proof_link, issue, "Dr Okafor", address="okafor@example.org")
    token = made.link.token
    rows = [*ProofLink.objects.all(), *AccountMail.objects.all(), *AuditEntry.objects.all()]
    assert token not in serializers.serialize("json", rows)
    assert token in compose(AccountMail.objects.get()).body


def test_a_link_by_email_is_shown_to_nobody_else(issue, ruth, by):
    by_mail = by(ruth, make_proof_link, issue, "Dr Okafor", address="okafor@example.org")
    assert by_mail.url == ""
    shown = by(ruth, make_proof_link, issue, "Max")
    assert shown.url.endswith(f"/proof/{shown.link.token}/")
    assert AccountMail.objects.get().address == "okafor@example.org"


def test_the_email_says_who_asks_and_until_when(issue, ruth, by):
    by(
        ruth,
        make_proof_link,
        issue,
        "Dr Okafor",
        address="okafor@example.org",
        days=14,
        ends_with_change=True,
    )
    mail = compose(AccountMail.objects.get())
    assert "Sleep: what the studies say" in mail.subject
    for words in (
        "Dear Dr Okafor",
        "ruth has asked you to read",
        "14 days, or until the email changes",
        "need an account",
    ):
        assert words in " ".join(mail.body.split())


@pytest.mark.parametrize("token", ["", "A", "x" * 5000, "A" + "a" * 43, "\ud800", "é" * 44, "' OR 1=1 --"])
def test_a_guessed_link_opens_nothing(issue, share, token):
    share()
    with pytest.raises(UnknownLink):
        open_proof_link(token)


def test_a_link_expires(share, clock):
    link = share(days=2)
    clock.shift(timedelta(days=2, seconds=-1))
    assert open_proof_link(link.token)
    clock.shift(timedelta(seconds=1))
    with pytest.raises(EndedLink, match="expired"):
        open_proof_link(link.token)
    assert state_of(link) is LinkState.EXPIRED


def test_a_revoked_link_opens_nothing(issue, share, ruth, by):
    link = share()
    by(ruth, revoke_proof_link, issue, link.pk)
    with pytest.raises(EndedLink, match="revoked"):
        open_proof_link(link.token)
    with pytest.raises(EndedLink):
        comment_by_link(link.token, WrittenComment(text="Still here", part="email"), network=NETWORK)


def test_an_email_with_a_revoked_link_is_not_sent(issue, share, ruth, by):
    link = share(address="okafor@example.org")
    by(ruth, revoke_proof_link, issue, link.pk)
    assert not AccountMail.objects.exists()


def test_a_link_that_was_lost_takes_its_signatures_with_it(issue, share, ruth, by):
    link = share()
    sign_by_link(link.token, "email", seen=parts_now(issue).digest("email"), network=NETWORK)
    by(ruth, revoke_proof_link, issue, link.pk)
    assert Signature.objects.count() == 1
    by(ruth, revoke_proof_link, issue, link.pk, without_signatures=True)
    assert not Signature.objects.exists()


def test_a_link_can_end_with_the_next_change_of_the_email(issue, articles, share, ruth, by):
    ends, stays = share(ends_with_change=True), share()
    by(ruth, pin, issue, articles[1])
    assert open_proof_link(ends.token)
    by(ruth, set_subject, issue, "Another subject")
    with pytest.raises(EndedLink, match="has changed"):
        open_proof_link(ends.token)
    by(ruth, set_subject, issue, "Sleep: what the studies say")
    with pytest.raises(EndedLink, match="has changed"):
        open_proof_link(ends.token)
    assert open_proof_link(stays.token)


def test_a_link_does_not_end_because_a_day_has_passed(share, clock):
    link = share(ends_with_change=True)
    clock.shift(timedelta(days=3))
    assert open_proof_link(link.token)


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("name", {"name": "  "}),
        ("name", {"name": "x" * 151}),
        ("address", {"name": "Max", "address": "max at example"}),
        ("days", {"name": "Max", "days": 365}),
    ],
)
def test_what_cannot_be_used_is_named(issue, ruth, by, field, given):
    with pytest.raises(InvalidFields) as error:
        by(ruth, make_proof_link, issue, given.pop("name"), **given)
    assert list(error.value.fields) == [field]
    assert not ProofLink.objects.exists()


@pytest.mark.parametrize("role", [Role.AUTHOR, Role.SENDER, None])
def test_authors_senders_and_strangers_share_nothing(issue, share, by, role):
    link = share()
    somebody = Actor("sam", frozenset({role} if role else ()), 9)
    with pytest.raises(Refused, match="Only an editor or an approver can share"):
        by(somebody, make_proof_link, issue, "Max")
    with pytest.raises(Refused, match="Only an editor or an approver can share"):
        by(somebody, revoke_proof_link, issue, link.pk)
    assert open_proof_link(link.token)


def test_a_link_of_another_issue_cannot_be_revoked_here(issue, ruth, by):
    with pytest.raises(NotFound):
        by(ruth, revoke_proof_link, issue, 999999999)


def test_an_issue_that_was_sent_is_not_shared_any_more(issue, ruth, by):
    issue.state = issue.State.SENT
    issue.save()
    with pytest.raises(Refused, match="sent"):
        by(ruth, make_proof_link, issue, "Max")


def test_the_audit_log_names_no_reviewer(issue, share, ruth, by):
    link = share("Dr Okafor", address="okafor@example.org")
    comment_by_link(link.token, WrittenComment(text="Good", part="email"), network=NETWORK)
    by(ruth, revoke_proof_link, issue, link.pk)
    log = json.dumps(list(AuditEntry.objects.values("actor", "act", "sentence", "thing", "changes")))
    assert "Okafor" not in log
    assert "okafor" not in log
    assert [entry.act for entry in AuditEntry.objects.order_by("pk")] == [
        "proof-link",
        "comment",
        "proof-link",
    ]
    assert AuditEntry.objects.get(act="comment").actor == str(link)


def test_an_administrator_erases_a_reviewer(issue, share, ruth, by):
    link = share(address="okafor@example.org")
    comment_by_link(link.token, WrittenComment(text="Good", part="email"), network=NETWORK)
    sign_by_link(link.token, "email", seen=parts_now(issue).digest("email"), network=NETWORK)
    with pytest.raises(Refused, match="administrator"):
        by(ruth, erase_reviewer, issue, link.pk)
    by(Actor("ada", frozenset({Role.ADMINISTRATOR}), 3), erase_reviewer, issue, link.pk)
    assert_nothing_names_the_reviewer(link)
    with pytest.raises(EndedLink):
        open_proof_link(link.token)


def test_reviewers_are_forgotten_a_year_after_their_links_ended(share, clock):
    link = share(address="okafor@example.org", days=30)
    clock.shift(timedelta(days=30 + 364))
    assert not forget_old_reviewers()
    clock.shift(timedelta(days=1, seconds=1))
    assert forget_old_reviewers()
    assert_nothing_names_the_reviewer(link)
    assert not forget_old_reviewers()


def assert_nothing_names_the_reviewer(link):
    link.refresh_from_db()
    assert link.name == ERASED
    stored = [*ProofLink.objects.all(), *AccountMail.objects.all(), *Signature.objects.all()]
    assert "kafor" not in serializers.serialize("json", stored)
    assert all(each.author_name == ERASED for each in link.comments.all())
