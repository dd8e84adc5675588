"""The Jinja2 environment of the pages and system mails: a name that is not given is an error, not an empty string.

A module of its own, so that commands that show no page need not import Jinja2.
"""

from typing import Any

from jinja2 import Environment, StrictUndefined


def environment(**options: Any) -> Environment:
    """Return the environment, with Django's options (settings.TEMPLATES)."""
    return Environment(**{**options, "undefined": StrictUndefined})  # noqa: S701 - Django asks for escaping
