"""Checks that both parts of every email contain what the law and readers require, with any theme."""

from html import escape

from newsletter.errors import Invalid
from newsletter.rendering.email_contents import PublicationDetails
from newsletter.rendering.merge_tags import OpenTags
from subscribers.bidi import without_isolates

_LINKS = ("unsubscribe_url", "preferences_url", "read_online_url")


def check_complete(
    theme: str, publication: PublicationDetails, parts: dict[str, str], tags: OpenTags
) -> None:
    """Raise Invalid if `body.html` or `body.txt` of a theme leaves out a link, the postal address or the reason."""
    if not publication.postal_address:
        raise Invalid(
            "The publication has no postal_address, which every email must include. Add an address."
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


def _stands_in(content: str, line: str, part: str) -> bool:
    """Return whether a line is in the content. A wrapped line counts too, but an unbroken one is found faster."""
    needed = escape(line, quote=False) if part.endswith(".html") else line
    return needed in content or _squeezed(without_isolates(needed)) in _squeezed(without_isolates(content))


def _squeezed(text: str) -> str:
    return "".join(text.split())
