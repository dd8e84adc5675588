"""Moves an email's styles into its elements with premailer: once per email, not once per person.

Style blocks marked `data-premailer="ignore"` (media queries, dark mode, hover) stay as they are, because premailer's
defaults would remove their `!important`. Conditional comments for Outlook stay too.
"""

import logging
import os
import re
from functools import lru_cache
from typing import Any

# premailer reads this when it is imported. Its default limit of 128 loses most of an email's rules between two uses.
os.environ.setdefault("PREMAILER_CACHE_MAXSIZE", "8192")

from premailer import Premailer

_STYLE_ATTRIBUTE = re.compile(r"""(?<=\sstyle=)(?:"[^"]*"|'[^']*')""")
_SPACE_AFTER = re.compile(r"([;,]) +")
ARGUMENTS = {
    "strip_important": False,
    "disable_validation": True,
    "allow_network": False,
    "cssutils_logging_level": logging.CRITICAL,
    "remove_classes": False,
    "disable_link_rewrites": True,
}


def inline_styles(html: str) -> str:
    """Return the document with every plain style rule moved to the `style` attributes of its elements."""
    inlined = str(_Inliner(html, align_floating_images=False, **ARGUMENTS).transform())
    # Spaces between declarations are a twentieth of an email, and Gmail counts every byte.
    return _STYLE_ATTRIBUTE.sub(lambda style: _without_spaces(style[0]), inlined)


@lru_cache(1024)
def _without_spaces(style: str) -> str:
    return _SPACE_AFTER.sub(r"\1", style)


class _Inliner(Premailer):  # type: ignore[misc] # premailer has no types
    """premailer, without repeated work that our emails do not need.

    Themes do not float images. They set width, height, align and bgcolor where Outlook needs them, and premailer would
    overwrite the widths of images. The rules of a theme are the same in every email of a publication.
    """

    def _parse_style_rules(self, css_body: str, ruleset_index: int) -> tuple[list[Any], list[Any]]:
        rules, leftover = _rules_of(css_body, ruleset_index)
        return list(rules), list(leftover)

    def _style_to_basic_html_attributes(self, element: Any, style_content: str, **_: Any) -> None:
        pass


@lru_cache(64)
def _rules_of(css: str, index: int) -> tuple[list[Any], list[Any]]:
    rules, leftover = Premailer("<p>", **ARGUMENTS)._parse_style_rules(css, index)  # noqa: SLF001 - a subclass asks
    return rules, leftover
