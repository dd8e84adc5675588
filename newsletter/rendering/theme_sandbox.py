"""The sandbox in which themes run. An error in a theme becomes one sentence that names the template and line."""

import traceback
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from jinja2 import (
    BytecodeCache,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    pass_context,
)
from jinja2.bccache import Bucket
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from newsletter.errors import Invalid
from newsletter.issues.blocks_shown_in_email import Block
from newsletter.issues.validators import theme_folders
from newsletter.rendering.email_contents import (
    CorrectionNote,
    Link,
    Notice,
    PublicationDetails,
    Section,
    Story,
)
from newsletter.rendering.find_theme import Colours, Theme
from newsletter.rendering.localisation import money, percent
from newsletter.rendering.markdown_text import markdown_text
from newsletter.rendering.merge_tags import without_tag_words
from newsletter.rendering.picture_sizes import Picture
from newsletter.rendering.render_markdown import markdown_html
from newsletter.rendering.safe_urls import safe_contact_url, safe_link_url
from subscribers.bidi import in_its_language, isolated, isolated_html, main_direction
from subscribers.clean_text import printable
from subscribers.phrases import shortened
from subscribers.wrap_text import indent, underline, wrap

if TYPE_CHECKING:
    from types import CodeType

_MISTAKES = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
LONGEST_CITATION = 80
PLAIN_VALUES = frozenset({Block, Colours, PublicationDetails, Link, CorrectionNote, Picture, Section, Story})


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, with a shortcut to the fields of our own frozen values, which took half the rendering time."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return a field of our own values directly, and anything else through the sandbox's checks."""
        if type(obj) in PLAIN_VALUES and attribute[0] != "_":
            return getattr(obj, attribute)
        return super().getattr(obj, attribute)


class Compiled(BytecodeCache):
    """Caches the compiled code of each template file, for the environments of all home folders in this process."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, CodeType | None]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Load the cached code, if it belongs to the current text of the file."""
        checksum, code = self._kept.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Cache the code in place of that of an older text."""
        self._kept[bucket.key] = bucket.checksum, bucket.code


_COMPILED = Compiled()


def render(template: str, context: Mapping[str, Any], *, theme: Theme | None = None) -> str:
    """Render a template. Raises Invalid for a mistake in it: an undefined name, a syntax error, a forbidden call.

    For a theme, each name is looked for in the theme's own folder, then in those of the themes that it extends, and
    then among all themes.
    """
    environment = environment_of(theme)
    shown = f"{theme.name}/{template}" if theme else template
    try:
        return printable(environment.get_template(template).render(context))
    except TemplateNotFound as error:
        raise Invalid(f"Template {shown}: we could not find a template called {error.name}.") from error
    except TemplateSyntaxError as error:
        place = _short(error.filename or "") or error.name
        raise Invalid(f"Template {place}, line {error.lineno}: {error.message}") from error
    except _MISTAKES as error:
        raise Invalid(f"Template {_place(error, shown)}: {str(error).removesuffix('.')}.") from error


def environment_of(theme: Theme | None) -> Sandbox:
    """Return the sandbox for a theme, or for the emails that belong to no theme."""
    folders = theme.folders if theme else ()
    return _environment_for(folders, Path(settings.NEWSLETTER.home), Path(settings.TEMPLATES_DIR))


@lru_cache(32)
def _environment_for(folders: tuple[Path, ...], _home: Path, _templates: Path) -> Sandbox:
    environment = Sandbox(
        loader=FileSystemLoader([*folders, *theme_folders()]),
        undefined=StrictUndefined,
        autoescape=lambda name: name is not None and name.endswith(".html"),
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=_COMPILED,
    )
    environment.filters |= {
        "markdown": markdown_in_its_directions,
        "dir": direction_where_it_differs,
        "way": direction_of_text,
        "markdown_text": markdown_text,
        "link": safe_link_url,
        "mail_or_web": safe_contact_url,
        "money": money,
        "percent": percent,
        "isolated": isolated,
        "bdi": isolated_where_needed,
        "short": short_citation,
        "wrap": wrap,
        "hang": hanging_indent,
        "underline": underline,
        "indent_text": indent,
    }
    return environment


def short_citation(text: str) -> str:
    """Return the beginning of a citation, for one quiet line in an email."""
    return shortened(text, LONGEST_CITATION)


@pass_context
def markdown_in_its_directions(
    context: Context, source: str, around: str = "", highest: int | None = None
) -> Markup:
    """Return Markdown as HTML whose paragraphs say their direction where it is not that of what is around them.

    By default, that is the email's. `highest` is the level of the highest headings, as in `markdown_html`.
    """
    return markdown_html(source, around or context["direction"], highest)


@pass_context
def direction_where_it_differs(context: Context, text: str, around: str = "") -> Markup:
    """Return the attribute `dir` for an element with this text, where a paragraph would get one."""
    around = around or context["direction"]
    own = direction_of_text(context, text, around)
    return Markup() if own == around else Markup(' dir="{}"').format(own)


@pass_context
def direction_of_text(context: Context, text: str, around: str = "") -> str:
    """Return `ltr` or `rtl`, as most of the text is written, or else as what is around it."""
    return main_direction(without_tag_words(text)) or around or str(context["direction"])


@pass_context
def isolated_where_needed(context: Context, text: str) -> Markup:
    """Return the text with `<bdi>` around what the email's own direction would put in the wrong order.

    A notice in another language says in which.
    """
    if isinstance(text, Notice) and text.language:
        return in_its_language(text, text.language, text.direction, context["direction"])
    return isolated_html(text, context["direction"])


def hanging_indent(text: str, bullet: str) -> str:
    """Return the text wrapped after a bullet, with all following lines indented."""
    return wrap(text, first=bullet, rest=" " * len(bullet))


def _place(error: Exception, template: str) -> str:
    """Return the innermost template line that caused the error. Jinja adds such lines to the traceback."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if place := _short(frame.filename):
            return f"{place}, line {frame.lineno}"
    return template


def _short(filename: str) -> str:
    """Return the path of a template from the folder of all themes on; empty if it is not a template."""
    for folder in theme_folders():
        if filename.startswith(f"{folder}/"):
            return filename.removeprefix(f"{folder}/")
    return ""
