"""Which settings can be chosen in the desk, and their types: those of newsletter/environment.py."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError, create_model
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from newsletter.environment import Environment
from newsletter.errors import InvalidFields

SECRETS = ("sendgrid_api_key", "smtp_password")
NAMES = (
    "transport",
    "sendgrid_api_key",
    "sendgrid_host",
    "sendgrid_webhook_key",
    "sendgrid_monthly_emails",
    "sendgrid_allow_overage",
    "sendgrid_push_suppressions",
    "smtp_host",
    "smtp_port",
    "smtp_security",
    "smtp_user",
    "smtp_password",
    "rate_per_second",
    "rate_per_hour",
    "warm_up",
    "canary_percent",
    "canary_minutes",
    "hard_bounce_limit",
    "complaint_limit",
)
EMPTY = ("", (), SecretStr(""))


def _field(name: str) -> Any:
    found = Environment.model_fields[name]
    field = FieldInfo(annotation=found.annotation, default=found.default)
    field.metadata = list(found.metadata)
    return (found.annotation, field)


_Chosen: type[BaseModel] = create_model(
    "_Chosen", __config__=ConfigDict(extra="forbid"), **{name: _field(name) for name in NAMES}
)


def checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as newsletter/environment.py has them. Raises InvalidFields with a sentence for each wrong one."""
    try:
        found = _Chosen.model_validate(dict(values))
    except ValidationError as error:
        raise InvalidFields({str(each["loc"][0]): _sentence(each) for each in error.errors()}) from None
    return {name: getattr(found, name) for name in values}


def stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return checked values that are not secret in the form in which JSON can hold them."""
    plain = {name: value for name, value in values.items() if name not in SECRETS}
    return _Chosen.model_construct(**plain).model_dump(mode="json", include=set(plain))


def set_in_environment(environment: Environment) -> frozenset[str]:
    """Return the names of those settings that the environment or the file .env sets, so that no choice counts."""
    return frozenset(
        name
        for name in NAMES
        if name in environment.model_fields_set and getattr(environment, name) not in EMPTY
    )


# What pydantic finds wrong, in the words of a page.
_SENTENCES: Mapping[str, str] = {
    "int_parsing": "Enter a whole number.",
    "int_from_float": "Enter a whole number.",
    "float_parsing": "Enter a number.",
    "greater_than": "Enter a number greater than {gt:g}.",
    "greater_than_equal": "Enter a number that is {ge:g} or more.",
    "less_than_equal": "Enter a number that is {le:g} or less.",
    "literal_error": "Choose one of {expected}.",
    "extra_forbidden": "This is not a sending setting.",
}


def _sentence(error: ErrorDetails) -> str:
    if error["type"] in _SENTENCES:
        return _SENTENCES[error["type"]].format(**error.get("ctx", {}))
    text = error["msg"].removeprefix("Value error, ").strip()
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"
