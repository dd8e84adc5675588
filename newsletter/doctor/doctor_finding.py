"""A finding of the doctor: one line for each thing that was checked.

Sentences may quote untrusted text, such as DNS records: control characters, which could rewrite a terminal, are
replaced, and long text is cut.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

LONGEST = 1_000
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Level(StrEnum):
    """How good or bad a finding is."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"
    LEFT_OUT = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked: how it stands and, if it is not well, how to fix it."""

    check: str
    level: Level
    sentence: str
    fix: str = ""

    def to_dict(self) -> dict[str, str]:
        """Return the finding as plain values for JSON."""
        return {"check": self.check, "level": self.level, "sentence": self.sentence, "fix": self.fix}


def ok(check: str, sentence: str) -> Finding:
    """Return a finding that all is well."""
    return _line(check, Level.OK, sentence)


def warning(check: str, sentence: str, fix: str) -> Finding:
    """Return a finding of something that works but may cause harm."""
    return _line(check, Level.WARNING, sentence, fix)


def wrong(check: str, sentence: str, fix: str) -> Finding:
    """Return a finding of something that does not work."""
    return _line(check, Level.WRONG, sentence, fix)


def left_out(check: str, sentence: str, fix: str = "") -> Finding:
    """Return a finding that something was skipped, and why."""
    return _line(check, Level.LEFT_OUT, sentence, fix)


def _line(check: str, level: Level, sentence: str, fix: str = "") -> Finding:
    return Finding(check, level, _shown(sentence), _shown(fix))


def _shown(text: str) -> str:
    plain = _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)
    return plain if len(plain) <= LONGEST else f"{plain[:LONGEST]}…"
