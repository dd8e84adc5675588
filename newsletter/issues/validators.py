"""What a publication's fields may hold. The model fields carry these rules, so every door obeys them.

Each raises Django's ValidationError with a sentence that says what is allowed.
"""

import zoneinfo
from functools import cache
from pathlib import Path
from string import Formatter
from urllib.parse import urlsplit

from babel import Locale, UnknownLocaleError
from django.conf import settings
from django.core.exceptions import ValidationError

from subscribers.text import why_not_one_line

LINK_SCHEMES = ("http", "https", "mailto")
SUBJECT_PLACEHOLDERS = frozenset(("name", "lead", "number"))
SUBJECT_SENTENCE = "In a subject pattern only {name}, {lead} and {number} may stand between braces."

# A publication lies at /<slug>/, beside what else the press answers (urls.py).
TAKEN_SLUGS = frozenset(
    [
        "admin",
        "confirm",
        "desk",
        "erase",
        "healthz",
        "leave",
        "lists",
        "metrics",
        "my-data",
        "one-click",
        "preferences",
        "readyz",
        "static",
        "webhooks",
    ]
)


def validate_one_line(value: str) -> None:
    """Text that goes into a header holds no line break and no other control character; joiners are text."""
    if wrong := why_not_one_line(value):
        raise ValidationError(wrong)


def validate_zone(value: str) -> None:
    """A zone of the IANA database, such as Europe/London."""
    if value not in _zones():
        raise ValidationError(f"“{value}” is no IANA time zone; write one such as Europe/London or UTC.")


def validate_language_tag(value: str) -> None:
    """A language tag (BCP 47) that the press has names of days and months for."""
    try:
        Locale.parse(value, sep="-")
    except (ValueError, UnknownLocaleError) as error:
        raise ValidationError(f"“{value}” is no language tag; write one such as en-GB, de or cy.") from error


def validate_theme(value: str) -> None:
    """A theme that is installed, see `theme_names`."""
    themes = theme_names()
    if themes and value not in themes:
        raise ValidationError(f"There is no theme “{value}”; the themes are {', '.join(themes)}.")


def theme_names() -> list[str]:
    """The themes that are installed, by name: folders with a theme.toml."""
    return sorted({path.parent.name for folder in theme_folders() for path in folder.glob("*/theme.toml")})


def theme_folders() -> list[Path]:
    """Where themes are looked for, the installation's own first."""
    return [Path(settings.NEWSLETTER.home).resolve() / "themes", Path(settings.TEMPLATES_DIR) / "email"]


def why_not_slug(slug: str) -> str:
    """Say that the slug of a publication is an address of ours; empty when it is free."""
    if slug not in TAKEN_SLUGS:
        return ""
    return f"“{slug}” is an address of this software itself. Take another."


def validate_subject_pattern(value: str) -> None:
    """A subject with gaps for what the issue brings: {name}, {lead}, {number}."""
    try:
        gaps = [
            (gap, form or conversion)
            for _, gap, form, conversion in Formatter().parse(value)
            if gap is not None
        ]
    except ValueError as error:
        raise ValidationError(SUBJECT_SENTENCE) from error
    if any(gap not in SUBJECT_PLACEHOLDERS or formatted for gap, formatted in gaps):
        raise ValidationError(SUBJECT_SENTENCE)
    validate_one_line(value)


def validate_web_url(value: str) -> None:
    """An address on the web: mail programs show nothing else."""
    _address(value, ("http", "https"))


def validate_link_url(value: str) -> None:
    """Where a button or link may lead: the web, or a mail address."""
    _address(value, LINK_SCHEMES)


def _address(value: str, schemes: tuple[str, ...]) -> None:
    if not is_absolute_url(value, schemes):
        beginnings = ", ".join(f"{scheme}://" if scheme != "mailto" else "mailto:" for scheme in schemes)
        raise ValidationError(
            f"“{value[:80]}” is no address that a reader can open; begin it with {beginnings}."
        )


def is_absolute_url(value: str, schemes: tuple[str, ...] = LINK_SCHEMES) -> bool:
    """Whether a text is one absolute address of these schemes, with nothing hidden in it."""
    if any(character.isspace() or not character.isprintable() for character in value):
        return False
    try:
        parts = urlsplit(value)
        named = parts.path if parts.scheme == "mailto" else parts.hostname
    except ValueError:
        return False
    return parts.scheme in schemes and bool(named)


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())
