"""The front matter of a Markdown file as plain values: YAML, TOML or JSON, or the bare `Name: value` lines of Pelican.

YAML is read as version 1.2 of its specification means it, with scalars as the words that were written, so that
`language: no` is Norwegian and `title: 12:30` stays that. https://yaml.org/spec/1.2.2/#103-core-schema
"""

import json
import re
import tomllib
from typing import Any

import yaml

from newsletter.errors import Invalid

LONGEST = 32_000

_BLANK = re.compile(r"\A(?:[ \t]*\n)+(?=(?:---|\+\+\+|\{)[ \t]*\w*[ \t]*\n)")
_YAML = re.compile(r"\A---[ \t]*(?:ya?ml)?[ \t]*\n(.*?)(?:^|\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FENCED_JSON = re.compile(r"\A---[ \t]*json[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_TOML = re.compile(
    r"\A(?:\+\+\+[ \t]*\n(.*?)\n?\+\+\+|---[ \t]*toml[ \t]*\n(.*?)\n---)[ \t]*(?:\n|\Z)", re.DOTALL
)
_JSON = re.compile(r"\A\{\s*\"")
_UNCLOSED = re.compile(r"\A(?:---|\+\+\+)[ \t]*\n[ \t]*[A-Za-z][\w-]*[ \t]*[:=]")
_SCRIPT = re.compile(r"\A---[ \t]*(?:js|javascript|coffee|ts)[ \t]*\n")
_BARE = re.compile(r"(?:[A-Za-z][\w -]{0,30}:[^\n]*(?:\n[ \t]+\S[^\n]*)*\n)+(?=\s*\n|\Z)")
_BARE_LINE = re.compile(r"^([A-Za-z][\w -]{0,30}):[ \t]*([^\n]*(?:\n[ \t]+\S[^\n]*)*)", re.MULTILINE)
_NULL = "tag:yaml.org,2002:null"


class _Loader(yaml.SafeLoader):
    """A loader in which scalars are words, and no value can stand for another, so that a short text stays small."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - the library's own attribute
        first: [(_NULL, re.compile(r"(?:~|null|Null|NULL|)\Z"))] for first in ("~", "n", "N", "")
    }

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not allowed")
        return super().compose_node(parent, index)


def split_front_matter(text: str) -> tuple[dict[str, Any], str]:
    """Return the front matter, its names in lower case, and the text below it. Raises Invalid if it is damaged.

    Blank lines before it do not count.
    """
    text = _BLANK.sub("", text)
    if _SCRIPT.match(text):
        raise Invalid("the front matter contains code. Replace it with plain `name: value` lines.")
    value, body = _fenced(text) or _json(text) or _bare(text) or (None, text)
    if value is None:
        if body is text and _UNCLOSED.match(text):
            raise Invalid(f"the front matter is not closed. Add a line with {text[:3]} after it.")
        return {}, body
    if not isinstance(value, dict):
        raise Invalid(
            "the front matter is not a list of `name: value` lines. Correct the text between the `---` lines."
        )
    return {str(name).strip().lower(): part for name, part in value.items()}, body


def _fenced(text: str) -> tuple[Any, str] | None:
    for fence, read in ((_FENCED_JSON, _whole_json), (_TOML, _toml), (_YAML, _yaml)):
        if found := fence.match(text):
            return read(_bounded(found[found.lastindex or 1])), text[found.end() :]
    return None


def _bounded(written: str) -> str:
    if len(written) > LONGEST:
        raise Invalid(f"the front matter is longer than {LONGEST:,} characters. Shorten it.")
    return written


def _json(text: str) -> tuple[Any, str] | None:
    """Hugo's JSON front matter: an object at the beginning of the file, up to its last brace."""
    if not _JSON.match(text):
        return None
    try:
        value, end = json.JSONDecoder().raw_decode(text[:LONGEST])
    except (ValueError, RecursionError) as error:
        raise Invalid(f"the front matter is not valid JSON ({error}). Correct it.") from error
    return value, text[end:].lstrip(" \t").removeprefix("\n")


def _whole_json(written: str) -> Any:
    try:
        return json.loads(written)
    except (ValueError, RecursionError) as error:
        raise Invalid(f"the front matter is not valid JSON ({error}). Correct it.") from error


def _bare(text: str) -> tuple[dict[str, str], str] | None:
    """Lines of `Name: value` without a fence, up to a blank line; one of them must be the title."""
    found = _BARE.match(text[:LONGEST])
    if not found:
        return None
    value = {name.strip(): " ".join(words.split()) for name, words in _BARE_LINE.findall(found[0])}
    return (value, text[found.end() :]) if any(name.lower() == "title" for name in value) else None


def _yaml(written: str) -> Any:
    try:
        return yaml.load(written, Loader=_Loader)  # noqa: S506 - a SafeLoader that is stricter still
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        raise Invalid(
            f"the front matter is not valid YAML at line {line} ({error.problem}). Correct that line."
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError, TypeError) as error:
        raise Invalid("the front matter is not valid YAML. Write plain `name: value` lines.") from error


def _toml(written: str) -> Any:
    try:
        return tomllib.loads(written)
    except (ValueError, RecursionError) as error:
        raise Invalid(
            f"the front matter is not valid TOML ({error}). Correct the text between the `+++` lines."
        ) from error
