"""Themes: folders of templates with a theme.toml. An installation's own, in `$NEWSLETTER_HOME/themes`, come first.

A theme can extend another one: it then has every file, colour and word of that theme which it does not have itself.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from newsletter.errors import Invalid, NotFound
from newsletter.issues.validators import theme_folders, theme_names
from newsletter.rendering.readable_colours import (
    LEAST_CONTRAST,
    checked_colour,
    contrast,
    mix,
    readable_on,
    text_on,
)
from subscribers.phrases import listed

DESCRIPTION = "theme.toml"
PARTS = ("subject.txt", "body.html", "body.txt")
KEYS = ("title", "description", "extends", "light", "dark", "words")
MAX_EXTENDED = 5
_TINT = 0.1
_BUTTON_CONTRAST = 1.4  # a button must be visible against its background; its text is readable in any case
_PALETTE_KEYS = ("page", "card", "ink", "quiet", "rule")
_ACCENT_KEYS = ("accent", "button", "on_button", "tint")
_COLOUR_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_TEXT_ON = "on_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The colours of a theme in light or dark mode, all of the form `#rrggbb`.

    `own` has the colours that only this theme uses. A template reads them by name too: `light.band`.
    """

    page: str
    card: str
    ink: str
    quiet: str
    rule: str
    own: Mapping[str, str] = field(default_factory=dict)

    def __getattr__(self, name: str) -> str:
        """Return one of the theme's own colours."""
        if name != "own" and name in self.own:
            return self.own[name]
        raise AttributeError(
            f"The theme has no colour called {name}. Add it to [light] and [dark] in {DESCRIPTION}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Colours(Palette):
    """A palette with the publication's accent: `accent` for text, `button` with `on_button` for its text, `tint`."""

    accent: str
    button: str
    on_button: str
    tint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """A theme as its theme.toml describes it. `folders` are its own and those of the themes it extends, in order."""

    name: str
    title: str
    description: str
    light: Palette
    dark: Palette
    words: Mapping[str, Mapping[str, str]]
    folders: tuple[Path, ...]


def find_theme(name: str) -> Theme:
    """Return the theme with a name. Raises NotFound, or Invalid if a file is missing or theme.toml is wrong."""
    chain = _chain(name)
    missing = [part for part in PARTS if not any((path.parent / part).is_file() for path in chain)]
    if missing:
        raise Invalid(f"Theme {name} is incomplete. Add {' and '.join(missing)} to {chain[0].parent}.")
    return _theme(tuple((path, path.stat().st_mtime_ns) for path in chain))


def installed_themes() -> list[Theme]:
    """Return every theme that can be used, by name. Themes with a mistake are left out."""
    found = []
    for name in theme_names():
        try:
            found.append(find_theme(name))
        except Invalid:
            continue
    return found


def colours_of(palette: Palette, accent: str) -> Colours:
    """Return the palette with an accent that is readable on each background, and a text colour for the button."""
    tint = mix(palette.card, accent, _TINT)
    readable = accent
    for ground in (palette.page, palette.card, tint):
        readable = readable_on(readable, ground)
    button = accent if contrast(accent, palette.card) >= _BUTTON_CONTRAST else readable
    shared = {key: getattr(palette, key) for key in _PALETTE_KEYS}
    return Colours(
        **shared, own=palette.own, accent=readable, button=button, on_button=text_on(button), tint=tint
    )


def _chain(name: str) -> list[Path]:
    """Return the theme.toml of a theme, and of each theme that it extends."""
    chain = [_description_file(name, wanted_by="")]
    while extended := str(_document(chain[-1], chain[-1].stat().st_mtime_ns).get("extends", "")):
        chain.append(_description_file(extended, wanted_by=chain[-1].parent.name))
        if len(chain) > MAX_EXTENDED:
            raise Invalid(
                f"Theme {name} extends itself, or a chain of more than {MAX_EXTENDED - 1} themes. "
                f"Correct “extends” in {chain[0]}."
            )
    return chain


def _description_file(name: str, *, wanted_by: str) -> Path:
    for folder in theme_folders():
        path = folder / name / DESCRIPTION
        if path.parent.parent == folder and path.is_file():
            return path
    known = ", ".join(theme_names())
    if wanted_by:
        raise Invalid(f"Theme {wanted_by} extends {name}, which we could not find. Choose one of {known}.")
    raise NotFound(
        f"We could not find a theme called {name}. Choose one of {known}, or create it with `newsletter themes new`."
    )


@lru_cache(128)
def _document(path: Path, _changed: int) -> dict[str, Any]:
    import tomllib

    name = path.parent.name
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid(f"Theme {name}: we could not read {DESCRIPTION}: {error}.") from error
    unknown = sorted(document.keys() - set(KEYS))
    if unknown:
        raise Invalid(
            f"Theme {name}: {unknown[0]} is not a valid key in {DESCRIPTION}. The keys are {', '.join(sorted(KEYS))}."
        )
    return document


@lru_cache(64)
def _theme(chain: tuple[tuple[Path, int], ...]) -> Theme:
    name = chain[0][0].parent.name
    documents = [_document(*each) for each in chain]
    light, dark = (_palette(documents, name, key) for key in ("light", "dark"))
    _check_contrast(name, light=light, dark=dark)
    alone = sorted(light.own.keys() ^ dark.own.keys())
    if alone:
        mode = "dark" if alone[0] in light.own else "light"
        raise Invalid(
            f"Theme {name}: [{mode}] in {DESCRIPTION} has no {alone[0]}. Add that colour to both modes."
        )
    return Theme(
        name=name,
        title=str(documents[0].get("title", name)),
        description=str(documents[0].get("description", "")),
        light=light,
        dark=dark,
        words=_words(documents, name),
        folders=tuple(path.parent for path, _ in chain),
    )


def _palette(documents: list[dict[str, Any]], theme: str, key: str) -> Palette:
    table: dict[str, Any] = {}
    for document in reversed(documents):
        colours = document.get(key, {})
        if not isinstance(colours, dict):
            raise Invalid(f"Theme {theme}: {key} in {DESCRIPTION} must be a table of colours, [{key}].")
        table |= colours
    if missing := [each for each in _PALETTE_KEYS if each not in table]:
        raise Invalid(f"Theme {theme}: [{key}] in {DESCRIPTION} is incomplete. Add {listed(missing)}.")
    for name in table:
        if name in _ACCENT_KEYS or name == "own" or _COLOUR_NAME.fullmatch(name) is None:
            raise Invalid(
                f"Theme {theme}: you cannot define a colour called {key}.{name}. Choose a name of "
                f"lower-case letters, digits and _ other than {', '.join(_ACCENT_KEYS)}, which come from the "
                "publication."
            )
    colours = {
        name: checked_colour(str(value), f"Theme {theme}: {key}.{name}") for name, value in table.items()
    }
    own = {name: value for name, value in colours.items() if name not in _PALETTE_KEYS}
    return Palette(**{name: colours[name] for name in _PALETTE_KEYS}, own=own)


def _check_contrast(theme: str, **modes: Palette) -> None:
    """Raise Invalid if text is hard to read: `ink` and `quiet` on the two backgrounds, and `on_band` on `band`."""
    hard = [sentence for mode, palette in modes.items() for sentence in _hard_to_read(palette, mode)]
    if hard:
        raise Invalid(
            f"Theme {theme}: {' '.join(hard)} Choose colours with a contrast of at least {LEAST_CONTRAST}."
        )


def _hard_to_read(palette: Palette, key: str) -> Iterator[str]:
    colours = {name: getattr(palette, name) for name in _PALETTE_KEYS} | dict(palette.own)
    pairs = [(text, ground) for text in ("ink", "quiet") for ground in ("page", "card")]
    for name in colours:
        ground = name.removeprefix(_TEXT_ON)
        if ground != name and ground in colours:
            pairs.append((name, ground))
    for text, ground in pairs:
        ratio = contrast(colours[text], colours[ground])
        if ratio < LEAST_CONTRAST:
            yield f"{key}.{text} on {key}.{ground} has a contrast of {ratio:.1f}."


def _words(documents: list[dict[str, Any]], theme: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for document in reversed(documents):
        table = document.get("words", {})
        if not isinstance(table, dict) or not all(isinstance(words, dict) for words in table.values()):
            raise Invalid(
                f"Theme {theme}: words in {DESCRIPTION} must contain one table for each language, such as [words.en]."
            )
        for language, words in table.items():
            found.setdefault(str(language), {}).update((str(key), str(value)) for key, value in words.items())
    return found
