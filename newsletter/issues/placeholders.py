"""Fills placeholders in editors' texts, such as `Dear {{ first_name }}`. There are only 4 names: no logic, no calls."""

import re
from collections.abc import Iterator, Mapping

from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment

from newsletter.errors import Invalid

NAMES = ("first_name", "read_online_url", "preferences_url", "unsubscribe_url")

_BRACES = re.compile(r"\{[{%#]")
_PARSER = SandboxedEnvironment(keep_trailing_newline=True)
_ALLOWED = "Between {{ and }} you can write " + ", ".join(NAMES[:-1]) + f" or {NAMES[-1]}."
_AS_TEXT = 'To show the braces themselves, write {{ "{{" }}.'


def fill_placeholders(text: str, values: Mapping[str, str], field: str) -> str:
    """Return the text with each `{{ name }}` replaced by its value. `{{ "{{" }}` gives braces.

    Raises Invalid, naming the field and the line, for an unknown name or anything that is not a name.
    """
    if _BRACES.search(text) is None:
        return text
    try:
        parsed = _PARSER.parse(text)
    except TemplateSyntaxError as error:
        raise Invalid(
            f"{field}, line {error.lineno}: the braces are not complete, or hold something that we cannot fill in. "
            f"{_ALLOWED} {_AS_TEXT}"
        ) from error
    return "".join(_pieces(parsed, values, field))


def check_placeholders(text: str, field: str) -> None:
    """Raise Invalid, as `fill_placeholders` does, if the placeholders of a text cannot be filled in."""
    fill_placeholders(text, dict.fromkeys(NAMES, ""), field)


def _pieces(parsed: nodes.Template, values: Mapping[str, str], field: str) -> Iterator[str]:
    for statement in parsed.body:
        if not isinstance(statement, nodes.Output):
            raise Invalid(_not_a_name(statement, field))
        for node in statement.nodes:
            yield _piece(node, values, field)


def _piece(node: nodes.Expr, values: Mapping[str, str], field: str) -> str:
    match node:
        case nodes.TemplateData(data=text):
            return str(text)
        case nodes.Const(value=str(text)):
            return text
        case nodes.Name(name=name) if name in values:
            return values[name]
        case nodes.Name(name=name):
            raise Invalid(
                f"{field}, line {node.lineno}: we could not find a placeholder called {name}. {_ALLOWED}"
            )
        case _:
            raise Invalid(_not_a_name(node, field))


def _not_a_name(node: nodes.Node, field: str) -> str:
    return f"{field}, line {node.lineno}: only the name of a placeholder can be between braces. {_ALLOWED}"
