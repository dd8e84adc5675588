"""A publication demands a named person’s signature by topic. Approval waits for it, unless an approver overrules."""

import pytest

from newsletter.accounts.actor import Actor, Role
from newsletter.accounts.users import add_user
from newsletter.articles.models import Article
from newsletter.errors import InvalidFields, Refused
from newsletter.issues.edit_issue_articles import drop, set_headline
from newsletter.issues.models import AuditEntry
from newsletter.preflight.all_checks import check_now
from newsletter.preflight.approve_issue import approve_checked
from newsletter.preflight.overrule_error import overrule
from newsletter.proof.comments import WrittenComment, comment, resolve
from newsletter.proof.parts_now import parts_now
from newsletter.proof.proof_links import erase_reviewer
from newsletter.proof.signature_demands import (
    WantedDemand,
    change_signature_demands,
    demands_of,
    demands_version,
)
from newsletter.proof.signatures import sign, sign_by_link
from tests.proof.conftest import NETWORK

pytestmark = pytest.mark.django_db
ADA = Actor("ada", frozenset({Role.ADMINISTRATOR}), 3)
OKAFOR = WantedDemand("Medicines", "Dr Okafor", "Okafor@example.org")


@pytest.fixture
def demanded(issue, articles, by):
    """The second article has the topic, in other capitals, so Dr Okafor has to sign it."""
    Article.objects.filter(pk=articles[1]).update(topics=["medicines", "Sleep"])
    by(ADA, change_signature_demands, issue.publication, [OKAFOR])
    return f"article-{articles[1]}"


def missing(issue):
    return [each.what for each in check_now(issue) if each.rule == "reviewers.signature-missing"]


def sign_it(issue, link, part):
    sign_by_link(link.token, part, seen=parts_now(issue).digest(part), network=NETWORK)


def test_approval_names_whose_signature_is_missing_and_for_what(issue, demanded, ann, by):
    with pytest.raises(Refused, match=r"needs the signature of Dr Okafor, because its topic is “Medicines”"):
        by(ann, approve_checked, issue)


def test_the_signature_lets_the_issue_be_approved_until_the_article_changes(
    issue, articles, demanded, share, ann, by
):
    link = share("Dr Okafor", address="okafor@example.org")
    sign_it(issue, link, demanded)
    assert missing(issue) == []
    set_headline(issue, articles[0], "Another article changes")
    assert missing(issue) == []
    by(ann, approve_checked, issue)
    set_headline(issue, articles[1], "This one changes")
    [sentence] = missing(issue)
    assert "has changed since Dr Okafor signed it" in sentence


def test_only_a_link_that_was_sent_to_the_address_counts(issue, demanded, share):
    sign_it(issue, share("Dr Okafor"), demanded)
    sign_it(issue, share("Dr Okafor", address="okafor@example.com"), demanded)
    assert missing(issue)


def test_a_signature_on_another_part_does_not_count(issue, articles, demanded, share):
    link = share("Dr Okafor", address="okafor@example.org")
    sign_it(issue, link, f"article-{articles[0]}")
    sign_it(issue, link, "email")
    assert missing(issue)


def test_the_account_with_the_address_signs_at_the_desk(issue, demanded, by):
    user = add_user("okafor", password="ebb and flow", address="okafor@example.org", roles=[Role.AUTHOR])
    somebody = Actor("okafor", frozenset({Role.AUTHOR}), user.pk)
    by(somebody, sign, issue, demanded, seen=parts_now(issue).digest(demanded))
    assert missing(issue) == []


def test_an_erased_person_no_longer_counts(issue, demanded, share, by):
    link = share("Dr Okafor", address="okafor@example.org")
    sign_it(issue, link, demanded)
    by(ADA, erase_reviewer, issue, link.pk)
    assert missing(issue)


def test_an_article_that_is_left_out_needs_no_signature(issue, articles, demanded):
    drop(issue, articles[1])
    assert missing(issue) == []


def test_an_approver_overrules_a_missing_signature_for_a_reason(issue, demanded, ann, by):
    [finding] = [each for each in check_now(issue) if each.rule == "reviewers.signature-missing"]
    by(ann, overrule, issue, finding.fingerprint, "She agreed on the telephone.")
    by(ann, approve_checked, issue)
    assert AuditEntry.objects.get(act="overrule").sentence.endswith("She agreed on the telephone.")


def test_open_comments_are_counted_before_approval_and_do_not_block_it(issue, ruth, ann, by):
    first = by(ruth, comment, issue, WrittenComment(text="One", part="email"))
    by(ruth, comment, issue, WrittenComment(text="Two", part="email"))
    said = [each.what for each in check_now(issue)]
    assert "2 comments are open." in said
    by(ruth, resolve, issue, first.pk)
    assert "1 comment is open." in [each.what for each in check_now(issue)]
    by(ann, approve_checked, issue)


@pytest.mark.parametrize("role", [Role.EDITOR, Role.APPROVER, None])
def test_only_an_administrator_demands_signatures(issue, by, role):
    with pytest.raises(Refused, match="administrator"):
        by(
            Actor("sam", frozenset({role} if role else ()), 9),
            change_signature_demands,
            issue.publication,
            [OKAFOR],
        )


def test_settings_that_somebody_changed_meanwhile_are_not_overwritten(issue, by):
    seen = demands_version(issue.publication)
    by(ADA, change_signature_demands, issue.publication, [OKAFOR], seen=seen)
    with pytest.raises(Refused, match="Somebody else has changed"):
        by(ADA, change_signature_demands, issue.publication, [], seen=seen)
    assert len(demands_of(issue.publication)) == 1


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        ("topic-1", [WantedDemand("", "Dr Okafor", "okafor@example.org")]),
        ("name-1", [WantedDemand("Medicines", " ", "okafor@example.org")]),
        ("address-1", [WantedDemand("Medicines", "Dr Okafor", "okafor")]),
        ("topic-2", [OKAFOR, WantedDemand("MEDICINES", "Ruth", "okafor@example.org")]),
        ("topic-1", [OKAFOR] * 51),
    ],
)
def test_what_cannot_be_demanded_is_named(issue, by, field, wanted):
    with pytest.raises(InvalidFields) as error:
        by(ADA, change_signature_demands, issue.publication, wanted)
    assert list(error.value.fields) == [field]
    assert not demands_of(issue.publication)


def test_the_log_of_the_settings_names_nobody(issue, demanded):
    entry = AuditEntry.objects.get(act="signature-demands")
    assert "kafor" not in f"{entry.sentence}{entry.changes}"
    assert entry.changes == {"topics": [[], ["Medicines"]]}
