"""Check that people who cannot see well, or use a screen reader, can read the email.

The list is that of the Email Markup Consortium’s yearly report, as far as an editor or a theme can break it.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from newsletter.preflight.checked_issue import CheckedIssue, EmailLink, title_of, words_of
from newsletter.preflight.finding import Basis, Finding, Level, Place, Rule, Thing
from newsletter.preflight.hidden_elements import font_pixels, is_hidden
from newsletter.preflight.picture_descriptions import why_not_useful
from newsletter.preflight.text_comparison import bare_words
from newsletter.preflight.where_to_edit import INTRODUCTION
from newsletter.preflight.words_that_say_nothing import link_says_nothing
from newsletter.rendering.rendered_contrast import DARK, hard_to_read
from subscribers.phrases import shortened

CHECK = "accessibility"
CONSORTIUM = Basis(
    "Email Markup Consortium, Accessibility Report 2026",
    "https://emailmarkup.org/en/reports/accessibility/2026/",
    "November 2026",
)
LOOK = Place("settings", "look")
LANGUAGE = Rule(
    "accessibility.language",
    "The email does not declare its language and direction",
    Level.WARNING,
    "A screen reader then reads the email aloud in the wrong language, and the text may start on the wrong "
    "side.",
    "Correct the theme: the html element and each element directly inside body need the attributes lang and dir.",
    CONSORTIUM,
)
TITLE = Rule(
    "accessibility.title",
    "The email has no title",
    Level.WARNING,
    "A screen reader says the title first when the email is opened in a browser.",
    "Correct the theme: put the subject in <title>.",
    CONSORTIUM,
)
TABLES = Rule(
    "accessibility.layout-table",
    "Screen readers read out a layout table as a table",
    Level.WARNING,
    "A screen reader announces rows and columns, although the table contains no data.",
    'Correct the theme: layout tables need role="presentation".',
    CONSORTIUM,
)
HEADINGS = Rule(
    "accessibility.headings",
    "The headings are not in order",
    Level.WARNING,
    "People who use a screen reader jump from heading to heading to find what they want.",
    "Begin with one h1, and do not skip a level.",
    CONSORTIUM,
)
LINK_WORDS = Rule(
    "accessibility.link-words",
    "A link’s text does not say where it leads",
    Level.WARNING,
    "Somebody who hears the links read out one by one does not know where “click here” leads.",
    "Describe what readers will find there.",
    CONSORTIUM,
)
LINK_SILENT = Rule(
    "accessibility.link-silent",
    "A link has no text",
    Level.ERROR,
    "A screen reader reads out the address, letter by letter.",
    "Add text to the link, or describe its picture.",
    CONSORTIUM,
)
ALT_MISSING = Rule(
    "accessibility.alt-missing",
    "A picture has no alt attribute",
    Level.ERROR,
    "A screen reader reads out the file name.",
    "Correct the theme or the text: every picture needs an alt attribute, which can be empty.",
    CONSORTIUM,
)
ALT_SAYS_NOTHING = Rule(
    "accessibility.alt-says-nothing",
    "A picture’s description is not useful",
    Level.WARNING,
    "A description such as “image1” or “photo” does not help somebody who cannot see the picture.",
    "Describe in a few words what the picture shows.",
    CONSORTIUM,
)
CONTRAST = Rule(
    "accessibility.contrast",
    "Text is hard to read on its background",
    Level.WARNING,
    "Text needs a contrast of 4.5 to 1 so that people with low vision, and anyone in bright sunlight, can "
    "read it.",
    "Choose a darker or lighter colour in the publication’s settings, or correct the theme.",
    Basis(
        "WCAG 2.2, success criterion 1.4.3", "https://www.w3.org/TR/WCAG22/#contrast-minimum", "November 2026"
    ),
)
SMALL = Rule(
    "accessibility.small-text",
    "Text is very small",
    Level.WARNING,
    "Text smaller than 12 pixels is hard to read on a phone.",
    "Correct the theme: use at least 12 pixels.",
    Basis("Apple’s and Google’s guidelines for text size", as_of="November 2026"),
)
RULES = (
    *(
        LANGUAGE,
        TITLE,
        TABLES,
        HEADINGS,
        LINK_WORDS,
        LINK_SILENT,
        ALT_MISSING,
        ALT_SAYS_NOTHING,
        CONTRAST,
        SMALL,
    ),
)
SMALLEST = 12.0
FEWER_SIGNS = (
    "Begin the first heading with #. Each later heading can have at most one more # than the one before."
)

_LONGEST = 80


def check(checked: CheckedIssue) -> Iterator[Finding]:
    """Look at the structure, links, pictures and colours of the email."""
    if checked.email is None:
        return
    yield from _structure(checked.document)
    yield from _headings(checked)
    yield from _links_without_text(checked)
    yield from _links_that_say_nothing(checked)
    yield from _pictures(checked)
    yield from _colours(checked)
    yield from _sizes(checked)


def _structure(document: Any) -> Iterator[Finding]:
    body = document.find("body")
    outer = [document, *(each for each in (body if body is not None else ()) if isinstance(each.tag, str))]
    missing = [name for name in ("lang", "dir") if not all(each.get(name) for each in outer)]
    if missing:
        named = " and ".join(missing)
        what = (
            f"<html> or an element directly in <body> does not set {named}. Some mail programs remove <html>, "
            f"so set {named} in both places."
        )
        yield LANGUAGE.found(what, LOOK)
    if not (document.findtext("head/title") or "").strip():
        yield TITLE.found("The email has no title.", LOOK)
    tables = [table for table in document.iter("table") if table.get("role") not in {"presentation", "none"}]
    tables = [table for table in tables if next(table.iter("th"), None) is None]
    if tables:
        what = (
            "A layout table has no role."
            if len(tables) == 1
            else f"{len(tables)} layout tables have no role."
        )
        yield TABLES.found(what, LOOK)


def _headings(checked: CheckedIssue) -> Iterator[Finding]:
    found = [
        (int(each.tag[1]), each)
        for each in checked.document.iter("h1", "h2", "h3", "h4", "h5", "h6")
        if not is_hidden(each)
    ]
    if not any(level == 1 for level, _heading in found):
        yield HEADINGS.found("The email has no first-level heading (h1).", LOOK)
        return
    for (before, _), (level, heading) in pairwise(found):
        if level > before + 1:
            place, position = checked.places.place_and_position(heading)
            what = f"The heading “{_short(words_of(heading))}” (h{level}) follows an h{before}, so a level is skipped."
            mend = FEWER_SIGNS if place == INTRODUCTION else ""
            yield HEADINGS.found(what, place, position=position, mend=mend)
    for level, heading in [each for each in found if not words_of(each[1])]:
        place, position = checked.places.place_and_position(heading)
        yield HEADINGS.found(f"A heading (h{level}) has no text.", place, position=position)


def _links_without_text(checked: CheckedIssue) -> Iterator[Finding]:
    for link in _links_read_out(checked):
        # A picture without the attribute alt is a finding of its own.
        is_told = any(picture.get("alt") is None for picture in link.element.iter("img"))
        if not link.words and link.url and not is_told:
            what = f"The link to {_short(link.url)} has no text."
            yield LINK_SILENT.found(what, link.place, position=link.position)


def _links_that_say_nothing(checked: CheckedIssue) -> Iterator[Finding]:
    """Name each text such as “read more” once, with everything that it leads to."""
    by_words: dict[str, list[EmailLink]] = defaultdict(list)
    for link in _links_read_out(checked):
        if link_says_nothing(link.words):
            by_words[bare_words(link.words)].append(link)
    for found in by_words.values():
        words = found[0].words
        yield from LINK_WORDS.found_in_each(
            [Thing(_short(link.url), link.place) for link in found],
            one=f"The link “{_escaped(words)}” does not say where it leads.",
            several=f"{{count}} links have the text “{_escaped(words)}”, which does not say where they lead.",
            position=found[0].position,
        )


def _links_read_out(checked: CheckedIssue) -> list[EmailLink]:
    return [
        link
        for link in checked.links
        if link.element.get("aria-hidden") != "true" and not is_hidden(link.element)
    ]


def _pictures(checked: CheckedIssue) -> Iterator[Finding]:
    headlines = {item.article_id: title_of(item) for item in checked.items}
    for picture in checked.pictures:
        place = picture.place
        if picture.alt is None and picture.element.get("role") not in {"presentation", "none"}:
            what = f"The picture {_short(picture.url)} has no alt attribute."
            yield ALT_MISSING.found(what, place, position=picture.position)
        elif picture.alt and (
            what := why_not_useful(picture.alt, picture.url, headlines.get(place.article, ""))
        ):
            if place.part == "contents" and place.article:
                place = Place("contents", "alt", article=place.article)
            yield ALT_SAYS_NOTHING.found(what, place, position=picture.position)


def _colours(checked: CheckedIssue) -> Iterator[Finding]:
    assert checked.email is not None
    for each in hard_to_read(checked.email.html):
        where = " in dark mode" if each.mode == DARK else ""
        what = (
            f"“{each.text}” is hard to read{where}: {each.colour} on {each.background} has a contrast of "
            f"{each.ratio:.1f} to 1."
        )
        yield CONTRAST.found(what, LOOK)


def _sizes(checked: CheckedIssue) -> Iterator[Finding]:
    """Report the smallest text of the email, once."""
    sizes: list[tuple[float, Any]] = []
    for element in checked.document.iter("p", "td", "a", "span", "li", "h1", "h2", "h3"):
        pixels = font_pixels(element) if (element.text or "").strip(" \n\t\u00a0\u200c") else None
        if pixels is not None and 0 < pixels < SMALLEST and not is_hidden(element):
            sizes.append((pixels, element))
    if sizes:
        pixels, element = min(sizes, key=lambda each: each[0])
        what = f"“{_short(words_of(element))}” has a text size of {pixels:g} pixels."
        yield SMALL.found(what, LOOK)


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _short(text: str) -> str:
    return shortened(text, _LONGEST)
