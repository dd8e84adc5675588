"""An email as a mail program shows it: without what the program drops, according to caniemail.com.

This is not a picture of the program. It shows whether an email can still be read when something is missing.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from newsletter.preflight.client_support import NOT, Feature, client_name, features
from newsletter.preflight.css_rules import CssRule, declarations_of, rules_of
from newsletter.preflight.features_of_css import (
    features_of_declaration,
    features_of_rule,
    features_of_selector,
)

CLIENTS = (
    *("gmail/desktop-webmail", "gmail/ios", "gmail/android", "apple-mail/ios", "apple-mail/macos"),
    *("outlook/windows", "outlook/outlook-com", "outlook/macos", "outlook/ios", "outlook/android"),
    *("yahoo/desktop-webmail", "yahoo/ios", "yahoo/android", "aol/desktop-webmail"),
    *("samsung-email/android", "thunderbird/macos", "protonmail/desktop-webmail", "gmx/desktop-webmail"),
    *("web-de/desktop-webmail", "fastmail/desktop-webmail"),
)
# The frame of a document. A program that does not support these shows what is inside them.
KEPT = frozenset({"html", "head", "body", "title", "meta", "style"})
# Without these, what is inside them means nothing.
WHOLE = frozenset({"svg", "input", "select", "textarea", "object", "source", "link", "base", "script"})
GROUPS = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "html-h1-h6"),
    **dict.fromkeys(("ul", "ol", "li", "dl", "dt", "dd"), "html-lists"),
    **dict.fromkeys(("article", "section", "header", "footer", "nav", "main", "aside"), "html-semantics"),
    **dict.fromkeys(("table", "tbody", "thead", "tr", "td", "th"), "html-table"),
}
ATTRIBUTES = (
    *("align", "background", "cellpadding", "cellspacing", "dir", "height", "hidden", "lang", "role"),
    *("srcset", "target", "valign", "width", "aria-describedby", "aria-hidden", "aria-label"),
    *("aria-labelledby", "aria-live"),
)
FORCED_DARK = "html{background:#fff;filter:invert(1) hue-rotate(180deg)}"
# Programs leave pictures as they are. Without pictures, their texts stand there, which are turned around.
PICTURES_AS_THEY_ARE = "img,video,svg{filter:invert(1) hue-rotate(180deg)}"
_PICTURE = re.compile(r"\.([a-z]{3,5})$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MissingFeature:
    """Something of the email that a program drops: what, how often, and the year of the last test."""

    title: str
    count: int
    tested: str


@dataclass(frozen=True, slots=True)
class SeenEmail:
    """An email without what a program drops, and what that was."""

    html: str
    missing: list[MissingFeature]


def client_choices() -> list[tuple[str, str]]:
    """Return the programs that can be chosen, with their names."""
    return [(client, client_name(client)) for client in CLIENTS]


def seen_in(
    html: str, client: str, *, forced_dark: bool = False, without_pictures: bool = False
) -> SeenEmail:
    """Return an email as a program shows it. `forced_dark` turns its colours around, as some programs do.

    `without_pictures` says that the page shows none.

    Any other client than those of CLIENTS drops nothing.
    """
    dropped = {name: feature for name, feature in features().items() if feature.verdicts.get(client) == NOT}
    import lxml.html

    document = lxml.html.document_fromstring(html)
    view = _View(dropped if client in CLIENTS else {}, forced_dark=forced_dark)
    view.drop_from(document)
    if forced_dark:
        style = lxml.html.Element("style")
        style.text = FORCED_DARK + ("" if without_pictures else PICTURES_AS_THEY_ARE)
        document.append(style)
    text = lxml.html.tostring(document, encoding="unicode", doctype="<!DOCTYPE html>")
    return SeenEmail(text, view.missing())


@dataclass(slots=True)
class _View:
    """What is dropped, and how often it was found."""

    dropped: dict[str, Feature]
    forced_dark: bool
    found: Counter[str] = field(default_factory=Counter)

    def missing(self) -> list[MissingFeature]:
        """Return what was dropped, the most frequent first."""
        return [
            MissingFeature(self.dropped[name].title, count, self.dropped[name].tested[:4])
            for name, count in self.found.most_common()
        ]

    def drop_from(self, document: Any) -> None:
        """Drop everything from a document that the program does not support."""
        for element in list(document.iter()):
            if isinstance(element.tag, str):
                self._drop_from_element(element)

    def _drop_from_element(self, element: Any) -> None:
        if element.tag == "style":
            if self._is_dropped("html-style"):
                element.drop_tree()
            else:
                element.text = self._sheet(element.text or "")
            return
        if style := element.get("style"):
            kept = self._declarations(style)
            element.attrib.pop("style")
            if kept:
                element.set("style", kept)
        for name in ATTRIBUTES:
            if name in element.attrib and self._is_dropped(f"html-{name}"):
                del element.attrib[name]
        self._drop_picture(element)
        if element.tag in KEPT or element.getparent() is None:
            return
        if self._is_dropped(GROUPS.get(element.tag, f"html-{element.tag}")):
            if element.tag in WHOLE:
                element.drop_tree()
            else:
                element.drop_tag()

    def _drop_picture(self, element: Any) -> None:
        kind = _PICTURE.search(urlsplit(element.get("src") or "").path) if element.tag == "img" else None
        if kind and self._is_dropped(f"image-{kind[1].lower().replace('jpeg', 'jpg')}"):
            del element.attrib["src"]

    def _sheet(self, css: str) -> str:
        return "\n".join(str(rule) for rule in self._rules(css))

    def _rules(self, css: str) -> Iterator[CssRule]:
        for rule in rules_of(css):
            if self.forced_dark and "prefers-color-scheme" in rule.head:
                continue  # a program that forces its own colours does not ask the email for others
            if rule.head.startswith("@"):
                if self._any_dropped(features_of_rule(rule)):
                    continue
                if rule.has_rules and rule.body is not None:
                    yield CssRule(rule.head, self._sheet(rule.body))
                else:
                    yield rule
                continue
            selectors = [
                each for each in rule.head.split(",") if not self._any_dropped(features_of_selector(each))
            ]
            if selectors and rule.body is not None:
                yield CssRule(",".join(selectors), self._declarations(rule.body))

    def _declarations(self, css: str) -> str:
        return ";".join(
            f"{name}:{value}"
            for name, value in declarations_of(css)
            if not self._any_dropped(features_of_declaration(name, value))
        )

    def _any_dropped(self, names: Iterator[str]) -> bool:
        return any(self._is_dropped(name) for name in names)

    def _is_dropped(self, name: str) -> bool:
        if name not in self.dropped:
            return False
        self.found[name] += 1
        return True
