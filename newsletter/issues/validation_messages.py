"""Turns what pydantic and Django say about a wrong value into one sentence that names the key."""

from collections.abc import Iterator, Mapping

from django.core.exceptions import NON_FIELD_ERRORS
from django.core.exceptions import ValidationError as DjangoError
from pydantic import ValidationError as PydanticError
from pydantic_core import ErrorDetails

PLAINER = {
    "Input should": "it should",
    "valid tuple": "list",
    "valid decimal": "number",
    "valid string": "text",
    "be a text": "be text",
    "valid dictionary or instance of": "table such as the",
}


def shape_sentence(error: PydanticError, keys: Mapping[str, list[str]], *, within: str = "") -> str:
    """The first thing that is wrong. `keys` has the names allowed in each table, "" being the top."""
    return next(_shape_sentences(error.errors(include_url=False), keys, within))


def _shape_sentences(
    details: list[ErrorDetails], keys: Mapping[str, list[str]], within: str
) -> Iterator[str]:
    for detail in details:
        path = [str(step) for step in detail["loc"] if isinstance(step, str)]
        rows = [step for step in detail["loc"] if isinstance(step, int)]
        key = ".".join([within, *path] if within else path)
        row = f" (number {rows[0] + 1})" if rows else ""
        match detail["type"]:
            case "extra_forbidden" | "unexpected_keyword_argument":
                known = keys.get(".".join(path[:-1]), [])
                allowed = f"the keys are {', '.join(known)}" if known else "there are none here"
                yield f"{key}{row} is not a key; {allowed}."
            case "missing":
                yield f"{key}{row} is missing."
            case _:
                said = detail["msg"].removeprefix("Value error, ").removesuffix(".")
                for theirs, ours in PLAINER.items():
                    said = said.replace(theirs, ours)
                yield f"{key}{row}: {said[:1].lower()}{said[1:]}."


def field_sentence(error: DjangoError, *, within: str = "") -> str:
    """The first field of a model that is wrong, and what Django or a validator of ours says about it."""
    field, messages = next(iter(error.message_dict.items()))
    said = messages[0].rstrip(".")
    if field == NON_FIELD_ERRORS:
        return f"{within}: {said}." if within else f"{said}."
    return f"{within}.{field}: {said}." if within else f"{field}: {said}."
