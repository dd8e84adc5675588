"""A run is stored against the digest of the emails, and an approval reads only that row."""

import json

import pytest

from newsletter.errors import Refused
from newsletter.issues.models import Issue, IssueBlock, PreflightRun
from newsletter.preflight.all_checks import CHECKS, check_now, rules
from newsletter.preflight.approve_issue import approve_checked
from newsletter.preflight.finding import Level
from newsletter.preflight.models import PreflightSettings
from newsletter.preflight.overrule_error import overrule
from newsletter.preflight.run_preflight import overruled_at_approval, run_preflight, with_decisions
from newsletter.scheduling.approval import approve


@pytest.fixture
def with_readers(issue, join):
    join("ana")
    return issue


def test_a_run_is_stored_once_for_each_email_and_old_ones_are_deleted(with_readers):
    first = run_preflight(with_readers)
    assert run_preflight(with_readers).pk == first.pk
    Issue.objects.update(subject="Floods")
    second = run_preflight(Issue.objects.get())
    assert [run.pk for run in PreflightRun.objects.all()] == [second.pk]
    assert second.digest != first.digest


def test_the_run_of_an_approved_email_is_kept(with_readers):
    approve_checked(with_readers)
    Issue.objects.update(subject="Floods")
    run_preflight(Issue.objects.get())
    assert PreflightRun.objects.count() == 2


def test_an_approval_reads_what_was_stored_about_exactly_this_email(with_readers):
    run = run_preflight(with_readers)
    PreflightRun.objects.update(
        errors=1, findings=[{"level": "error", "what": "Gmail.", "overruled_because": ""}]
    )
    with pytest.raises(Refused, match=r"has 1 error, so it cannot be approved\. Gmail\."):
        approve(with_readers)
    PreflightRun.objects.update(digest="0" * 64)
    assert approve(with_readers).digest == run.digest


def test_a_refused_approval_names_a_few_errors_and_leads_to_review_for_many(with_readers):
    run_preflight(with_readers)
    errors = [{"level": "error", "what": f"Link {number}.", "overruled_because": ""} for number in range(15)]
    PreflightRun.objects.update(errors=15, findings=errors)
    with pytest.raises(Refused) as refused:
        approve(with_readers)
    said = "has 15 errors, so it cannot be approved. Go to “Review” to correct or overrule each error."
    assert str(refused.value).endswith(said)
    PreflightRun.objects.update(errors=3, findings=errors[:3])
    with pytest.raises(Refused, match=r"Link 0\. Link 1\. Link 2\. Go to “Review”"):
        approve(with_readers)


def test_an_issue_without_an_email_is_refused_with_the_reason(with_readers):
    with_readers.items.all().delete()
    assert run_preflight(with_readers) is None
    with pytest.raises(Refused, match="is empty"):
        approve_checked(Issue.objects.get())


def test_a_publication_chooses_how_serious_a_rule_is(with_readers):
    found = [each for each in check_now(with_readers) if each.rule == "fields.preheader-empty"]
    assert [each.level for each in found] == [Level.ADVICE]
    row = PreflightSettings.objects.create(
        publication=with_readers.publication, levels={"fields.preheader-empty": "error"}
    )
    assert check_now(with_readers)[0].rule == "fields.preheader-empty"
    with pytest.raises(Refused, match="preheader is empty"):
        approve_checked(with_readers)
    row.levels = {"fields.preheader-empty": "off"}
    row.save()
    assert "fields.preheader-empty" not in [each.rule for each in check_now(with_readers)]


def test_a_check_that_fails_says_so_and_the_others_are_run(with_readers, monkeypatch):
    def fail(_checked):
        raise ZeroDivisionError

    monkeypatch.setattr(CHECKS[-1], "check", fail)
    whats = [each.what for each in check_now(with_readers)]
    assert any("ZeroDivisionError" in what for what in whats)
    assert "The preheader is empty, so inboxes show the beginning of the email instead." in whats


def test_every_rule_has_a_name_of_its_own_and_says_why_how_and_on_what_it_rests():
    every = rules()
    assert len({rule.name for rule in every}) == len({rule.title for rule in every}) == len(every)
    assert all(rule.why and rule.mend and rule.basis.text for rule in every)


def test_the_command_prints_the_findings_and_its_exit_code_says_whether_there_are_errors(cli, with_readers):
    fine = cli("issues", "check", 1)
    assert (fine.code, "0 errors, 0 warnings." in fine.out) == (0, True)
    Issue.objects.update(subject=" ")
    wrong = cli("issues", "check", 1)
    assert (wrong.code, "The issue cannot be approved." in wrong.out) == (1, True)
    document = json.loads(cli("issues", "check", 1, "--json").out)
    [error] = [each for each in document["findings"] if each["level"] == "error"]
    assert (document["errors"], error["place"]) == (1, {"part": "details", "field": "subject"})
    overruled = cli("issues", "check", 1, "--overrule", error["id"], "--reason", "A joke about silence")
    assert (overruled.code, "overruled this error. Reason: A joke about silence" in overruled.out) == (
        0,
        True,
    )
    assert cli("issues", "approve", 1).code == 0


def test_the_command_refuses_to_overrule_what_it_does_not_find(cli, with_readers):
    assert (
        "did not find the error “abc”" in cli("issues", "check", 1, "--overrule", "abc", "--reason", "So").err
    )
    assert cli("issues", "check", 1, "--overrule", "abc").code == 2


def test_the_report_knows_which_errors_were_overruled_when_the_email_was_approved(with_readers):
    Issue.objects.update(subject=" ")
    issue = Issue.objects.get()
    [error] = [each for each in check_now(issue) if each.level is Level.ERROR]
    overrule(issue, error.fingerprint, "A joke about silence")
    assert overruled_at_approval(issue) == []
    approve_checked(issue)
    [told] = overruled_at_approval(issue)
    assert (told["what"], told["overruled_because"]) == ("The subject is empty.", "A joke about silence")


def treatment_in(issue):
    return next(
        each for each in with_decisions(issue, check_now(issue)) if each.rule == "promotions.treatment"
    )


def test_an_overruled_promotion_needs_a_new_decision_if_its_words_or_links_change(with_readers):
    issue = Issue.objects.get()
    PreflightSettings.objects.create(publication=issue.publication, promotion_topics=["cancer"])
    words = "This drug cures cancer."
    block = IssueBlock.objects.create(
        issue=issue, kind="promotion", content={"title": "A drug", "body": words, "data": {}}
    )
    overrule(issue, treatment_in(issue).fingerprint, "A lawyer read it")
    assert treatment_in(Issue.objects.get()).overruled_because == "A lawyer read it"
    for changed in (
        {"body": "This drug cures cancer, at our other clinic, for ten pounds."},
        {"body": words, "data": {"button": "Book it"}},
        {"body": words, "data": {"price": "£10"}},
        {"body": words, "data": {"url": "https://other.example/another-drug"}},
        {"body": "This drug [cures](https://other.example/another-drug) cancer."},
    ):
        block.content = {"title": "A drug", "data": {}, **changed}
        block.save()
        assert treatment_in(Issue.objects.get()).overruled_because == ""
    block.content = {"title": "A drug", "body": words, "data": {}}
    block.save()
    assert treatment_in(Issue.objects.get()).overruled_because == "A lawyer read it"
