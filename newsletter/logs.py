"""Log lines for people, or JSON for programs. Neither contains an address, a token or a key.

They are removed from the finished text, so that a traceback or a database error cannot bring them in.
"""

import logging
import re
import sys
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from types import TracebackType

# What PostgreSQL quotes from a row that it rejects, up to the end: the values may contain line breaks.
ROW = re.compile(
    r"(Failing row contains |Key \([^)\n]{0,60}\)=)\(.*?(?:\)(?=\.?$| already| is )|\Z)",
    re.MULTILINE | re.DOTALL,
)
# In this order: a pattern comes before those that may match inside it. Each looks at a character only once, so
# that no text takes longer than its length: quantifiers are possessive, and a match cannot start in the middle of
# a word.
PERSONAL = (
    (re.compile(r"(://)[^/\s@]++@"), r"\1(login)@"),
    (
        re.compile(r"(?<![\w.!#$%&'*+/=?^`{|}~-])[\w.!#$%&'*+/=?^`{|}~-]++@\w[\w.-]*"),
        "(address)",
    ),
    (re.compile(r"SG\.[\w.-]++"), "(key)"),
    (re.compile(r"(?i)\b(bearer|basic) ++[\w.+/=~-]++"), r"\1 (key)"),
    # Signed links begin with the row's number, whose zeros are written as capital As.
    (re.compile(r"(?<=[/=])(?=[\w:-]*[A-Z])[\w:-]{30,}+"), "(token)"),
)
# Longer entries are cut in the middle: log lines are read by people, and by programs with limits.
LONGEST_HEAD, LONGEST_TAIL = 6_000, 2_000
SHORTEST_SECRET = 6
# Secrets that this process learned after it had started.
_learned = set[str]()


def never_log(secret: str) -> None:
    """Replace this secret in every later line of the log of this process."""
    if len(secret) >= SHORTEST_SECRET:
        _learned.add(secret)


class RedactingFormatter(logging.Formatter):
    """Format lines for people. `secrets` are removed wherever they occur."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")
        self.secrets = sorted(
            (each for each in secrets if len(each) >= SHORTEST_SECRET), key=len, reverse=True
        )

    def format(self, record: logging.LogRecord) -> str:
        """Format the whole entry with its traceback, shortened in the middle if it is long. Never raises."""
        try:
            return self.without_secrets(super().format(record))
        except Exception as error:  # noqa: BLE001 - logging would print the arguments as they are
            return f"{record.levelname} {record.name} {self._unwritable(record, error)}"

    def without_secrets(self, text: str) -> str:
        """Replace everything confidential in the text with a placeholder."""
        for secret in (*self.secrets, *sorted(_learned, key=len, reverse=True)):
            text = text.replace(secret, "(secret)")
        if "Failing row contains (" in text or ")=(" in text:
            text = ROW.sub(r"\1(…)", text)
        text = _shortened(text)
        for pattern, word in PERSONAL:
            text = pattern.sub(word, text)
        return text

    def _unwritable(self, record: logging.LogRecord, error: Exception) -> str:
        where = f"{record.filename}:{record.lineno}"
        return f"We could not write a log message from {where} ({type(error).__name__})."


class RedactingJsonFormatter(RedactingFormatter):
    """Format one JSON object per line."""

    def format(self, record: logging.LogRecord) -> str:
        """Format the whole entry with its traceback, shortened in the middle if it is long. Never raises."""
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "process": record.process,
        }
        try:
            return orjson.dumps(entry | self._words_of(record)).decode()
        except Exception as error:  # noqa: BLE001 - logging would print the arguments as they are
            return orjson.dumps(entry | {"message": self._unwritable(record, error)}).decode()

    def _words_of(self, record: logging.LogRecord) -> dict[str, str]:
        words = {"message": record.getMessage()}
        if record.exc_info:
            words["traceback"] = self.formatException(record.exc_info)
        # Half a surrogate pair cannot be encoded.
        return {
            name: self.without_secrets(text).encode(errors="replace").decode() for name, text in words.items()
        }


def log_everything() -> None:
    """Log warnings and uncaught errors like everything else, in long-running processes."""
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_of_thread


def logs_uncaught_errors() -> bool:
    """Return whether this process logs uncaught errors, because it called `log_everything`."""
    return sys.excepthook is _log_uncaught


def _log_uncaught(
    kind: type[BaseException], error: BaseException, _traceback: "TracebackType | None"
) -> None:
    logging.getLogger(__name__).critical("The process was stopped by %s.", kind.__name__, exc_info=error)


def _log_uncaught_of_thread(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_type is not SystemExit:
        name = ended.thread.name if ended.thread else "A thread"
        logging.getLogger(__name__).error(
            "%s was stopped by %s.", name, ended.exc_type.__name__, exc_info=ended.exc_value
        )


def _shortened(text: str) -> str:
    """Return the beginning and the end of a long text, cut between words: no pattern would recognise half an
    address.
    """
    if len(text) <= LONGEST_HEAD + LONGEST_TAIL:
        return text
    head, tail = text[:LONGEST_HEAD], text[-LONGEST_TAIL:]
    head = head[: len(head) - len(head.split()[-1])] if not head[-1].isspace() else head
    tail = tail[len(tail.split()[0]) :] if not tail[0].isspace() else tail
    return f"{head}… ({len(text) - len(head) - len(tail):,} characters left out) …{tail}"
