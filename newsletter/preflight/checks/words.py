"""Check the subject, the preheader and the words of the email."""

import re
from collections.abc import Iterator

from newsletter.issues.edit_issue import set_preheader
from newsletter.issues.models import Issue
from newsletter.issues.placeholders import NAMES
from newsletter.preflight.checked_issue import CheckedIssue, title_of
from newsletter.preflight.finding import Basis, Finding, Level, Place, Remedy, Rule
from newsletter.rendering.inbox_preview import LONGEST_PREHEADER, LONGEST_SUBJECT

CHECK = "words"
SUBJECT = Place("details", "subject")
PREHEADER = Place("details", "preheader")
PHONES = Basis("What phones show in an inbox when held upright", as_of="November 2026")
OURS = Basis("The text of the email")
SUBJECT_CUT = Rule(
    "words.subject-cut",
    "Phones cut off the subject",
    Level.ADVICE,
    "Half of all readers first see the subject on a phone.",
    "Put the important words at the beginning of the subject, or shorten it.",
    PHONES,
)
PREHEADER_CUT = Rule(
    "words.preheader-cut",
    "Phones cut off the preheader",
    Level.ADVICE,
    "Readers only see the beginning of a long preheader.",
    "Put the important words at the beginning of the preheader, or shorten it.",
    PHONES,
)
PREHEADER_REPEATS = Rule(
    "words.preheader-repeats",
    "The preheader repeats the subject",
    Level.WARNING,
    "An inbox shows both next to each other, so the preheader tells readers nothing new.",
    "Mention something else from this issue.",
    PHONES,
)
SAME_SUBJECT = Rule(
    "words.same-subject",
    "An earlier issue had the same subject",
    Level.WARNING,
    "Readers may think they have already read this issue, and mail programs may group the two into one conversation.",
    "Say in the subject what is new.",
    Basis("How Gmail groups emails", "https://support.google.com/mail/answer/5900", "November 2026"),
)
ATTACHMENT = Rule(
    "words.attachment",
    "The text mentions an attachment",
    Level.WARNING,
    "Emails from this newsletter have no attachments.",
    "Link to the document instead, and change the text.",
    OURS,
)
PLACEHOLDER = Rule(
    "words.placeholder",
    "The text contains a placeholder",
    Level.ERROR,
    "Somebody probably meant to replace the placeholder before sending the email.",
    "Replace the placeholder, or remove it.",
    OURS,
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
RULES = (SUBJECT_CUT, PREHEADER_CUT, PREHEADER_REPEATS, SAME_SUBJECT, ATTACHMENT, PLACEHOLDER, SHOUTING)

# An empty preheader is suggested from the articles.
SUGGEST = Remedy(
    "Suggest a preheader",
    lambda issue: set_preheader(issue, ""),
    "We suggested a preheader based on the articles.",
)
LOOKED_BACK = 10
# Some phones show more than the shortest line, and the last words seldom matter. Above this, half is cut.
SUBJECT_AT_MOST, PREHEADER_AT_MOST = 60, 130
_ATTACHED = re.compile(
    r"\b(?:(?:is|are|i have|we have|i've|we've|please find|see|find|as)\s+(?:the\s+)?attached|"
    r"attached\s+(?:is|are|you|please|pdf|file|document|leaflet)|(?:see|open|in)\s+the\s+attachment|"
    r"im\s+anhang|anbei|angehängt|en\s+pièce\s+jointe|ci-joint\w*|archivo\s+adjunto|documento\s+adjunto|"
    r"adjunt[oa]s?\s+(?:encontrar\w*|el|la)|in\s+allegato|in\s+bijlage)\b",
    re.IGNORECASE,
)
_PLACEHOLDERS = re.compile(
    r"\blorem ipsum\b|\bTODO\b|\bTKTK\b|\bXXXX+\b|\[(?:insert|add|name|date|link|tbc|tbd)\b[^\]]{0,40}\](?![(\[])|"
    r"\{\{\s*\w+\s*\}\}|%%\w+%%|\*\u2060?\|\w+(?::[^|\n]{0,40})?\|\u2060?\*|<<\s*\w+\s*>>|"
    # How other services write a reader’s details, such as {first_name}, [first name] and %FIRSTNAME%.
    r"(?i:\{\s*(?:\w{0,20}[._ ])?(?:first|last|full|sur)?[_ ]?(?:name|e-?mail)\s*\})|"
    r"(?i:\[\[?(?:(?:first|last|full)[_ ]?name|vorname|nachname|prénom|nombre|enw)\]?\]|%(?:first|last|full)_?name%)"
)
_WORD = re.compile(r"[^\W\d_]{3,}")
_ENDINGS = re.compile(r"[!?]{3,}")


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Look at the subject and the preheader as an inbox shows them, and at the words of both parts."""
    email = checked.email
    if email is None:
        return
    subject, preheader = _read(email.subject), _read(email.preheader)
    if len(subject) > SUBJECT_AT_MOST:
        what = f"A phone shows about {LONGEST_SUBJECT} of the subject’s {len(subject)} characters."
        yield SUBJECT_CUT.found(what, SUBJECT)
    if len(preheader) > PREHEADER_AT_MOST:
        what = f"A phone shows about {LONGEST_PREHEADER} of the preheader’s {len(preheader)} characters."
        yield PREHEADER_CUT.found(what, PREHEADER)
    if preheader and _bare(preheader) == _bare(subject):
        what = "The preheader is the same as the subject."
        yield PREHEADER_REPEATS.found(what, PREHEADER, remedy=SUGGEST)
    yield from _same_subject(checked)
    if _shouts(subject):
        yield SHOUTING.found(f"The subject looks like shouting: “{subject}”.", SUBJECT)
    yield from _in_texts(checked)


def _same_subject(checked: CheckedIssue) -> Iterator[Finding]:
    issue = checked.issue
    sent = Issue.objects.filter(publication=issue.publication_id, sent_at__isnull=False).exclude(pk=issue.pk)
    for number, subject in sent.order_by("-sent_at").values_list("number", "subject")[:LOOKED_BACK]:
        if subject.strip() and _bare(subject) == _bare(issue.subject):
            yield SAME_SUBJECT.found(f"Issue {number} had the same subject.", SUBJECT)
            return


def _in_texts(checked: CheckedIssue) -> Iterator[Finding]:
    """Search the texts of the issue, of its articles as it shows them, and of its blocks."""
    issue = checked.issue
    texts = [
        (SUBJECT, _without_ours(issue.subject)),
        (PREHEADER, _without_ours(issue.preheader)),
        (Place("details", "opening"), _without_ours(issue.opening)),
    ]
    # Nothing is filled in below the introduction.
    texts += [
        (
            Place("contents", article=item.article_id),
            f"{title_of(item)}\n{item.blurb or item.article.standfirst}",
        )
        for item in checked.items
    ]
    texts += [(checked.places.block(block), f"{block.title}\n{block.body}") for block in checked.blocks]
    for position, (place, text) in enumerate(texts):
        if found := _PLACEHOLDERS.search(text):
            yield PLACEHOLDER.found(f"The text contains “{found[0]}”.", place, position=position)
        if found := _ATTACHED.search(text):
            what = f"The text says “{' '.join(found[0].split())}”, but the email has no attachment."
            yield ATTACHMENT.found(what, place, position=position)


def _without_ours(text: str) -> str:
    """Return a text without the placeholders that we fill in."""
    return re.sub(rf"\{{\{{\s*(?:{'|'.join(NAMES)})\s*\}}\}}", "", text)


def _read(text: str) -> str:
    """Return a subject or preheader with a usual name in place of the tag."""
    return re.sub(r"\*\|[A-Z_]+\|\*", "Alexander", text).strip()


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _shouts(subject: str) -> bool:
    words = _WORD.findall(subject)
    is_loud = len(words) > 1 and all(word.isupper() for word in words)
    return is_loud or _ENDINGS.search(subject) is not None
