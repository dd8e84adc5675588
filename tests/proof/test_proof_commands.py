"""`newsletter proof`: links, comments and signatures without the desk."""

import json

import pytest

from newsletter.articles.models import Article
from newsletter.issues.models import Issue
from newsletter.proof.comments import WrittenComment, comment_by_link
from newsletter.proof.models import ProofComment, ProofLink
from newsletter.proof.parts_now import parts_now
from newsletter.proof.signature_demands import WantedDemand, change_signature_demands
from newsletter.proof.signatures import sign_by_link
from tests.proof.conftest import NETWORK

pytestmark = pytest.mark.django_db
SUBJECT = "Sleep: what the studies say"


@pytest.fixture
def number(issue):
    return str(issue.number)


@pytest.fixture
def link(cli, number):
    address = cli("proof", "share", number, "Dr Okafor").out.strip()
    row = ProofLink.objects.get()
    assert address.endswith(f"/proof/{row.token}/")
    return row


def test_a_link_is_made_listed_and_revoked_and_shown_once(cli, number, link):
    listed = cli("proof", "links", number)
    assert "Dr Okafor" in listed.out
    assert link.token not in listed.out
    comment_by_link(link.token, WrittenComment(text="Why?", part="email"), network=NETWORK)
    revoked = cli("proof", "revoke", number, str(link.pk), "--resolve-comments")
    assert "The proof link no longer works. 1 comment was resolved." in revoked.out
    [row] = json.loads(cli("proof", "links", number, "--json").out)
    assert (row["id"], row["state"]) == (link.pk, "revoked")
    assert cli("proof", "revoke", number, "999999999").code == 1


def test_a_link_with_an_address_is_emailed_and_not_printed(cli, number, issue):
    made = cli(
        "proof", "share", number, "Max", "--address", "max@example.org", "--days", "2", "--until-change"
    )
    assert "We are sending the link to max@example.org." in made.out
    row = ProofLink.objects.get()
    assert row.content
    assert row.token not in made.out
    assert cli("proof", "share", number, "Max", "--days", "3").code == 2


def test_comments_are_listed_resolved_and_their_words_used(cli, number, link):
    said = WrittenComment(
        text="Too long.", part="first-lines", field="subject", quote=SUBJECT, suggestion="Sleep"
    )
    row = comment_by_link(link.token, said, network=NETWORK)
    comment_by_link(link.token, WrittenComment(text="Thanks.", part="email"), network=NETWORK)
    listed = cli("proof", "comments", number).out
    for words in ("Too long.", "Suggested words: Sleep", "Thanks.", "Dr Okafor"):
        assert words in " ".join(listed.split())
    assert "now in the email" in cli("proof", "use", number, str(row.pk)).out
    assert Issue.objects.get().subject == "Sleep"
    [left] = json.loads(cli("proof", "comments", number, "--json").out)
    assert left["comment"] == "Thanks."
    assert "was resolved" in cli("proof", "resolve", number, str(left["id"])).out
    assert "There are no open comments." in cli("proof", "comments", number).out
    assert {
        each["state"] for each in json.loads(cli("proof", "comments", number, "--all", "--json").out)
    } == {
        "used",
        "resolved",
    }
    assert "open again" in cli("proof", "resolve", number, str(left["id"]), "--reopen").out
    assert ProofComment.objects.get(pk=left["id"]).resolved_at is None


def test_signatures_that_are_valid_and_those_that_are_needed_are_listed(cli, number, issue, link, articles):
    assert "no signatures are needed" in " ".join(cli("proof", "signatures", number).out.split())
    sign_by_link(link.token, "email", seen=parts_now(issue).digest("email"), network=NETWORK)
    Article.objects.filter(pk=articles[0]).update(topics=["sleep"])
    change_signature_demands(issue.publication, [WantedDemand("sleep", "Max", "max@example.org")])
    found = json.loads(cli("proof", "signatures", number, "--json").out)
    assert [(each["by"], each["state"]) for each in found] == [("Dr Okafor", "valid"), ("Max", "needed")]
    Issue.objects.update(subject="Changed")
    found = json.loads(cli("proof", "signatures", number, "--json").out)
    assert found[0]["state"] == "no longer valid"
