"""What law and readers ask of every letter stands in both parts of it, whatever the theme."""

from html import escape

from newsletter.errors import Invalid
from newsletter.rendering.email_contents import PublicationDetails
from newsletter.rendering.merge_tags import OpenTags

_LINKS = ("unsubscribe_url", "preferences_url", "read_online_url")


def check_complete(
    theme: str, publication: PublicationDetails, parts: dict[str, str], tags: OpenTags
) -> None:
    """Raises Invalid when `body.html` or `body.txt` of a theme leaves out a link, the address or the reason."""
    if not publication.postal_address:
        raise Invalid("The publication has no postal_address, which every letter must carry. Add it.")
    for part, content in parts.items():
        for name in _LINKS:
            if tags.words[name] not in content:
                raise Invalid(f"Theme {theme}: {part} lacks the link tags.{name}. Add it.")
        for name, lines in (
            ("postal_address", publication.postal_address),
            ("reason", publication.reason.splitlines()),
        ):
            if not all(_stands_in(content, line, part) for line in lines):
                raise Invalid(f"Theme {theme}: {part} lacks publication.{name}. Add it.")


def _stands_in(content: str, line: str, part: str) -> bool:
    """A wrapped line counts; a whole one is found faster."""
    needed = escape(line, quote=False) if part.endswith(".html") else line
    return needed in content or _squeezed(needed) in _squeezed(content)


def _squeezed(text: str) -> str:
    return "".join(text.split())
