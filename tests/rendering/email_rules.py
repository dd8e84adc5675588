"""The rules that every letter keeps, read from its HTML by a parser."""

import re
from html.parser import HTMLParser

VOID = {"meta", "img", "br", "hr", "link", "input"}
# What a theme writes for media queries, dark mode and hover alone; every other class had its style moved inline.
# Outlook has cells of its own in the place of these: ghost tables for columns, and mso-padding-alt around a button.
WITHOUT_OUTLOOK = {"beside", "told", "button"}
MEDIA_RULE = re.compile(r"@media[^{]+\{((?:[^{}]+\{[^{}]*\}\s*)+)\}")


class Reading(HTMLParser):
    """Notes every element with its attributes, the visible text, and the style blocks."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.text, self.styles, self.comments, self.open = [], [], [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        if self.open and self.open[-1] == "style":
            self.styles.append(data)
        elif "head" not in self.open:
            self.text.append(data)

    def handle_comment(self, data):
        self.comments.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def broken_rules(html):
    """What is wrong with a letter, a sentence each; empty when every rule is kept."""
    reading = Reading(html)
    return [
        *_structure(reading, html),
        *_images_and_links(reading),
        *_styles(reading),
    ]


def _structure(reading, html):
    if not html.startswith("<!DOCTYPE html>"):
        yield "the doctype is missing"
    for tag in ("link", "script", "iframe", "form", "object", "base"):
        if reading.all(tag):
            yield f"there is a <{tag}>"
    for table in reading.all("table"):
        if table.get("role") != "presentation":
            yield f"a table has no role: {table}"
    root, wrapper = reading.all("html")[0], reading.all("div")[1]
    if (
        not root.get("lang")
        or root.get("lang") != wrapper.get("lang")
        or root.get("dir") != wrapper.get("dir")
    ):
        yield "language or direction is not on html and wrapper"
    body = reading.elements[[tag for tag, _ in reading.elements].index("body") + 1]
    if body[1].get("class") != "preheader" or "display:none" not in body[1]["style"].replace(" ", ""):
        yield "the hidden preheader is not the first thing in the body"
    if not any(meta.get("name") == "color-scheme" for meta in reading.all("meta")):
        yield "the color-scheme meta is missing"
    if "\u200c" not in html:
        yield "nothing keeps the letter UTF-8"


def _images_and_links(reading):
    for image in reading.all("img"):
        if "alt" not in image or not image.get("width", "").isdigit():
            yield f"an image lacks alt or width: {image}"
        if not image.get("src", "").startswith(("http://", "https://")):
            yield f"an image is not on the web: {image}"
    for link in reading.all("a"):
        if not link.get("href", "").startswith(("https://", "http://", "mailto:", "tel:", "*|")):
            yield f"a link leads nowhere: {link}"
    for tag, attributes in reading.elements:
        for name in attributes:
            if name.startswith("on"):
                yield f"<{tag}> has the event handler {name}"


def _styles(reading):
    blocks = "".join(reading.styles)
    if len(blocks.encode()) > 16_000:
        yield "style blocks are over 16 KB"
    for rule in re.findall(r"([^{}]+)\{[^{}]*\}", MEDIA_RULE.sub("", blocks)):
        if (
            ":hover" not in rule
            and "[data-ogs" not in rule
            and ":root" not in rule
            and "a[x-apple" not in rule
        ):
            yield f"a visible style was not inlined: {rule.strip()}"
    media_rules = MEDIA_RULE.findall(blocks)
    if len(media_rules) < 2:
        yield "the rules for narrow screens or dark mode are missing"
    for declarations in re.findall(r"\{([^{}]*)\}", "".join(media_rules)):
        if any("!important" not in one for one in declarations.split(";") if one.strip()):
            yield f"a media rule lost its !important: {declarations}"
    for tag, attributes in reading.elements:
        yield from _inline_style(
            tag, attributes.get("style", "").replace(" ", ""), attributes.get("class", "")
        )


def _inline_style(tag, style, classes):
    if "background-image" in style or "display:flex" in style or "url(" in style:
        yield f"<{tag}> has a style that Outlook does not know: {style}"
    if (
        tag not in {"td", "ul", "ol"}
        and not WITHOUT_OUTLOOK & set(classes.split())
        and re.search(r"(?<!-)padding[^:]*:(?!0)", style)
    ):
        yield f"<{tag}> has padding, which Outlook gives to cells alone: {style}"
    for size in re.findall(r"(?:font-size:|font:[^;]*?)(\d+(?:\.\d+)?)px", style):
        if float(size) < 14:
            yield f"<{tag}> has text of {size} px"
