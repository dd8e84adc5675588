"""Decides what a reply of an SMTP server means at each stage. All other modules ask this one.

The first digit of a reply decides the result (RFC 5321, section 4.2.1). Its stage, its enhanced code (RFC 3463), and
only then its words decide what it is about. A reply about a person affects that person alone. A reply about the
message, the account or the server never affects a single person: the mailing waits, or is paused until somebody fixes
the cause.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from subscribers.phrases import few_words

LONGEST_WORDS = 120


class Stage(StrEnum):
    """The command that a reply answers. `TEXT` is the message without the dot that ends it."""

    CONNECT = "connect"
    GREETING = "greeting"
    EHLO = "EHLO"
    STARTTLS = "STARTTLS"
    AUTH = "AUTH"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    TEXT = "text"
    DOT = "dot"


class About(StrEnum):
    """What a reply is about."""

    PERSON = "person"
    MESSAGE = "message"
    ACCOUNT = "account"
    SERVER = "server"


class Result(StrEnum):
    """What a reply says. `UNCLEAR` is only possible at the final dot: before it, no message was sent."""

    TAKEN = "taken"
    LATER = "later"
    REJECTED = "rejected"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply of the server; `code` is 0 without a readable reply."""

    code: int = 0
    words: str = ""

    @property
    def enhanced(self) -> str:
        """The enhanced code, such as "5.1.1", if it matches the code; otherwise empty."""
        found = ENHANCED.match(self.words)
        return found[0] if found and found[0][0] == str(self.code)[0] else ""

    @property
    def kind(self) -> tuple[int, str]:
        """What two equal rejections have in common."""
        return self.code, self.enhanced

    def __str__(self) -> str:
        """Return code and words without addresses, so that we may store them."""
        words = few_words(self.words, at_most=LONGEST_WORDS)
        code = str(self.code) if self.code else "no readable reply"
        return f"{code}: {words}" if words else code


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a reply means. `certain` means that it is about this person, without further evidence.

    `hang_up` means that the connection is no longer usable, because the next reply could belong to another command.
    """

    result: Result
    about: About = About.SERVER
    certain: bool = False
    hang_up: bool = False


TAKEN = Meaning(Result.TAKEN)
# The stages before there is a recipient, and those of one recipient and their message.
BEFORE_MAIL = frozenset({Stage.CONNECT, Stage.GREETING, Stage.EHLO, Stage.STARTTLS, Stage.AUTH})
OF_ONE_PERSON = frozenset({Stage.RCPT, Stage.DATA, Stage.TEXT, Stage.DOT})

CLOSING, OUT_OF_ORDER, START_TEXT = 421, 503, 354
STORAGE = 552
# RFC 4954, section 6; RFC 5321, section 4.2.3: the server does not know a command, or requires a login or TLS.
OF_THE_ACCOUNT = frozenset({500, 502, 504, 523, 524, 525, 530, 534, 535, 538})
ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")
# RFC 3463, RFC 7505 and the IANA registry: no such mailbox, no such host, not an address, moved without a new address,
# and a domain that accepts no mail. 5.1.0 is too vague: servers also use it for senders.
NO_SUCH_MAILBOX = re.compile(r"5\.1\.(1|2|3|6|10)\Z")
# The address of the recipient, and their mailbox.
PERSONS_ADDRESS = re.compile(r"5\.(1\.(0|1|2|3|4|6|9|10)|2\.\d+)\Z")
SENDERS_ADDRESS = re.compile(r"[45]\.1\.(7|8)\Z")
PERSONS_MAILBOX = re.compile(r"4\.(1|2|4)\.\d+\Z")
THE_SERVERS_STATE = re.compile(r"4\.3\.\d+|4\.5\.3|4\.7\.28\Z")
SAYS_LIMIT = re.compile(
    r"\b(rate|limit\w*|exceed\w*|throttl\w*|too (many|fast|much)|hourly|daily|per (hour|day|minute)|slow down)\b",
    re.IGNORECASE,
)
SAYS_MAILBOX = re.compile(r"\b(mailbox|inbox|user|recipient)\b", re.IGNORECASE)
SAYS_GREYLISTED = re.compile(r"gr[ae]y[- ]?list", re.IGNORECASE)
SAYS_NO_SUCH_MAILBOX = re.compile(
    r"\b(no such (user|recipient|mailbox)|(user|recipient|mailbox)( is)? (unknown|not found)|"
    r"unknown (user|recipient|mailbox))\b",
    re.IGNORECASE,
)
SAYS_UNKNOWN_PERSON = re.compile(
    r"\b(no such (user|recipient|mailbox|person)|(user|recipient|mailbox|address)( is)? (unknown|not found)|"
    r"unknown (user|recipient|mailbox)|invalid (recipient|mailbox)|does(n't| not) exist|mailbox unavailable|"
    r"no mailbox)\b",
    re.IGNORECASE,
)


def meaning(stage: Stage, reply: Reply) -> Meaning:
    """Return what a reply at a stage means. `Reply()` stands for a broken or silent connection."""
    digit = reply.code // 100
    if digit == 2 and stage not in {Stage.DATA, Stage.TEXT}:  # noqa: PLR2004 - positive
        return TAKEN
    if stage is Stage.DATA and digit == 3:  # noqa: PLR2004 - go on
        return TAKEN
    if digit not in {4, 5}:
        return _unreadable(stage)
    if reply.code == CLOSING:
        return Meaning(Result.LATER, About.SERVER, hang_up=True)
    if reply.code == OUT_OF_ORDER:
        return _unreadable(stage) if stage is not Stage.DOT else Meaning(Result.LATER, hang_up=True)
    # A reply that comes before the dot was sent does not answer a command.
    hang_up = stage is Stage.TEXT or stage in BEFORE_MAIL
    if digit == 4 or (stage is Stage.RCPT and reply.code == STORAGE):  # noqa: PLR2004 - later
        found = _later(stage, reply)
    else:
        found = _refused(stage, reply)
    return Meaning(found.result, found.about, found.certain, hang_up=hang_up)


def no_such_mailbox(code: int, enhanced: str, words: str) -> str:
    """Return the code by which a server says that a mailbox does not exist, so that we do not mail it again; or empty.

    The enhanced code decides. Without one the words decide, and then only those that name the user or the mailbox.
    """
    if enhanced:
        return enhanced if NO_SUCH_MAILBOX.match(enhanced) else ""
    return str(code) if code in {550, 551, 553} and SAYS_NO_SUCH_MAILBOX.search(words) else ""


def _unreadable(stage: Stage) -> Meaning:
    """Hang up after an unreadable reply, or one to another command. Only after the dot may it mean acceptance."""
    if stage is Stage.DOT:
        return Meaning(Result.UNCLEAR, About.SERVER, hang_up=True)
    # A server that closes the connection for one recipient must not stop the messages to everybody else.
    about = About.PERSON if stage in OF_ONE_PERSON else About.SERVER
    return Meaning(Result.LATER, about, hang_up=True)


def _later(stage: Stage, reply: Reply) -> Meaning:
    if stage in BEFORE_MAIL or stage is Stage.MAIL:
        return Meaning(Result.LATER, About.SERVER)
    enhanced, words = reply.enhanced, reply.words
    if SENDERS_ADDRESS.match(enhanced):
        return Meaning(Result.LATER, About.ACCOUNT)
    if PERSONS_MAILBOX.match(enhanced) or SAYS_GREYLISTED.search(words) or reply.code == STORAGE:
        return Meaning(Result.LATER, About.PERSON, certain=True)
    if THE_SERVERS_STATE.match(enhanced) or (SAYS_LIMIT.search(words) and not SAYS_MAILBOX.search(words)):
        return Meaning(Result.LATER, About.SERVER)
    # 4.7.1 is what greylisting servers say (RFC 6647, section 5).
    return Meaning(Result.LATER, About.PERSON, certain=enhanced == "4.7.1")


def _refused(stage: Stage, reply: Reply) -> Meaning:
    if stage in BEFORE_MAIL or reply.code in OF_THE_ACCOUNT or SENDERS_ADDRESS.match(reply.enhanced):
        return Meaning(Result.REJECTED, About.ACCOUNT)
    if stage is Stage.MAIL:
        return Meaning(Result.REJECTED, About.MESSAGE if reply.code == STORAGE else About.ACCOUNT)
    if PERSONS_ADDRESS.match(reply.enhanced):
        return Meaning(Result.REJECTED, About.PERSON, certain=True)
    if stage is Stage.RCPT:
        known = not reply.enhanced and SAYS_UNKNOWN_PERSON.search(reply.words) is not None
        return Meaning(Result.REJECTED, About.PERSON, certain=known)
    return Meaning(Result.REJECTED, About.MESSAGE)
