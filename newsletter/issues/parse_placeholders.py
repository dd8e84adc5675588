"""Parses the placeholders in a text with Jinja's parser, which is only imported for a text that has some."""

from collections.abc import Callable, Iterator, Mapping

from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment

from newsletter.errors import Invalid

# Makes the error for a line.
InvalidAt = Callable[[int, str], Invalid]

INCOMPLETE = "the braces are incomplete, or contain something that we cannot fill in"
NOT_A_NAME = "only a placeholder name can be between braces"
_PARSER = SandboxedEnvironment(keep_trailing_newline=True)


def parse_and_fill(text: str, values: Mapping[str, str], field: str, allowed: str) -> str:
    """Return the text with its placeholders replaced by the values. Raises Invalid as `fill_placeholders`.

    `allowed` is the end of each error: a sentence that says what can be between braces.
    """

    def invalid(line: int, what: str) -> Invalid:
        return Invalid(f"{_place(field, text, line)}: {what}. {allowed}")

    try:
        parsed = _PARSER.parse(text)
    except TemplateSyntaxError as error:
        raise invalid(error.lineno, INCOMPLETE) from error
    return "".join(_pieces(parsed, values, invalid))


def _pieces(parsed: nodes.Template, values: Mapping[str, str], invalid: InvalidAt) -> Iterator[str]:
    for statement in parsed.body:
        if not isinstance(statement, nodes.Output):
            raise invalid(statement.lineno, NOT_A_NAME)
        for node in statement.nodes:
            yield _piece(node, values, invalid)


def _piece(node: nodes.Expr, values: Mapping[str, str], invalid: InvalidAt) -> str:
    match node:
        case nodes.TemplateData(data=text):
            return str(text)
        case nodes.Const(value=str(text)):
            return text
        case nodes.Name(name=name) if name in values:
            return values[name]
        case nodes.Name(name=name):
            raise invalid(node.lineno, f"we could not find a placeholder called {name}")
        case _:
            raise invalid(node.lineno, NOT_A_NAME)


def _place(field: str, text: str, line: int) -> str:
    """Return the field, with the line if the text has several."""
    return f"{field}, line {line}" if "\n" in text else field
