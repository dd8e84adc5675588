"""Check what the law and mail providers ask of the sender of a newsletter."""

import re
from collections.abc import Iterator

from django.conf import settings

from newsletter.issues.edit_issue_texts import set_subject
from newsletter.issues.models import Issue
from newsletter.preflight.checked_issue import CheckedIssue
from newsletter.preflight.finding import Basis, Finding, Level, Place, Remedy, Rule
from newsletter.preflight.hidden_elements import is_hidden
from newsletter.preflight.issue_texts import Line
from newsletter.preflight.placeholder_words import placeholders_in
from newsletter.preflight.reply_prefixes import reply_prefix, without_reply_prefixes
from newsletter.sending_settings.current import sending_settings

CHECK = "law and providers"
SENDER = Place("settings", "sender")
DONE = "The beginning of the subject was removed."
PECR = Basis(
    "Privacy and Electronic Communications Regulations 2003, regulation 23",
    "https://www.legislation.gov.uk/uksi/2003/2426/regulation/23",
)
GOOGLE = Basis(
    "Google’s email sender guidelines", "https://support.google.com/a/answer/81126", "November 2026"
)
UNSUBSCRIBE_HIDDEN = Rule(
    "law.unsubscribe-hidden",
    "Readers cannot see the unsubscribe link",
    Level.ERROR,
    "Every email must show a way to unsubscribe. If readers cannot find one, they report the email as spam.",
    "Correct the theme: the unsubscribe link must be visible and at least 10 pixels high.",
    GOOGLE,
)
ONE_CLICK = Rule(
    "law.one-click",
    "Mail programs cannot offer an unsubscribe button",
    Level.WARNING,
    "Google and Yahoo require the headers List-Unsubscribe and List-Unsubscribe-Post with a public https address.",
    "Ask the person who runs the server to set NEWSLETTER_BASE_URL to the public https address.",
    GOOGLE,
)
POSTAL_ADDRESS = Rule(
    "law.postal-address",
    "The postal address is incomplete or not real",
    Level.WARNING,
    "Readers must be able to see who is writing to them and where to complain.",
    "Enter the complete postal address in the publication’s settings.",
    PECR,
)
FALSE_REPLY = Rule(
    "law.false-reply",
    "The subject pretends to be a reply",
    Level.ERROR,
    "A subject that begins with “Re:” or “Fwd:” misleads readers. The law and email providers forbid this.",
    "Remove “Re:” or “Fwd:” from the subject.",
    GOOGLE,
)
PERHAPS_REPLY = Rule(
    "law.perhaps-reply",
    "The subject may look like a reply",
    Level.WARNING,
    "The subject begins like the subject of a reply or a forwarded email, so readers may feel misled.",
    "Remove the beginning of the subject, unless it is part of a name.",
    GOOGLE,
)
FREE_MAILBOX = Rule(
    "law.free-mailbox",
    "The sender’s address is from a public email service",
    Level.ERROR,
    "Gmail, Yahoo, Outlook and others ask other email providers to reject emails that use their domains but "
    "come from elsewhere.",
    "Send from an address in your own domain.",
    Basis(
        "The DMARC records of these providers", "https://support.google.com/a/answer/81126", "November 2026"
    ),
)
NO_REPLY = Rule(
    "law.no-reply",
    "Readers cannot reply",
    Level.ADVICE,
    "People reply to newsletters with corrections and requests to unsubscribe, so you need to receive their "
    "replies.",
    "Use an address that somebody checks, at least for replies.",
    PECR,
)
RULES = (UNSUBSCRIBE_HIDDEN, ONE_CLICK, POSTAL_ADDRESS, FALSE_REPLY, PERHAPS_REPLY, FREE_MAILBOX, NO_REPLY)

# “1 Quay, Ayr”, or without a number “The Old Lighthouse, Harbour Road, Newtown”.
FEWEST_WORDS, MORE_WORDS = 3, 5
# Addresses from examples: “1 Example Street, Anytown”, “Musterstraße 1, 12345 Musterstadt”.
_MADE_UP = re.compile(
    r"\bstreet, (?:town|city)\b|\brue de l['’]exemple\b|\bany ?(?:town|city|street|ville)\b|\b(?:your|"
    r"sample|dummy) (?:street|road|address|town|city|"
    r"postcode|organi[sz]ation)\b|"
    r"\bmuster(?:stra(?:ß|ss)e|stadt|hausen|ort|weg|dorf|str\.)|\b(?:street address|address line|"
    r"postal address)\b|"
    r"\b123 (?:main|any|fake|example|sample|your) (?:street|st|road|avenue)\b|\bfake street\b|\bAB1 2CD\b|"
    r"\bAA1 1AA\b|"
    r"\b(?:ville|rue) exemple\b|\bdeine stra(?:ß|ss)e\b|\bihre (?:stra(?:ß|ss)e|adresse)\b|"
    r"\bvotre (?:adresse|ville|rue)\b|"
    r"\blorem\b|\bx{3,}\b",
    re.IGNORECASE,
)
_PROVIDERS = re.compile(
    r"(?:gmail|googlemail|aol|icloud|me|mac|protonmail|zohomail|rocketmail|ymail|btinternet|qq|163|126|"
    r"yandex)\.com|"
    r"(?:gmx|web|t-online|freenet)\.de|gmx\.(?:net|com|at|ch)|(?:orange|free|laposte|wanadoo|sfr)\.fr|"
    r"libero\.it|"
    r"proton\.me|pm\.me|mail\.(?:com|ru)|yandex\.ru|fastmail\.(?:com|fm)|"
    r"(?:yahoo|hotmail|outlook|live|msn)\.(?:[a-z]{2,3}|co\.[a-z]{2}|com\.[a-z]{2})"
)
_NO_REPLY = re.compile(r"(?:no|do-?not|dont)[-_.]?reply", re.IGNORECASE)


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Look at the sender, the subject, the postal address, and the ways to unsubscribe."""
    if checked.email is None:
        return
    yield from _unsubscribing(checked)
    yield from _sender(checked)
    subject = Place("details", "subject")
    if found := reply_prefix(checked.issue.subject.strip()):
        what = f"The subject begins with “{found.words}”, as if it were a reply."
        rule = FALSE_REPLY if found.is_certain else PERHAPS_REPLY
        yield rule.found(what, subject, remedy=Remedy(f"Remove “{found.words}”", _without_reply, DONE))
    address = " ".join(checked.publication.postal_address.split())
    # A placeholder is found by checks/placeholders.py.
    if not placeholders_in([Line(address, address)]) and (wrong := _wrong_with(address)):
        yield POSTAL_ADDRESS.found(f"“{address}” {wrong}.", SENDER)


def looks_made_up(address: str) -> bool:
    """Return whether an address comes from an example, such as “1 Example Street, Anytown”."""
    return _MADE_UP.search(address) is not None


def _wrong_with(address: str) -> str:
    """Return why an address cannot be where the organisation is; empty if nothing is wrong with it."""
    if looks_made_up(address):
        return "looks like an example"
    has_digit = any(letter.isdigit() for letter in address)
    if len(address.split()) < (FEWEST_WORDS if has_digit else MORE_WORDS):
        return "does not look like a complete postal address"
    return ""


def _without_reply(issue: Issue) -> None:
    set_subject(issue, without_reply_prefixes(issue.subject.strip()))


def _unsubscribing(checked: CheckedIssue) -> Iterator[Finding]:
    links = [link for link in checked.links if link.url == "*|UNSUBSCRIBE_URL|*"]
    if not any(link.words and not is_hidden(link.element) for link in links):
        yield UNSUBSCRIBE_HIDDEN.found("No reader can see the unsubscribe link.", Place("settings", "look"))
    root = settings.NEWSLETTER.root_url
    if sending_settings().transport != "maildir" and not root.startswith("https://"):
        what = f"The unsubscribe links begin with {root}, which is not a public https address."
        yield ONE_CLICK.found(what, Place("review"))


def _sender(checked: CheckedIssue) -> Iterator[Finding]:
    address = checked.publication.sender_address
    domain = address.rpartition("@")[2].lower()
    if _PROVIDERS.fullmatch(domain):
        yield FREE_MAILBOX.found(f"The sender’s address is from {domain}, a public email service.", SENDER)
    answers = checked.publication.reply_to or address
    if _NO_REPLY.search(answers.partition("@")[0]):
        yield NO_REPLY.found(
            f"Replies are sent to {answers}, which looks like an address that nobody checks.", SENDER
        )
