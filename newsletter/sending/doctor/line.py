"""What the doctor says: one line for each thing that was looked at."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How it stands."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at: how it stands, and how to mend it where it does not stand well."""

    check: str
    level: Level
    sentence: str
    mend: str = ""

    def to_dict(self) -> dict[str, str]:
        """The line as JSON can hold it."""
        return {"check": self.check, "level": self.level, "sentence": self.sentence, "mend": self.mend}


def ok(check: str, sentence: str) -> Line:
    """It is well."""
    return Line(check, Level.OK, sentence)


def warning(check: str, sentence: str, mend: str) -> Line:
    """It works, and may hurt."""
    return Line(check, Level.WARNING, sentence, mend)


def wrong(check: str, sentence: str, mend: str) -> Line:
    """It does not work."""
    return Line(check, Level.WRONG, sentence, mend)


def left_out(check: str, sentence: str, mend: str = "") -> Line:
    """It was not looked at, and why."""
    return Line(check, Level.LEFT_OUT, sentence, mend)
