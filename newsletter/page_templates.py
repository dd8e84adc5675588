"""The Jinja2 environment of pages and system emails, in which an undefined name is an error, not an empty string.

It is a separate module, so that commands that show no page need not import Jinja2.
"""

from typing import Any

from jinja2 import Environment, StrictUndefined


def environment(**options: Any) -> Environment:
    """Return the environment, with Django's options (settings.TEMPLATES)."""
    return Environment(**{**options, "undefined": StrictUndefined})  # noqa: S701 - Django asks for escaping
