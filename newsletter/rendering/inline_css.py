"""Moves a letter's styles into its elements, with premailer, once a letter and never per person.

Style blocks marked `data-premailer="ignore"` (media queries, dark mode, hover) stay as they are written: premailer's
defaults would take their `!important` away. Conditional comments for Outlook stay too.
"""

import logging
import os
from functools import lru_cache
from typing import Any

# premailer reads this when it is imported; its own limit of 128 loses most of a letter's rules between two uses.
os.environ.setdefault("PREMAILER_CACHE_MAXSIZE", "8192")

from premailer import Premailer

ARGUMENTS = {
    "strip_important": False,
    "disable_validation": True,
    "allow_network": False,
    "cssutils_logging_level": logging.CRITICAL,
    "remove_classes": False,
    "disable_link_rewrites": True,
}


def inline_styles(html: str) -> str:
    """The same document with every plain style rule moved to the `style` attributes it applies to."""
    return str(_Inliner(html, align_floating_images=False, **ARGUMENTS).transform())


class _Inliner(Premailer):  # type: ignore[misc] # premailer has no types
    """premailer, without what our letters do not need done again and again.

    Themes float no image. They write width, height, align and bgcolor where Outlook needs them, and premailer would
    overwrite the widths of images. The rules of a theme are the same in every letter of a publication.
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
