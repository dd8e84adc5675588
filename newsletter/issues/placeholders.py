"""Fills placeholders in editors' texts, such as `Dear {{ first_name }}`. There are only 4 names: no logic, no calls."""

import re
from collections.abc import Callable, Iterator, Mapping

from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment

from newsletter.errors import Invalid

NAMES = ("first_name", "read_online_url", "preferences_url", "unsubscribe_url")

_BRACES = re.compile(r"\{[{%#]")
_PARSER = SandboxedEnvironment(keep_trailing_newline=True)
_ALLOWED = "Between {{ and }}, you can write " + ", ".join(NAMES[:-1]) + f" or {NAMES[-1]}."


def fill_placeholders(text: str, values: Mapping[str, str], field: str) -> str:
    """Return the text with each `{{ name }}` replaced by its value. `{{ "{{" }}` gives braces.

    Raises Invalid, naming the field (and the line if there are several), for anything that is not a known name.
    """
    if _BRACES.search(text) is None:
        return text
    try:
        parsed = _PARSER.parse(text)
    except TemplateSyntaxError as error:
        raise Invalid(
            f"{_place(field, text, error.lineno)}: the braces are incomplete, or contain something that we "
            f"cannot fill in. {_ALLOWED}"
        ) from error
    return "".join(_pieces(parsed, values, lambda line: _place(field, text, line)))


def check_placeholders(text: str, field: str) -> None:
    """Raise Invalid, as `fill_placeholders` does, if the placeholders of a text cannot be filled in."""
    fill_placeholders(text, dict.fromkeys(NAMES, ""), field)


def _pieces(parsed: nodes.Template, values: Mapping[str, str], place: Callable[[int], str]) -> Iterator[str]:
    for statement in parsed.body:
        if not isinstance(statement, nodes.Output):
            raise Invalid(_not_a_name(place(statement.lineno)))
        for node in statement.nodes:
            yield _piece(node, values, place)


def _piece(node: nodes.Expr, values: Mapping[str, str], place: Callable[[int], str]) -> str:
    match node:
        case nodes.TemplateData(data=text):
            return str(text)
        case nodes.Const(value=str(text)):
            return text
        case nodes.Name(name=name) if name in values:
            return values[name]
        case nodes.Name(name=name):
            raise Invalid(f"{place(node.lineno)}: we could not find a placeholder called {name}. {_ALLOWED}")
        case _:
            raise Invalid(_not_a_name(place(node.lineno)))


def _place(field: str, text: str, line: int) -> str:
    """Return the field, with the line if the text has several."""
    return f"{field}, line {line}" if "\n" in text else field


def _not_a_name(place: str) -> str:
    return f"{place}: only a placeholder name can be between braces. {_ALLOWED}"
