"""What GitHub writes into its feeds of releases and tags, turned into what a reader understands without the page."""

import re

_ENTRY = re.compile(r"tag:github\.com,2008:Repository/\d+/")
_REPOSITORY = re.compile(r"https://github\.com/[\w.-]+/([\w.-]+)/releases/tag/")
_VERSION = re.compile(r"(?:release[ -])?v?\d[\w.+-]*", re.IGNORECASE)
_COMPARISON = re.compile(r"<p>\s*<strong>Full Changelog</strong>[^\n]{0,1000}</p>\s*\Z")
_NO_NOTES = "No content."


def is_release(guid: str) -> bool:
    """Tell whether an entry is a release or a tag on GitHub."""
    return bool(_ENTRY.match(guid))


def title_of_release(title: str, url: str) -> str:
    """Return the title with the name of the software, where it is a version alone."""
    repository = _REPOSITORY.match(url)
    if not repository or not _VERSION.fullmatch(title.strip()):
        return title
    return f"{repository[1]} {title.strip()}"


def text_of_release(markup: str) -> str:
    """Return the notes without the link that compares two versions; empty without notes."""
    return "" if markup.strip() == _NO_NOTES else _COMPARISON.sub("", markup)
