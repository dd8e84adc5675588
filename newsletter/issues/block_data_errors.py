"""What is wrong with the data of a block: in the words of a file, and for each field of an editor’s form."""

from collections.abc import Mapping

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from newsletter.errors import Invalid
from newsletter.issues.validation_messages import shape_sentence

# Where a value stands in the data, such as ("currency",) or ("amounts", 1, "url").
Path = tuple[str | int, ...]
NUMBER, DAY = "enter a number in digits, such as 40000", "enter a date, such as 2026-12-24"
PLAIN: Mapping[str, str] = {
    "decimal_max_places": "use at most {decimal_places} decimal places",
    "greater_than": "enter a number above {gt}",
    "greater_than_equal": "enter {ge} or more",
    "less_than_equal": "enter {le:,} or less",
    "finite_number": NUMBER,
    "string_too_long": "use at most {max_length:,} characters",
    "string_too_short": "enter a text, or clear the row",
    "missing": "enter a text",
    "literal_error": "choose one of the options",
}


class BlockDataError(Invalid):
    """The data of a block cannot be used. It is said by the first wrong key; `by_path` has every wrong value.

    The sentences in `by_path` follow the label of a field and a colon.
    """

    def __init__(self, error: ValidationError, keys: Mapping[str, list[str]], *, within: str) -> None:
        super().__init__(shape_sentence(error, keys, within=within))
        self.by_path: dict[Path, str] = {}
        for detail in error.errors(include_url=False):
            self.by_path.setdefault(tuple(detail["loc"]), plain_sentence(detail))


def plain_sentence(detail: ErrorDetails) -> str:
    """Return what to do about one wrong value."""
    kind = detail["type"]
    if kind.startswith("decimal_") and kind not in PLAIN:
        return f"{NUMBER}."
    if kind.startswith(("date_", "datetime_")):
        return f"{DAY}."
    if kind in PLAIN:
        return f"{PLAIN[kind].format_map(detail.get('ctx', {}))}."
    message = detail["msg"].removeprefix("Value error, ").removesuffix(".")
    return f"{message[:1].lower()}{message[1:]}."
