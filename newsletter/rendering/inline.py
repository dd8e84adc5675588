"""Moves a letter's styles into its elements, with premailer, once a letter and never per person.

Style blocks marked `data-premailer="ignore"` (media queries, dark mode, hover) stay as they are written: premailer's
defaults would take their `!important` away. Conditional comments for Outlook stay too.
"""

import logging
import os

# premailer reads this when it is imported; its own limit of 128 loses most of a letter's rules between two uses.
os.environ.setdefault("PREMAILER_CACHE_MAXSIZE", "8192")

from premailer import Premailer

# A theme writes these attributes where Outlook needs them; premailer's would overwrite the widths of images.
_WRITTEN_BY_THE_THEME = ["align", "bgcolor", "height", "valign", "width"]


def inline_styles(html: str) -> str:
    """The same document with every plain style rule moved to the `style` attributes it applies to."""
    return str(
        Premailer(
            html,
            strip_important=False,
            disable_validation=True,
            allow_network=False,
            cssutils_logging_level=logging.CRITICAL,
            remove_classes=False,
            disable_link_rewrites=True,
            disable_basic_attributes=_WRITTEN_BY_THE_THEME,
        ).transform()
    )
