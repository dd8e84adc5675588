"""What an answer of an SMTP server means, by the stage at which it came: one table, asked by everything else.

A reply is decided by its first digit (RFC 5321, section 4.2.1), and what it is about by its stage, its enhanced code
(RFC 3463), and only then by its words. What is about a person costs that person alone. What is about the message, the
account or the server is never booked on a person: the mailing waits, or pauses until somebody has mended it.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from subscribers.text import few_words

LONGEST_WORDS = 120


class Stage(StrEnum):
    """What was asked of the server when it answered. `TEXT` is the message without the dot that ends it."""

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
    """What an answer is about."""

    PERSON = "person"
    MESSAGE = "message"
    ACCOUNT = "account"
    SERVER = "server"


class Result(StrEnum):
    """What an answer says. `UNCLEAR` is possible at the final dot alone: before it, nothing was sent."""

    TAKEN = "taken"
    LATER = "later"
    REJECTED = "rejected"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply of the server; `code` is 0 when none came that can be read."""

    code: int = 0
    words: str = ""

    @property
    def enhanced(self) -> str:
        """The enhanced code, such as "5.1.1", if it fits the code; else empty."""
        found = ENHANCED.match(self.words)
        return found[0] if found and found[0][0] == str(self.code)[0] else ""

    @property
    def kind(self) -> tuple[int, str]:
        """What makes two refusals equal."""
        return self.code, self.enhanced

    def __str__(self) -> str:
        """Code and words as they may be kept: without addresses."""
        words = few_words(self.words, at_most=LONGEST_WORDS)
        code = str(self.code) if self.code else "no readable reply"
        return f"{code}: {words}" if words else code


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a reply means. `certain`: that it is about this person needs no further evidence.

    `hang_up`: the connection cannot be used any more, since what comes next could belong to something else.
    """

    result: Result
    about: About = About.SERVER
    certain: bool = False
    hang_up: bool = False


TAKEN = Meaning(Result.TAKEN)
# Of the connection, before there is a recipient; and of the recipient, the message and its end.
BEFORE_MAIL = frozenset({Stage.CONNECT, Stage.GREETING, Stage.EHLO, Stage.STARTTLS, Stage.AUTH})
OF_ONE_PERSON = frozenset({Stage.RCPT, Stage.DATA, Stage.TEXT, Stage.DOT})

CLOSING, OUT_OF_ORDER, START_TEXT = 421, 503, 354
STORAGE = 552
# RFC 4954, section 6; RFC 5321, section 4.2.3: the server does not know a command, or wants a log-in or TLS first.
OF_THE_ACCOUNT = frozenset({500, 502, 504, 523, 524, 525, 530, 534, 535, 538})
ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")
# RFC 3463, RFC 7505 and the IANA registry: no such mailbox, no such host, not an address, moved without a new one, and
# a domain that takes no mail. 5.1.0 says too little: servers also say it of senders.
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
    """What the reply to a stage means. A connection that broke, or was silent, is `Reply()`."""
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
    # What comes before the dot was sent is no reply to what was asked.
    hang_up = stage is Stage.TEXT or stage in BEFORE_MAIL
    if digit == 4 or (stage is Stage.RCPT and reply.code == STORAGE):  # noqa: PLR2004 - later
        found = _later(stage, reply)
    else:
        found = _refused(stage, reply)
    return Meaning(found.result, found.about, found.certain, hang_up=hang_up)


def no_such_mailbox(code: int, enhanced: str, words: str) -> str:
    """The code by which a server says that nobody has this address, so that it is not mailed again; else empty.

    The enhanced code decides. Words do only without one, and then only those that name the user or the mailbox.
    """
    if enhanced:
        return enhanced if NO_SUCH_MAILBOX.match(enhanced) else ""
    return str(code) if code in {550, 551, 553} and SAYS_NO_SUCH_MAILBOX.search(words) else ""


def _unreadable(stage: Stage) -> Meaning:
    """No reply that can be read, or one to something else: hang up. Only after the dot may it have been taken."""
    if stage is Stage.DOT:
        return Meaning(Result.UNCLEAR, About.SERVER, hang_up=True)
    # A server that breaks off for one recipient must not keep everybody else from their message.
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
