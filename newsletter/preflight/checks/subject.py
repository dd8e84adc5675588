"""Check the subject as an inbox shows it."""

from collections.abc import Iterator

from newsletter.issues.models import Issue
from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.earlier_issues import LAST_FIRST, earlier_issues
from newsletter.preflight.finding import Basis, Finding, Level, Rule
from newsletter.preflight.issue_texts import SUBJECT
from newsletter.preflight.subject_words import has_words, is_shouted, mark_of_draft, without_copy_of
from newsletter.preflight.text_comparison import as_read, bare_words
from newsletter.rendering.inbox_preview import LONGEST_SUBJECT

CHECK = "subject"
SUBJECT_CUT = Rule(
    "words.subject-cut",
    "Phones cut off the subject",
    Level.ADVICE,
    "Half of all readers first see the subject on a phone.",
    "Put the important words at the beginning of the subject, or shorten it.",
    Basis("How much of a subject a phone shows when held upright", as_of="November 2026"),
)
SAME_SUBJECT = Rule(
    "words.same-subject",
    "An earlier issue had the same subject",
    Level.WARNING,
    "Readers may think they have already read this issue, and mail programs may group the two into one conversation.",
    "Say in the subject what is new.",
    Basis("How Gmail groups emails", "https://support.google.com/mail/answer/5900", "November 2026"),
)
SHOUTING = Rule(
    "words.shouting",
    "The subject looks like shouting",
    Level.WARNING,
    "Capital letters and rows of exclamation marks look like spam to readers and filters.",
    "Write the subject in ordinary sentence case.",
    Basis(
        "SpamAssassin’s rules SUBJ_ALL_CAPS and PLING_PLING",
        "https://spamassassin.apache.org/",
        "November 2026",
    ),
)
NO_WORDS = Rule(
    "words.subject-without-words",
    "The subject has no words",
    Level.WARNING,
    "Readers cannot tell what the email is about, and screen readers read out the names of the emojis.",
    "Write in words what the issue is about.",
    Basis("How screen readers read emojis", as_of="November 2026"),
)
DRAFT = Rule(
    "words.subject-of-draft",
    "The subject says that it is a draft, a copy or a test",
    Level.WARNING,
    "Readers would see a note that was meant for editors.",
    "Remove the note from the subject.",
    Basis("The text of the email"),
)
RULES = (SUBJECT_CUT, SAME_SUBJECT, SHOUTING, NO_WORDS, DRAFT)

LOOKED_BACK = 10
# Some phones show more than the shortest line, and the last words seldom matter. Above this, half is cut.
SUBJECT_AT_MOST = 60


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Look at the length and the words of the subject, and at the subjects of earlier issues."""
    if checked.email is None or not checked.issue.subject.strip():
        return
    subject = as_read(checked.email.subject)
    if len(subject) > SUBJECT_AT_MOST:
        what = f"A phone shows only about {LONGEST_SUBJECT} of the {len(subject)} characters in the subject."
        yield SUBJECT_CUT.found(what, SUBJECT)
    yield from _same_subject(checked)
    if copied := _copied_from(checked, subject):
        yield DRAFT.found(f"The subject “{subject}” was copied from issue {copied}.", SUBJECT)
    elif not has_words(subject):
        yield NO_WORDS.found(f"The subject “{subject}” has no words.", SUBJECT)
    elif mark := mark_of_draft(subject):
        yield DRAFT.found(f"The subject contains “{mark}”.", SUBJECT)
    elif is_shouted(subject):
        yield SHOUTING.found(f"The subject looks like shouting: “{subject}”.", SUBJECT)


def _copied_from(checked: CheckedIssue, subject: str) -> int:
    """Return the number of the issue whose subject follows after words such as “Copy of”; 0 if there is none."""
    original = bare_words(without_copy_of(subject))
    if not original:
        return 0
    others = Issue.objects.filter(publication=checked.issue.publication_id).exclude(pk=checked.issue.pk)
    subjects = others.order_by("-pk").values_list("number", "subject")[:LOOKED_BACK]
    return next((number for number, other in subjects if bare_words(other) == original), 0)


def _same_subject(checked: CheckedIssue) -> Iterator[Finding]:
    issue = checked.issue
    words = bare_words(issue.subject)
    earlier = earlier_issues(issue).order_by(*LAST_FIRST)
    for number, subject in earlier.values_list("number", "subject")[:LOOKED_BACK]:
        if words and bare_words(subject) == words:
            yield SAME_SUBJECT.found(f"Issue {number} had the same subject.", SUBJECT)
            return
