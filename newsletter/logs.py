"""How the press logs: lines for people, or JSON for programs; neither holds an address, a token or a key.

They are taken out of the finished text, so that a traceback, or what a database says of a row, does not bring them in.
"""

import logging
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import orjson

# In this order: what is inside something longer comes after it.
PERSONAL = (
    # What PostgreSQL says of a row that it refuses.
    (
        re.compile(r"(Failing row contains |Key \([^)\n]*\)=)\(.*?\)(?=\.?$| already| is )", re.MULTILINE),
        r"\1(…)",
    ),
    (re.compile(r"(://)[^/\s@]+@"), r"\1(login)@"),
    (re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@\w[\w.-]*\w"), "(address)"),
    (re.compile(r"SG\.[\w.-]+"), "(key)"),
    (re.compile(r"(?i)\b(bearer|basic) +[\w.+/=~-]+"), r"\1 (key)"),
    # Signed links: they begin with the row's number, whose zeros are written as capital As.
    (re.compile(r"(?<=[/=])(?=[\w:-]*[A-Z])[\w:-]{30,}"), "(token)"),
)
SHORTEST_SECRET = 6


class Discreet(logging.Formatter):
    """Lines for people. `secrets` are taken out wherever they stand."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")
        self.secrets = sorted(
            (each for each in secrets if len(each) >= SHORTEST_SECRET), key=len, reverse=True
        )

    def format(self, record: logging.LogRecord) -> str:
        """The whole entry with its traceback."""
        return self.without_secrets(super().format(record))

    def without_secrets(self, text: str) -> str:
        """The text with a word in the place of everything that is nobody's business."""
        for secret in self.secrets:
            text = text.replace(secret, "(secret)")
        for pattern, word in PERSONAL:
            text = pattern.sub(word, text)
        return text


class DiscreetJson(Discreet):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The whole entry with its traceback."""
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "process": record.process,
            "message": self.without_secrets(record.getMessage()),
        }
        if record.exc_info:
            entry["traceback"] = self.without_secrets(self.formatException(record.exc_info))
        return orjson.dumps(entry).decode()
