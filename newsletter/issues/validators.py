"""Validators for a publication's fields. The model fields use them, so the rules apply to every door.

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

from subscribers.clean_text import why_not_one_line
from subscribers.language_tags import why_not_language_tag

LINK_SCHEMES = ("http", "https", "mailto")
SUBJECT_PLACEHOLDERS = frozenset(("name", "lead", "number"))
SUBJECT_SENTENCE = "A subject pattern can only contain the placeholders {name}, {lead} and {number}."

# The page of a publication is at /<slug>/, beside this software's other pages (urls.py).
TAKEN_SLUGS = frozenset(
    [
        "admin",
        "ask",
        "confirm",
        "desk",
        "erase",
        "healthz",
        "leave",
        "lists",
        "media",
        "metrics",
        "useful",
        "my-data",
        "my-question",
        "new-address",
        "one-click",
        "preferences",
        "proof",
        "readyz",
        "static",
        "webhooks",
    ]
)


def validate_one_line(value: str) -> None:
    """Refuse line breaks and other control characters in text for a header. Joiners are allowed."""
    if wrong := why_not_one_line(value):
        raise ValidationError(wrong)


def validate_zone(value: str) -> None:
    """Accept only a time zone of the IANA database, such as Europe/London."""
    if value not in _zones():
        if known := zone_in_any_case(value):
            raise ValidationError(f"“{value}” is not an IANA time zone. Did you mean {known}?")
        raise ValidationError(
            f"“{value}” is not an IANA time zone. Enter a time zone such as Europe/London or UTC."
        )


def zone_in_any_case(value: str) -> str:
    """Return the name of the time zone that somebody wrote in other capitals or with spaces, or an empty string."""
    wanted = value.strip().replace(" ", "_").lower()
    return next((name for name in _zones() if name.lower() == wanted), "")


def validate_language_tag(value: str) -> None:
    """Accept only a language tag (BCP 47) for which Babel has the names of days and months."""
    if wrong := why_not_language_tag(value):
        raise ValidationError(wrong)
    try:
        Locale.parse(value, sep="-")
    except (ValueError, UnknownLocaleError) as error:
        raise ValidationError(
            f"We do not know how to write dates in the language “{value}”. Enter a tag such as en-GB, de or cy."
        ) from error


def validate_ascii(value: str) -> None:
    """Accept only letters, digits and signs of ASCII."""
    if not value.isascii():
        raise ValidationError("Use only the letters A to Z, digits and simple punctuation, without accents.")


def validate_theme(value: str) -> None:
    """Accept only an installed theme; see `theme_names`."""
    themes = theme_names()
    if themes and value not in themes:
        raise ValidationError(
            f"We could not find a theme called “{value}”. The themes are {', '.join(themes)}."
        )


def theme_names() -> list[str]:
    """Return the names of the installed themes: folders with a theme.toml."""
    return sorted({path.parent.name for folder in theme_folders() for path in folder.glob("*/theme.toml")})


def theme_folders() -> list[Path]:
    """Return the folders that can contain themes, the installation's own first."""
    return [Path(settings.NEWSLETTER.home).resolve() / "themes", Path(settings.TEMPLATES_DIR) / "email"]


def why_not_slug(slug: str) -> str:
    """Return why a publication cannot have a slug, or an empty string if the slug is free."""
    if slug not in TAKEN_SLUGS:
        return ""
    return f"“{slug}” is reserved for a page of this software. Choose a different slug."


def validate_subject_pattern(value: str) -> None:
    """Accept a subject with placeholders for the issue's values: {name}, {lead}, {number}."""
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
    """Accept only an absolute http or https URL, because email clients show nothing else."""
    _address(value, ("http", "https"))


def validate_link_url(value: str) -> None:
    """Accept only a URL that a button or link can open: http, https or mailto."""
    _address(value, LINK_SCHEMES)


def _address(value: str, schemes: tuple[str, ...]) -> None:
    if not is_absolute_url(value, schemes):
        beginnings = " or ".join(f"{scheme}://" if scheme != "mailto" else "mailto:" for scheme in schemes)
        raise ValidationError(
            f"“{value[:80]}” is not a link that a reader can open. Start the link with {beginnings}."
        )


def is_absolute_url(value: str, schemes: tuple[str, ...] = LINK_SCHEMES) -> bool:
    """Return whether a text is one absolute URL with one of these schemes and no hidden characters."""
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
