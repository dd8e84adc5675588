"""Checks that both parts of every email contain what the law and readers require, with any theme."""

from collections.abc import Iterator
from html import escape

from newsletter.errors import Invalid
from newsletter.rendering.email_contents import EmailContents, Link, stories_of
from newsletter.rendering.merge_tags import OpenTags
from subscribers.bidi import without_isolates

# Themes can show the beginning of a long citation.
_BEGINNING = 40
_LINKS = ("unsubscribe_url", "preferences_url", "read_online_url")


def check_complete(theme: str, contents: EmailContents, parts: dict[str, str], tags: OpenTags) -> None:
    """Raise Invalid if `body.html` or `body.txt` of a theme leaves out what every reader must see.

    That is each required link, the postal address, the reason, what others say about an article, retractions, and the
    notices about topics.
    """
    publication = contents.publication
    if not publication.postal_address:
        raise Invalid(
            "The publication has no postal address, which every email must include. Add an address."
        )
    for part, content in parts.items():
        for name in _LINKS:
            if tags.words[name] not in content:
                raise Invalid(f"Theme {theme}: {part} must include the link tags.{name}. Add the link.")
        for name, lines in (
            ("postal_address", publication.postal_address),
            ("reason", publication.reason.splitlines()),
        ):
            if not all(_stands_in(content, line, part) for line in lines):
                raise Invalid(f"Theme {theme}: {part} must include publication.{name}. Add the variable.")
        for name, title, link in _never_left_out(contents):
            if not _is_cited(content, link, part):
                raise Invalid(
                    f"Theme {theme}: {part} must include the {name} of every story, such as “{title}”. Add them."
                )
        if not all(_stands_in(content, notice, part) for notice in contents.notices):
            raise Invalid(f"Theme {theme}: {part} must include all notices. Add them.")


def _never_left_out(contents: EmailContents) -> Iterator[tuple[str, str, Link]]:
    for story in stories_of(contents):
        for name, links in (("responses", story.responses), ("retractions", story.retractions)):
            for link in links:
                yield name, story.title, link


def _is_cited(content: str, link: Link, part: str) -> bool:
    """Return whether a link is in the content: its URL, or without one the beginning of its text."""
    if link.url:
        return (escape(link.url) if part.endswith(".html") else link.url) in content
    return _stands_in(content, link.text[:_BEGINNING], part)


def _stands_in(content: str, line: str, part: str) -> bool:
    """Return whether a line is in the content. A wrapped line counts too, but an unbroken one is found faster."""
    needed = escape(line, quote=False) if part.endswith(".html") else line
    return needed in content or _squeezed(without_isolates(needed)) in _squeezed(without_isolates(content))


def _squeezed(text: str) -> str:
    return "".join(text.split())
