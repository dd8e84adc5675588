"""Times and figures in the words of the desk."""

from newsletter.scheduling.display_times import MINUTE, moment, seconds_left, send_time, span
from newsletter.sending.ledger import RecipientCounts
from newsletter.sending.status_sentences import RECIPIENTS
from subscribers.text import counted

__all__ = [
    "capital",
    "countdown",
    "moment",
    "number",
    "outcomes",
    "people",
    "seconds_left",
    "send_time",
    "settled_count",
    "settled_percent",
    "span",
]


def people(count: int) -> str:
    """So many people."""
    return counted(count, "person", "people")


def number(count: int) -> str:
    """A figure with its thousands apart."""
    return f"{count:,}"


def capital(text: str) -> str:
    """The text as a sentence begins."""
    return text[:1].upper() + text[1:]


def countdown(seconds: int) -> str:
    """Minutes and seconds, such as 4:32."""
    return f"{seconds // MINUTE}:{seconds % MINUTE:02}"


def settled_count(counted: RecipientCounts) -> int:
    """Of how many it is said what became of them."""
    return counted.audience - counted.waiting


def settled_percent(counted: RecipientCounts) -> int:
    """The same in full tens of a hundred, so that it is not said anew each second."""
    return settled_count(counted) * 10 // max(counted.audience, 1) * 10


def outcomes(counted: RecipientCounts, why: dict[str, dict[str, int]]) -> list[tuple[str, int, str]]:
    """Each state of recipients in words, how many are in it, and the reasons."""
    return [
        (status.label, getattr(counted, state), _reasons(why.get(state, {})))
        for state, status in RECIPIENTS.items()
    ]


def _reasons(why: dict[str, int]) -> str:
    return ", ".join(f"{reason} {count:,}" for reason, count in why.items())
