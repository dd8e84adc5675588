"""What the software can mend by itself: one click, and the finding is gone."""

import pytest

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.errors import NotFound, Refused
from newsletter.issues.models import Issue
from newsletter.preflight.all_checks import check_issue, check_now
from newsletter.preflight.overrule_error import mend
from tests.preflight.broken_emails import appeal_data, issue_has, opening_says
from tests.preflight.good_emails import checked, good_issue

pytestmark = pytest.mark.django_db

ROWS = (
    (
        "links.tracking",
        opening_says("[Read](https://example.org/s?a=1&utm_source=news&b=2) the study."),
        "opening",
        "https://example.org/s?a=1&b=2)",
    ),
    ("links.insecure", opening_says("[A study](http://example.org/s)"), "opening", "https://example.org/s)"),
    ("law.false-reply", issue_has(subject="Re: Fwd: Sleep"), "subject", "Sleep"),
    ("words.preheader-repeats", issue_has(preheader="Sleep: what the studies say"), "preheader", "study"),
)


@pytest.mark.parametrize(("rule", "change", "field", "text"), ROWS, ids=[row[0] for row in ROWS])
def test_a_mend_corrects_the_field_and_the_finding_is_gone(rule, change, field, text):
    issue = good_issue()
    change(issue)
    issue = Issue.objects.get(pk=issue.pk)
    [found] = [each for each in check_now(issue) if each.rule == rule]
    assert found.remedy.label
    assert mend(issue, found.fingerprint) == found.remedy.done
    issue = Issue.objects.get(pk=issue.pk)
    assert text in getattr(issue, field)
    assert rule not in [each.rule for each in check_now(issue)]
    with pytest.raises(NotFound):
        mend(issue, found.fingerprint)


def test_an_appeal_that_has_reached_its_target_is_hidden_in_this_issue_alone():
    issue = good_issue()
    appeal_data(raised="41000", second_purpose="")(issue)
    [found] = check_issue(checked(issue))
    mend(issue, found.fingerprint)
    assert check_issue(checked(Issue.objects.get(pk=issue.pk))) == []
    assert issue.publication.blocks.get(kind="appeal").data["raised"] == "41000"


def test_somebody_who_may_not_edit_may_not_mend():
    issue = good_issue()
    issue_has(subject="Re: Sleep")(issue)
    issue = Issue.objects.get(pk=issue.pk)
    [found] = check_issue(checked(issue))
    with acting_as(Actor("amir", frozenset({Role.APPROVER}))), pytest.raises(Refused, match="editor"):
        mend(issue, found.fingerprint)


def test_what_needs_a_person_is_not_mended():
    issue = good_issue()
    issue_has(subject=" ")(issue)
    issue = Issue.objects.get(pk=issue.pk)
    [found] = check_issue(checked(issue))
    with pytest.raises(Refused, match="cannot correct this automatically"):
        mend(issue, found.fingerprint)
