"""Fills placeholders in editors' texts, such as `Dear {{ first_name }}`. There are only 4 names: no logic, no calls."""

import re
from collections.abc import Iterator, Mapping

from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment

from newsletter.errors import Invalid
from newsletter.rendering.merge_tags import NAMES

_BRACES = re.compile(r"\{[{%#]")
_PARSER = SandboxedEnvironment(keep_trailing_newline=True)
_ALLOWED = "You can use " + ", ".join(NAMES)


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
            f"{field}, line {error.lineno}: {error.message} Inside braces, {_ALLOWED[0].lower()}{_ALLOWED[1:]}."
        ) from error
    return "".join(_pieces(parsed, values, field))


def _pieces(parsed: nodes.Template, values: Mapping[str, str], field: str) -> Iterator[str]:
    for statement in parsed.body:
        if not isinstance(statement, nodes.Output):
            raise Invalid(
                f"{field}, line {statement.lineno}: only a placeholder name is allowed in braces. {_ALLOWED}."
            )
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
                f"{field}, line {node.lineno}: we could not find a placeholder called {name}. {_ALLOWED}."
            )
        case _:
            raise Invalid(
                f"{field}, line {node.lineno}: only a placeholder name is allowed in braces. {_ALLOWED}."
            )
