"""What the doctor says: one line for each thing that was looked at.

Sentences quote what strangers wrote, such as DNS records: control characters, which could rewrite a terminal, are
replaced, and endless text is cut.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

LONGEST = 1_000
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Level(StrEnum):
    """How it stands."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: how it stands, and how to mend it where it does not stand well."""

    check: str
    level: Level
    sentence: str
    fix: str = ""

    def to_dict(self) -> dict[str, str]:
        """The line as JSON can hold it."""
        return {"check": self.check, "level": self.level, "sentence": self.sentence, "fix": self.fix}


def ok(check: str, sentence: str) -> Finding:
    """It is well."""
    return _line(check, Level.OK, sentence)


def warning(check: str, sentence: str, fix: str) -> Finding:
    """It works, and may hurt."""
    return _line(check, Level.WARNING, sentence, fix)


def wrong(check: str, sentence: str, fix: str) -> Finding:
    """It does not work."""
    return _line(check, Level.WRONG, sentence, fix)


def left_out(check: str, sentence: str, fix: str = "") -> Finding:
    """It was not looked at, and why."""
    return _line(check, Level.LEFT_OUT, sentence, fix)


def _line(check: str, level: Level, sentence: str, fix: str = "") -> Finding:
    return Finding(check, level, _shown(sentence), _shown(fix))


def _shown(text: str) -> str:
    plain = _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)
    return plain if len(plain) <= LONGEST else f"{plain[:LONGEST]}…"
