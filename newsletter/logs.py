"""How the press logs: lines for people, or JSON for programs; neither holds an address, a token or a key.

They are taken out of the finished text, so that a traceback, or what a database says of a row, does not bring them in.
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

# What PostgreSQL says of a row that it refuses, to its end wherever that is: the values may have lines of their own.
ROW = re.compile(
    r"(Failing row contains |Key \([^)\n]{0,60}\)=)\(.*?(?:\)(?=\.?$| already| is )|\Z)",
    re.MULTILINE | re.DOTALL,
)
# In this order: what is inside something longer comes after it. Each looks at a character once, so that no text costs
# more than its length: a quantifier that gives nothing back, and a start that is no middle.
PERSONAL = (
    (re.compile(r"(://)[^/\s@]++@"), r"\1(login)@"),
    (
        re.compile(r"(?<![\w.!#$%&'*+/=?^`{|}~-])[\w.!#$%&'*+/=?^`{|}~-]++@\w[\w.-]*"),
        "(address)",
    ),
    (re.compile(r"SG\.[\w.-]++"), "(key)"),
    (re.compile(r"(?i)\b(bearer|basic) ++[\w.+/=~-]++"), r"\1 (key)"),
    # Signed links: they begin with the row's number, whose zeros are written as capital As.
    (re.compile(r"(?<=[/=])(?=[\w:-]*[A-Z])[\w:-]{30,}+"), "(token)"),
)
# What is longer is cut in its middle: a line of a log is read, and by programs with limits of their own.
LONGEST_HEAD, LONGEST_TAIL = 6_000, 2_000
SHORTEST_SECRET = 6


class RedactingFormatter(logging.Formatter):
    """Lines for people. `secrets` are taken out wherever they stand."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")
        self.secrets = sorted(
            (each for each in secrets if len(each) >= SHORTEST_SECRET), key=len, reverse=True
        )

    def format(self, record: logging.LogRecord) -> str:
        """The whole entry with its traceback, a long one without its middle. Never raises."""
        try:
            return self.without_secrets(super().format(record))
        except Exception as error:  # noqa: BLE001 - logging would print the arguments as they are
            return f"{record.levelname} {record.name} {self._unwritable(record, error)}"

    def without_secrets(self, text: str) -> str:
        """The text with a word in the place of everything that is nobody's business."""
        for secret in self.secrets:
            text = text.replace(secret, "(secret)")
        if "Failing row contains (" in text or ")=(" in text:
            text = ROW.sub(r"\1(…)", text)
        text = _shortened(text)
        for pattern, word in PERSONAL:
            text = pattern.sub(word, text)
        return text

    def _unwritable(self, record: logging.LogRecord, error: Exception) -> str:
        where = f"{record.filename}:{record.lineno}"
        return f"A message from {where} could not be written ({type(error).__name__})."


class RedactingJsonFormatter(RedactingFormatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The whole entry with its traceback, a long one without its middle. Never raises."""
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
        # Half a surrogate can be written nowhere.
        return {
            name: self.without_secrets(text).encode(errors="replace").decode() for name, text in words.items()
        }


def log_everything() -> None:
    """Have warnings, and errors that nothing caught, logged like everything else: for processes that run on and on."""
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_of_thread


def logs_uncaught_errors() -> bool:
    """Whether this process logs what nothing caught: it asked for that by `log_everything`."""
    return sys.excepthook is _log_uncaught


def _log_uncaught(
    kind: type[BaseException], error: BaseException, _traceback: "TracebackType | None"
) -> None:
    logging.getLogger(__name__).critical("The process ended by %s.", kind.__name__, exc_info=error)


def _log_uncaught_of_thread(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_type is not SystemExit:
        name = ended.thread.name if ended.thread else "A thread"
        logging.getLogger(__name__).error(
            "%s ended by %s.", name, ended.exc_type.__name__, exc_info=ended.exc_value
        )


def _shortened(text: str) -> str:
    """The beginning and the end of a long text, cut between words: half an address would be found by no pattern."""
    if len(text) <= LONGEST_HEAD + LONGEST_TAIL:
        return text
    head, tail = text[:LONGEST_HEAD], text[-LONGEST_TAIL:]
    head = head[: len(head) - len(head.split()[-1])] if not head[-1].isspace() else head
    tail = tail[len(tail.split()[0]) :] if not tail[0].isspace() else tail
    return f"{head}… ({len(text) - len(head) - len(tail):,} characters left out) …{tail}"
