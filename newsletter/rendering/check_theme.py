"""Checks a theme with the sample issue: does it work, can everybody read it, and do mail programs show what it says?"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jinja2 import TemplateSyntaxError, meta

from newsletter.errors import Invalid
from newsletter.rendering.check_theme_words import check_words
from newsletter.rendering.email import Email
from newsletter.rendering.find_theme import DESCRIPTION, PARTS, Theme, find_theme
from newsletter.rendering.rendered_contrast import hard_to_read, styles_of
from newsletter.rendering.sample_issue import sample_email
from newsletter.rendering.theme_check_finding import ThemeFinding
from newsletter.rendering.theme_sandbox import environment_of

LANGUAGES = ("en", "de", "ar", "ja")
# Gmail keeps no more in the head of an email (https://www.caniemail.com/features/html-style/).
LARGEST_STYLE = 16_000
SMALLEST_TEXT = 14
NOT_PARTS = (".md", ".rst", "license", "readme")
# What mail programs leave out, with the programs (https://www.caniemail.com/).
_DROPPED = {
    r"display\s*:\s*(?:inline-)?(?:flex|grid)": "Outlook for Windows does not support flex or grid. Use a table.",
    r"position\s*:\s*(?:absolute|fixed|sticky)": "Gmail and Outlook do not support positioning. Use a table.",
    r"background(?:-image)?\s*:[^;}]*url\(": "Outlook for Windows does not show background images. Use an img element.",
    r"@import|@font-face": "Gmail and Outlook do not load fonts or style sheets. Use fonts that readers already have.",
    r"var\(--": "Gmail and Outlook do not support CSS variables. Use the colours from theme.toml.",
    r"\b(?:calc|min|max|clamp)\(": "Outlook does not support calculated values. Enter the value itself.",
    r"(?<![\w-])float\s*:": "Outlook for Windows does not support float. Use a table with the align attribute.",
    r"\d(?:rem|vw|vh)\b": "Many mail programs do not support rem, vw and vh. Use px.",
}
_FONT_SIZE = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)px")
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}")
_STYLE = re.compile(r"<style.*?</style>", re.DOTALL)


def check_theme(name: str) -> list[ThemeFinding]:
    """Return everything that should be mended in a theme. Raises NotFound if it does not exist."""
    try:
        theme = find_theme(name)
        emails = {language: sample_email(theme, language) for language in LANGUAGES}
    except Invalid as error:
        return [ThemeFinding(str(error))]
    email = emails["en"]
    return [
        *check_words(theme),
        *_unbalanced(theme),
        *_hard_to_read(email),
        *_in_the_email(email),
        *_dropped(theme),
        *_unused(theme),
    ]


def _hard_to_read(email: Email) -> Iterator[ThemeFinding]:
    for each in hard_to_read(email.html):
        yield ThemeFinding(
            f"In {each.mode} mode, the text “{each.text}” ({each.colour}) on {each.background} has a "
            f"contrast of {each.ratio:.1f}. The contrast must be at least 4.5."
        )


def _in_the_email(email: Email) -> Iterator[ThemeFinding]:
    from lxml import html as lxml_html

    size = sum(len(block.encode()) for block in _STYLE.findall(email.html))
    if size > LARGEST_STYLE:
        yield ThemeFinding(
            f"The style elements add up to {size:,} bytes. Gmail removes them if they add up to more than "
            f"{LARGEST_STYLE:,}. Shorten the blocks “narrow” and “hover” or the list “night”."
        )
    document = lxml_html.document_fromstring(email.html)
    small = {
        each.get("class", each.tag) for each in document.iter("p", "td", "a", "div", "li") if _is_small(each)
    }
    for name in sorted(small):
        yield ThemeFinding(
            f"Text in “{name}” is smaller than {SMALLEST_TEXT} px. Make the text larger.", must=False
        )
    for image in document.iter("img"):
        if image.get("alt") is None or not image.get("width"):
            yield ThemeFinding(
                f"The image “{image.get('class', 'without a class')}” must have the attributes alt and width."
            )


def _is_small(element: Any) -> bool:
    styles = styles_of(element)
    size = _FONT_SIZE.search(styles.get("font-size") or styles.get("font", ""))
    has_text = bool((element.text or "").strip(" \u00a0\n"))
    return (
        has_text
        and size is not None
        and float(size[1]) < SMALLEST_TEXT
        and "none" not in styles.get("display", "")
    )


def _dropped(theme: Theme) -> Iterator[ThemeFinding]:
    """Find declarations that mail programs ignore, in the theme's own files."""
    for path in sorted(theme.folders[0].rglob("*")):
        if path.suffix not in (".css", ".html") or not path.is_file():
            continue
        for number, line in enumerate(
            path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1
        ):
            for pattern, sentence in _DROPPED.items():
                if re.search(pattern, line):
                    yield ThemeFinding(sentence, f"{_shown(theme, path)}, line {number}", must=False)


def _unbalanced(theme: Theme) -> Iterator[ThemeFinding]:
    """Find braces without their other half, after which mail programs ignore all further rules."""
    for path in sorted(theme.folders[0].rglob("*.css")):
        css = _JINJA.sub("", path.read_text(encoding="utf-8", errors="replace"))
        opened: list[int] = []
        for number, line in enumerate(css.splitlines(), start=1):
            for brace in re.findall(r"[{}]", line):
                if brace == "{":
                    opened.append(number)
                elif opened:
                    opened.pop()
                else:
                    yield ThemeFinding(
                        "This line closes a brace that was not opened.",
                        f"{_shown(theme, path)}, line {number}",
                    )
        if opened:
            yield ThemeFinding(
                "This line opens a brace that is not closed.", f"{_shown(theme, path)}, line {opened[-1]}"
            )


def _unused(theme: Theme) -> Iterator[ThemeFinding]:
    """Find files in the theme's folder that no part of it includes."""
    used = _files_used(theme)
    if used is None:
        return
    for path in sorted(theme.folders[0].rglob("*")):
        is_part = path.is_file() and path.name != DESCRIPTION and not path.name.startswith(".")
        if is_part and path not in used and not path.name.lower().endswith(NOT_PARTS):
            yield ThemeFinding(
                "No part of the theme includes this file. Include it, or delete it.",
                _shown(theme, path),
                must=False,
            )


def _files_used(theme: Theme) -> set[Path] | None:
    """Return the files that the parts of a theme lead to; None if a template works out a name while it runs."""
    environment = environment_of(theme)
    assert environment.loader is not None
    waiting, seen, files = list(PARTS), set[str](), set[Path]()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        source, file, _ = environment.loader.get_source(environment, name)
        files.add(Path(file or ""))
        try:
            found = list(meta.find_referenced_templates(environment.parse(source)))
        except TemplateSyntaxError:
            return None
        if None in found:
            return None
        waiting += [each for each in found if each]
    return files


def _shown(theme: Theme, path: Path) -> str:
    return f"{theme.name}/{path.relative_to(theme.folders[0])}"
