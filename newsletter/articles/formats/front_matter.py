"""The head of a Markdown file: YAML between lines of `---`, or TOML between lines of `+++`, read as plain values."""

import re
import tomllib
from typing import Any

import yaml

from newsletter.errors import Invalid

LONGEST = 32_000

_YAML = re.compile(r"\A---[ \t]*\n(.*?)(?:^|\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_TOML = re.compile(r"\A\+\+\+[ \t]*\n(.*?)\n?\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL)


class _WithoutAliases(yaml.SafeLoader):
    """A loader in which no value can stand for another, so that a short head cannot grow into a large one."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not read here")
        return super().compose_node(parent, index)


def split_front_matter(text: str) -> tuple[dict[str, Any], str]:
    """The head, its names in lower case, and the text below it. Raises Invalid where the head is damaged."""
    head = _YAML.match(text) or _TOML.match(text)
    if not head:
        return {}, text
    written = head[1]
    if len(written) > LONGEST:
        raise Invalid(f"its front matter is longer than {LONGEST:,} characters; shorten it.")
    value = _toml(written) if text.startswith("+++") else _yaml(written)
    if value is None:
        return {}, text[head.end() :]
    if not isinstance(value, dict):
        raise Invalid(
            "its front matter is not a list of `name: value` lines; correct what stands between the `---` lines."
        )
    return {str(name).strip().lower(): part for name, part in value.items()}, text[head.end() :]


def _yaml(written: str) -> Any:
    try:
        return yaml.load(written, Loader=_WithoutAliases)  # noqa: S506 - a SafeLoader that is stricter still
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        raise Invalid(
            f"its front matter is not valid YAML at line {line} ({error.problem}); correct that line."
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError, TypeError) as error:
        raise Invalid("its front matter is not valid YAML; write plain `name: value` lines.") from error


def _toml(written: str) -> Any:
    try:
        return tomllib.loads(written)
    except (ValueError, RecursionError) as error:
        raise Invalid(
            f"its front matter is not valid TOML ({error}); correct what stands between the `+++` lines."
        ) from error
