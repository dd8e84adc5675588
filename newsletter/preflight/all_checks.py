"""Runs every check of an issue before its approval. Nothing is changed, and nothing waits for the network.

A check is a file in `checks/` with the names CHECK, RULES and `check(checked)`, which yields findings. docs/how-to/
add-a-preflight-check.md says how to add one.
"""

import logging
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Final

from newsletter.issues.models import Issue
from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.checks import (
    accessibility,
    appeals,
    articles,
    attachments,
    audience_size,
    authentication,
    checklist,
    clients,
    content,
    dates,
    email_created,
    fields,
    language_of_parts,
    law,
    link_colour,
    links,
    links_reached,
    markdown_as_text,
    mistakes_in_texts,
    notices,
    pictures,
    placeholders,
    preheader,
    promoted_treatments,
    reading_order,
    references,
    reuse_terms,
    reviewers,
    reviews,
    sender_name_and_fixed_texts,
    size,
    spam,
    subject,
)
from newsletter.preflight.finding import LEVELS, Basis, Finding, Level, Place, Rule, at_level

log = logging.getLogger(__name__)

CHECKS: Final[tuple[ModuleType, ...]] = (
    email_created,
    checklist,
    reviewers,
    audience_size,
    fields,
    subject,
    preheader,
    placeholders,
    attachments,
    mistakes_in_texts,
    law,
    appeals,
    promoted_treatments,
    reuse_terms,
    authentication,
    sender_name_and_fixed_texts,
    spam,
    size,
    dates,
    content,
    articles,
    references,
    reviews,
    notices,
    links,
    links_reached,
    markdown_as_text,
    pictures,
    accessibility,
    link_colour,
    reading_order,
    language_of_parts,
    clients,
)
# These count people, which takes up to two seconds for a large list. A page shows what they find later.
COUNTING: Final = (audience_size,)
INCOMPLETE = Rule(
    "check.incomplete",
    "We could not complete a check",
    Level.WARNING,
    "A fault in this software stopped the check, so we may have missed a problem.",
    "Ask the person who runs the server to check the log.",
    Basis("How this software works"),
)


def rules() -> list[Rule]:
    """Return every rule, in the order of the checks."""
    return [rule for check in CHECKS for rule in check.RULES]


def check_issue(
    checked: CheckedIssue,
    *,
    only: Sequence[ModuleType] | None = None,
    without: Sequence[ModuleType] = (),
) -> list[Finding]:
    """Return what the checks find: the most serious first, then in the order of the email. Nothing is stored."""
    checks = [check for check in (CHECKS if only is None else only) if check not in without]
    known = {rule.name: rule for rule in (*rules(), INCOMPLETE)}
    levels = checked.chosen_settings.levels
    found = [
        finding
        for check in checks
        for raw in _completed(check, checked)
        if (finding := at_level(raw, known[raw.rule], levels)) is not None
    ]
    return sorted(found, key=lambda finding: (LEVELS.index(finding.level), finding.position))


def check_now(issue: Issue) -> list[Finding]:
    """Return what the checks find in an issue as it is now."""
    return check_issue(CheckedIssue(issue))


def _completed(check: ModuleType, checked: CheckedIssue) -> Iterator[Finding]:
    """Yield the findings of a check. If it fails, yield a finding that says so, and let the other checks run."""
    try:
        yield from check.check(checked)
    except Exception as error:
        log.exception("We could not complete the check “%s”.", check.CHECK)
        what = f"We could not complete the check “{check.CHECK}” ({type(error).__name__})."
        yield INCOMPLETE.found(what, Place("review"))
