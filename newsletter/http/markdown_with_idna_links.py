"""A Markdown parser whose links lead where browsers go: hosts in ASCII by IDNA 2008.

The parser's own normalisation encodes each character of a host as it stands, without case, composition or mapping.
"""

from markdown_it import MarkdownIt

from newsletter.http.clean_urls import with_ascii_host


class MarkdownParser(MarkdownIt):
    """The parser of markdown-it-py with this normalisation."""

    def normalizeLink(self, url: str) -> str:  # noqa: N802 - the parser calls it so
        """Return a link as it goes into HTML; where no browser finds the host, the link stays as it is."""
        return super().normalizeLink(with_ascii_host(url) or url)
