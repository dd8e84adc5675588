"""Themes: folders of templates with a theme.toml. An installation's own, in `$NEWSLETTER_HOME/themes`, come first."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from newsletter.errors import Invalid, NotFound
from newsletter.issues.validators import theme_folders, theme_names
from newsletter.rendering.colours import (
    LEAST_CONTRAST,
    checked_colour,
    contrast,
    mix,
    readable_on,
    text_on,
)

DESCRIPTION = "theme.toml"
PARTS = ("subject.txt", "body.html", "body.txt")
_TINT = 0.1
_BUTTON_CONTRAST = 1.4  # a button must be visible against its background; its text is readable in any case
_PALETTE_KEYS = ("page", "card", "ink", "quiet", "rule")


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The colours of a theme in light or dark mode, all of the form `#rrggbb`."""

    page: str
    card: str
    ink: str
    quiet: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Colours(Palette):
    """A palette with the publication's accent: `accent` for text, `button` with `on_button` for its text, `tint`."""

    accent: str
    button: str
    on_button: str
    tint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """A theme as its theme.toml describes it."""

    name: str
    title: str
    description: str
    light: Palette
    dark: Palette
    words: Mapping[str, Mapping[str, str]]


def find_theme(name: str) -> Theme:
    """Return the theme with a name. Raises NotFound, or Invalid if a file is missing or theme.toml is wrong."""
    for folder in theme_folders():
        path = folder / name / DESCRIPTION
        if path.parent.parent == folder and path.is_file():
            missing = [part for part in PARTS if not (path.parent / part).is_file()]
            if missing:
                raise Invalid(f"Theme {name} is incomplete. Add {' and '.join(missing)} to {path.parent}.")
            return _read_theme(path, path.stat().st_mtime_ns)
    raise NotFound(
        f"We could not find a theme called {name}. Choose one of {', '.join(theme_names())}, or add one of that "
        "name."
    )


def colours_of(palette: Palette, accent: str) -> Colours:
    """Return the palette with an accent that is readable on each background, and a text colour for the button."""
    tint = mix(palette.card, accent, _TINT)
    readable = accent
    for ground in (palette.page, palette.card, tint):
        readable = readable_on(readable, ground)
    button = accent if contrast(accent, palette.card) >= _BUTTON_CONTRAST else readable
    shared = {key: getattr(palette, key) for key in _PALETTE_KEYS}
    return Colours(**shared, accent=readable, button=button, on_button=text_on(button), tint=tint)


@lru_cache(64)
def _read_theme(path: Path, _changed: int) -> Theme:
    name = path.parent.name
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid(f"Theme {name}: we could not read {DESCRIPTION}: {error}.") from error
    known = {each.name for each in fields(Theme)} - {"name"}
    unknown = sorted(document.keys() - known)
    if unknown:
        raise Invalid(
            f"Theme {name}: {unknown[0]} is not a valid key in {DESCRIPTION}. The keys are {', '.join(sorted(known))}."
        )
    return Theme(
        name=name,
        title=str(document.get("title", name)),
        description=str(document.get("description", "")),
        light=_palette(document, name, "light"),
        dark=_palette(document, name, "dark"),
        words=_words(document.get("words", {}), name),
    )


def _palette(document: Mapping[str, Any], theme: str, key: str) -> Palette:
    table = document.get(key)
    if not isinstance(table, dict) or table.keys() != set(_PALETTE_KEYS):
        raise Invalid(
            f"Theme {theme}: [{key}] in {DESCRIPTION} must have exactly the keys {', '.join(_PALETTE_KEYS)}."
        )
    colours = {
        name: checked_colour(str(value), f"Theme {theme}: {key}.{name}") for name, value in table.items()
    }
    for text in ("ink", "quiet"):
        for ground in ("page", "card"):
            ratio = contrast(colours[text], colours[ground])
            if ratio < LEAST_CONTRAST:
                raise Invalid(
                    f"Theme {theme}: {key}.{text} on {key}.{ground} has a contrast of {ratio:.1f}. "
                    f"Choose colours with a contrast of at least {LEAST_CONTRAST}."
                )
    return Palette(**colours)


def _words(table: object, theme: str) -> dict[str, dict[str, str]]:
    if not isinstance(table, dict) or not all(isinstance(words, dict) for words in table.values()):
        raise Invalid(
            f"Theme {theme}: words in {DESCRIPTION} must be one table for each language, such as [words.en]."
        )
    return {
        str(language): {str(key): str(value) for key, value in words.items()}
        for language, words in table.items()
    }
