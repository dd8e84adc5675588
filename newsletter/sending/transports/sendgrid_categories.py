"""The arguments and categories by which SendGrid’s events and Email Logs name a post of ours, without personal data."""

from newsletter.sending.transport import BatchReference

LONGEST_CATEGORY = 255
OURS = "press"


def custom_args(trace: BatchReference) -> dict[str, str]:
    """Return the arguments that SendGrid returns in every event of a post."""
    return {
        f"{OURS}_mailing": str(trace.mailing),
        f"{OURS}_batch": str(trace.batch),
        f"{OURS}_attempt": str(trace.attempt),
    }


def categories(trace: BatchReference) -> list[str]:
    """Return categories for publication, issue and batch, without personal data: at most 255 characters each."""
    publication = f"{OURS} {trace.publication}"
    # Test emails do not have the issue's category, or its mailing would look as if it had been posted.
    issue = issue_category(trace) if trace.batch else f"{publication} test"[:LONGEST_CATEGORY]
    return [publication[:LONGEST_CATEGORY], issue, batch_category(trace)]


def issue_category(trace: BatchReference) -> str:
    """Return the category of every post of an issue."""
    return f"{OURS} {trace.publication} {trace.issue}"[:LONGEST_CATEGORY]


def batch_category(trace: BatchReference) -> str:
    """Return the category of one post alone."""
    return f"{OURS} batch {trace.mailing} {trace.number} {trace.attempt}"
