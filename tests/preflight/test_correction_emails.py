"""An email about a correction is checked before its approval, and its links when the correction is made."""

import pytest

from newsletter.articles.models import Article
from newsletter.corrections.approve_notice import render_notice
from newsletter.corrections.models import CorrectionNotice
from newsletter.corrections.readers import CorrectionReaders
from newsletter.errors import InvalidFields
from newsletter.issues.correct_article import CorrectionText, make_correction
from newsletter.issues.models import AuditEntry, Publication
from newsletter.preflight.approve_correction_email import approve_checked_notice
from newsletter.preflight.check_correction_email import CheckedCorrectionEmail, check_correction_email
from newsletter.preflight.correct_article import addresses_in, correct_article
from tests.corrections.conftest import (  # noqa: F401 - fixtures of a stage before
    article,
    other_article,
    send_issue,
)
from tests.sending.conftest import join, publication, way_out  # noqa: F401 - fixtures of a stage before

pytestmark = pytest.mark.django_db


@pytest.fixture
def correct(send_issue, join, publication):  # noqa: F811
    """Correct the article that was sent: `correct(right="It was 12.")`."""
    Publication.objects.update(
        sender_address="news@harbour.example.org", postal_address="1 Quay Street, Newtown"
    )
    publication.refresh_from_db()
    join("ana")
    send_issue(1)

    def make(**texts):
        number = Article.objects.get(identity="wrong").pk
        return make_correction(
            number, CorrectionText(**{"right": "It was 12.", "severity": "serious"} | texts)
        )

    return make


def rules(correction, where):
    readers = CorrectionReaders(correction, where)
    checked = CheckedCorrectionEmail(correction, readers.issue, render_notice(correction, where).own)
    return {each.rule for each in check_correction_email(checked) if each.level == "error"}


def approved(correction, where, reason=""):
    seen = render_notice(correction, where).digest
    return approve_checked_notice(correction.pk, where, seen=seen, overruled_because=reason)


def test_an_email_without_mistakes_is_approved(correct, publication):  # noqa: F811
    made = correct(right="Tides follow the moon. See https://moon.example.org/tides.")
    assert rules(made, publication) == set()
    assert approved(made, publication).state == CorrectionNotice.State.APPROVED


@pytest.mark.parametrize(
    ("texts", "rule"),
    [
        ({"right": "It was [insert figure]."}, "words.placeholder"),
        ({"why": "TODO: ask Ada."}, "words.placeholder"),
    ],
)
def test_a_placeholder_in_the_correction_is_an_error(correct, publication, texts, rule):  # noqa: F811
    assert rules(correct(**texts), publication) == {rule}


def test_what_the_newsletter_lacks_is_an_error_as_for_issues(correct, publication):  # noqa: F811
    made = correct()
    publication.sender_address = "harbour@gmail.com"
    publication.save()
    assert rules(made, publication) == {"law.free-mailbox"}


def test_an_email_that_gmail_cuts_off_is_an_error(correct, publication):  # noqa: F811
    made = correct(right="ש" * 2_000, said="ש" * 2_000, why="ש" * 2_000)
    assert "size.clipped" not in rules(made, publication)
    publication.reason = "ש" * 30_000
    publication.save()
    assert "size.clipped" in rules(made, publication)


def test_errors_need_a_reason_which_the_audit_log_keeps(correct, publication):  # noqa: F811
    made = correct(right="It was [insert figure].")
    for reason in ("", " ", "a" * 501):
        with pytest.raises(InvalidFields, match=r"1 error in this email: .*insert figure"):
            approved(made, publication, reason)
    assert not CorrectionNotice.objects.exists()
    approved(made, publication, "The table really says “[insert figure]”.")
    (entry,) = AuditEntry.objects.filter(act="correction-email", sentence__contains="Overruled")
    assert entry.changes == {"words.placeholder": [None, "The table really says “[insert figure]”."]}


@pytest.mark.parametrize(
    ("address", "why_not"),
    [
        ("javascript:alert(1)", "begins with https://"),
        ("data:text/html,x", "begins with https://"),
        ("ftp://files.example.org/x", "begins with https://"),
        ("http://192.168.0.1/x", "private network"),
        ("http://intranet/x", "private network"),
        ("https://harbour.example.org/wp-admin/post.php", "page with a login"),
        ("https://harbour.example.org/?p=7&preview=true", "page with a login"),
        ("https://harbour.example.org/{{name}}", "placeholder"),
        ("http://", "not valid"),
        ("mailto:nobody", "not valid"),
    ],
)
def test_an_address_that_readers_cannot_follow_is_named_at_its_field(correct, article, address, why_not):  # noqa: F811
    correct()
    for field in ("right", "said", "why"):
        text = CorrectionText(**{"right": "It was 12.", field: f"See {address}."})
        with pytest.raises(InvalidFields, match=why_not) as error:
            correct_article(article.pk, text)
        assert list(error.value.fields) == [field]
    assert article.corrections.count() == 1


def test_good_addresses_and_words_with_colons_are_not_refused(correct, article):  # noqa: F811
    correct()
    text = CorrectionText(
        right="See https://moon.example.org/a_(b), www.moon.example.org and mailto:ada@example.org. Note: at 12:30.",
        said="The file: “tides” (data: none).",
    )
    assert correct_article(article.pk, text).text == text.right
    assert list(addresses_in("(https://moon.example.org/a).")) == ["https://moon.example.org/a"]
