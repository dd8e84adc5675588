"""Turns a validation error of pydantic or Django into one sentence that names the key."""

from collections.abc import Iterator, Mapping

from django.core.exceptions import NON_FIELD_ERRORS
from django.core.exceptions import ValidationError as DjangoError
from pydantic import ValidationError as PydanticError
from pydantic_core import ErrorDetails

from newsletter.errors import Invalid

PLAINER = {
    "String should have at least 1 character": "must not be empty",
    "Input should": "must",
    "valid tuple": "list",
    "valid decimal": "number",
    "valid string": "text",
    "be a text": "be text",
    "valid dictionary or instance of": "table with the keys of",
}


def shape_sentence(error: PydanticError, keys: Mapping[str, list[str]], *, within: str = "") -> str:
    """Return a sentence about the first error. `keys` has the names allowed in each table; "" is the top level."""
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
                allowed = f"The keys are {', '.join(known)}" if known else "No keys are allowed here"
                yield f"{key}{row} is not a valid key. {allowed}."
            case "missing":
                yield f"{key}{row} is missing."
            case _:
                message = detail["msg"].removeprefix("Value error, ").removesuffix(".")
                for theirs, ours in PLAINER.items():
                    message = message.replace(theirs, ours)
                colon = "" if message.startswith("must ") else ":"
                yield f"{key}{row}{colon} {message[:1].lower()}{message[1:]}."


def field_sentence(error: DjangoError, *, within: str = "") -> str:
    """Return the name of the first invalid field of a model, with the message of its validator."""
    field, messages = next(iter(error.message_dict.items()))
    message = messages[0].rstrip(".")
    if field == NON_FIELD_ERRORS:
        return f"{within}: {message}." if within else f"{message}."
    return f"{within}.{field}: {message}." if within else f"{field}: {message}."


def written_sentence(error: DjangoError) -> str:
    """Return what is wrong with the first invalid text that an editor wrote. A text that is too long says how long."""
    field, errors = next(iter(error.error_dict.items()))
    first = errors[0]
    if first.code == "max_length" and first.params:
        noun = field.replace("picture_alt", "picture description").replace("blurb", "text")
        return too_long(noun, first.params["limit_value"], first.params["show_value"])
    return field_sentence(error)


def too_long(noun: str, limit: int, length: int) -> str:
    """Return the sentence about a text that has too many characters."""
    return f"The {noun} can have at most {limit:,} characters. This text has {length:,}."


def require_length(noun: str, text: str, limit: int) -> None:
    """Raise Invalid with both lengths if a text is longer than it can be."""
    if len(text) > limit:
        raise Invalid(too_long(noun, limit, len(text)))
