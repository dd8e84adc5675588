"""Asks SpamAssassin, where it is installed, what its rules say about an email. Nothing leaves this machine."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from django.utils import timezone

from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.models import SpamScore
from newsletter.rendering.email import Email
from newsletter.rendering.merge_tags import MergeValues, fill_tags

PROGRAM = "spamassassin"
SECONDS = 20.0
KEPT = timedelta(days=31)
# Rules about servers on the way, which a message that was not sent yet has not met.
_ABOUT_THE_WAY = frozenset(
    {"NO_RECEIVED", "NO_RELAYS", "UNPARSEABLE_RELAY", "ALL_TRUSTED", "DKIM_ADSP_NXDOMAIN"}
)
_STATUS = re.compile(r"^X-Spam-Status:.*?score=(-?[\d.]+)", re.MULTILINE | re.DOTALL)
_LINE = re.compile(r"^\s*(-?\d+\.\d)\s+([A-Z][A-Z0-9_]+)\s+(.*)$", re.MULTILINE)
_LINK = "https://example.org/reader/0123456789abcdef"
READER = MergeValues(_LINK, _LINK, _LINK, "Alex")


@dataclass(frozen=True, slots=True)
class SpamVerdict:
    """The score of an email, and the rules that raised it, each with its points and words, most points first."""

    score: float
    rules: tuple[tuple[float, str], ...]


def is_installed() -> bool:
    """Return whether SpamAssassin is installed."""
    return shutil.which(PROGRAM) is not None


def spam_verdict(email: Email) -> SpamVerdict | None:
    """Return what SpamAssassin’s local rules say about an email, or None if it is not installed or does not answer."""
    program = shutil.which(PROGRAM)
    if program is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603 - the program's own path, and no text of anybody's in the arguments
            [program, "-t", "-L"], input=_message(email), capture_output=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return _verdict(done.stdout.decode("utf-8", errors="replace"))


def _message(email: Email) -> bytes:
    filled = fill_tags(email, READER)
    message = EmailMessage()
    message["From"] = f"{filled.sender_name.encode('ascii', 'ignore').decode()} <{filled.sender_address}>"
    message["To"] = "Alex <alex@example.org>"
    message["Subject"] = filled.subject
    message["Date"] = format_datetime(timezone.now())
    message["Message-ID"] = make_msgid(domain="example.org")
    message["List-Unsubscribe"] = f"<{READER.unsubscribe_url}>"
    message.set_content(filled.text)
    message.add_alternative(filled.html, subtype="html")
    return bytes(message)


def _verdict(answer: str) -> SpamVerdict | None:
    status = _STATUS.search(answer)
    if status is None:
        return None
    found = [(float(points), name, words.strip()) for points, name, words in _LINE.findall(answer)]
    counted = [
        (points, f"{name}: {words}")
        for points, name, words in found
        if name not in _ABOUT_THE_WAY and points > 0
    ]
    about_the_way = sum(points for points, name, _words in found if name in _ABOUT_THE_WAY)
    return SpamVerdict(round(float(status[1]) - about_the_way, 1), tuple(sorted(counted, reverse=True)))


def keep_spam_score(checked: CheckedIssue) -> None:
    """Score an email that has no score yet, where SpamAssassin is installed. This takes some seconds."""
    if (
        checked.email is None
        or not is_installed()
        or SpamScore.objects.filter(digest=checked.digest).exists()
    ):
        return
    verdict = spam_verdict(checked.email)
    if verdict is not None:
        now = timezone.now()
        SpamScore.objects.filter(scored_at__lt=now - KEPT).delete()
        SpamScore.objects.update_or_create(
            digest=checked.digest,
            defaults={"score": verdict.score, "rules": list(verdict.rules), "scored_at": now},
        )
