"""Corrects or withdraws the web page of an issue that was sent, where readers can see that and why.

The stored email stays as it was sent: it is the evidence. A correction is applied to the page whenever it is shown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from newsletter.accounts.actor import Role, current_actor, why_not_role
from newsletter.accounts.form_idempotency import once
from newsletter.errors import Invalid, NotFound, Refused, refuse_if
from newsletter.issues.change_locks import lock_issue
from newsletter.issues.issue_audit import record
from newsletter.issues.issue_labels import issue_label_at_start
from newsletter.issues.models import Issue
from newsletter.rendering.email import Email
from newsletter.sending.models import Mailing
from newsletter.sending.plan import find_mailing
from newsletter.sending.replace_page_text import replace_in_html, replace_text
from newsletter.sending.stored_variants import emails_of
from newsletter.sending.web_page_models import WebPageChange
from subscribers.clean_text import printable

Kind = WebPageChange.Kind
PUBLISHED = (Issue.State.SENDING, Issue.State.SENT)
LONGEST_NOTE = 2_000
ACT = "web-page"


def correct_web_page(
    issue: Issue, note: str, *, old: str = "", new: str = "", form_key: str | None = None
) -> WebPageChange:
    """Add a dated note to the top of an issue's web page and, if `old` is given, replace these words there.

    Raises Refused with the sentence of `why_not_change_web_page`. Raises Invalid without a note, or if the page does
    not contain the old words. Raises AlreadyMadeError with the change's ID if the form with this key has made one.
    """
    note, old, new = _cleaned(note, "what was changed"), printable(old).strip(), printable(new).strip()
    with transaction.atomic(), once(form_key) as form:
        issue = lock_issue(issue)
        refuse_if(why_not_correct_web_page(issue))
        if new and not old:
            raise Invalid("Enter the words on the page that you want to replace, or leave both fields empty.")
        if old:
            _require_found(issue, old, new)
        change = _add(issue, Kind.CORRECTION, note, old=old, new=new)
        record(
            ACT,
            f"Corrected the web page: {note}",
            issue=issue,
            thing=f"web page change {change.pk}",
            changes={"page": [old, new]} if old else None,
        )
        form.made = str(change.pk)
    return change


def withdraw_web_page(issue: Issue, why: str) -> WebPageChange:
    """Withdraw an issue's web page: it only says why. Lists, feeds and the sitemap leave it out.

    Raises Refused with the sentence of `why_not_change_web_page`, or if it is withdrawn already. Raises Invalid without
    a reason.
    """
    why = _cleaned(why, "why the page is withdrawn")
    try:
        with transaction.atomic():
            issue = lock_issue(issue)
            refuse_if(why_not_change_web_page(issue))
            change = _add(issue, Kind.WITHDRAWAL, why)
            record(
                ACT,
                f"Withdrew the web page: {why}",
                issue=issue,
                thing=f"web page change {change.pk}",
                changes={"page": ["public", "withdrawn"]},
            )
    except IntegrityError:
        raise Refused("The web page of this issue has already been withdrawn.") from None
    return change


def undo_web_page_change(issue: Issue, number: int) -> WebPageChange:
    """Undo a correction or a withdrawal. `number` is the change's ID.

    Raises NotFound, or Refused with the sentence of `why_not_change_web_page`, if it was undone before, or if a later
    correction replaces words that this one wrote.
    """
    with transaction.atomic():
        issue = lock_issue(issue)
        refuse_if(why_not_change_web_page(issue))
        change = WebPageChange.objects.filter(issue=issue, pk=number).first()
        if change is None:
            raise NotFound("We could not find this change to the web page.")
        if change.undone_at is not None:
            raise Refused("This change to the web page has already been undone.")
        change.undone_at, change.undone_by = timezone.now(), current_actor().name[:150]
        change.save(update_fields=["undone_at", "undone_by"])
        _require_others_apply(issue)
        did = "a correction to" if change.kind == Kind.CORRECTION else "the withdrawal of"
        record(
            ACT,
            f"Undid {did} the web page.",
            issue=issue,
            thing=f"web page change {change.pk}",
            changes={"note": [change.note, None]},
        )
    return change


def why_not_correct_web_page(issue: Issue) -> str:
    """Return why the current actor may not correct an issue's web page, or an empty string if they may."""
    if why_not := why_not_change_web_page(issue):
        return why_not
    if withdrawal_of(issue) is not None:
        return "The web page of this issue was withdrawn. First undo the withdrawal."
    mailing = find_mailing(issue)
    if mailing is None or not emails_of(mailing).main.page:
        return "The web page of this issue is a copy of the email, so you can withdraw the page but not correct it."
    return ""


def why_not_change_web_page(issue: Issue) -> str:
    """Return why the current actor may not change an issue's web page, or an empty string if they may."""
    act = "Changing the web page of a sent issue"
    if missing := why_not_role(Role.APPROVER, act, publication=issue.publication_id):
        return missing
    if issue.state in PUBLISHED and Mailing.objects.filter(issue=issue).exists():
        return ""
    return (
        f"{issue_label_at_start(issue)} has not been sent, so it has no web page yet. Edit the issue itself."
    )


def changes_of(issue: Issue) -> QuerySet[WebPageChange]:
    """Return all changes of an issue's web page, also those that were undone, oldest first."""
    return WebPageChange.objects.filter(issue=issue).order_by("pk")


def corrections_of(issue: Issue) -> list[WebPageChange]:
    """Return the corrections of an issue's web page that readers see, oldest first."""
    return list(changes_of(issue).filter(kind=Kind.CORRECTION, undone_at=None))


def withdrawal_of(issue: Issue) -> WebPageChange | None:
    """Return the withdrawal of an issue's web page, or None if readers can read the page."""
    return changes_of(issue).filter(kind=Kind.WITHDRAWAL, undone_at=None).first()


def not_withdrawn(issues: QuerySet[Issue]) -> QuerySet[Issue]:
    """Return those issues whose web page was not withdrawn."""
    withdrawn = WebPageChange.objects.filter(issue=OuterRef("pk"), kind=Kind.WITHDRAWAL, undone_at=None)
    return issues.filter(~Exists(withdrawn))


def corrected_email(email: Email, corrections: Iterable[WebPageChange]) -> Email:
    """Return the email with its page, subject and preheader corrected for the web. HTML and text stay as sent."""
    page, subject, preheader = email.page, email.subject, email.preheader
    for each in corrections:
        page, _places = replace_in_html(page, each.old_text, each.new_text)
        subject, _places = replace_text(subject, each.old_text, each.new_text)
        preheader, _places = replace_text(preheader, each.old_text, each.new_text)
    return replace(email, page=page, subject=subject, preheader=preheader)


def with_corrected_texts(issues: Sequence[Issue]) -> Sequence[Issue]:
    """Correct the subjects and preheaders of issues for the web, in memory only, and return the issues."""
    found = WebPageChange.objects.filter(issue__in=issues, kind=Kind.CORRECTION, undone_at=None)
    corrections: dict[int, list[WebPageChange]] = {}
    for each in found.exclude(old_text="").order_by("pk"):
        corrections.setdefault(each.issue_id, []).append(each)
    for issue in issues:
        for each in corrections.get(issue.pk, ()):
            issue.subject, _places = replace_text(issue.subject, each.old_text, each.new_text)
            issue.preheader, _places = replace_text(issue.preheader, each.old_text, each.new_text)
    return issues


def _cleaned(note: str, what: str) -> str:
    note = printable(note).strip()
    if not note:
        raise Invalid(f"Enter {what}, in a sentence for readers.")
    if len(note) > LONGEST_NOTE:
        raise Invalid(f"The note can have up to {LONGEST_NOTE:,} characters. This one has {len(note):,}.")
    return note


def _add(issue: Issue, kind: WebPageChange.Kind, note: str, *, old: str = "", new: str = "") -> WebPageChange:
    return WebPageChange.objects.create(
        issue=issue,
        kind=kind,
        note=note,
        old_text=old,
        new_text=new,
        changed_by=current_actor().name[:150],
        changed_at=timezone.now(),
    )


def _frozen_email(issue: Issue) -> Email:
    mailing = find_mailing(issue)
    if mailing is None:
        raise NotFound(f"We could not find the email for {issue}.")
    return emails_of(mailing).main


def _require_found(issue: Issue, old: str, new: str) -> None:
    now = corrected_email(_frozen_email(issue), corrections_of(issue))
    places = replace_in_html(now.page, old, new)[1] + replace_text(now.subject, old, new)[1]
    if not places:
        raise Invalid(
            f"We could not find “{old}” on the web page. Copy the words from a single paragraph, and choose "
            "words without a link or bold text."
        )


def _require_others_apply(issue: Issue) -> None:
    email = _frozen_email(issue)
    for each in corrections_of(issue):
        if each.old_text:
            after = corrected_email(email, [each])
            if (after.page, after.subject) == (email.page, email.subject) and each.old_text != each.new_text:
                raise Refused(
                    "A later correction replaces words from this correction. Undo the later correction first."
                )
            email = after
