"""What was fetched from an address."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The bytes that a source answered with, and where they came from after redirects."""

    data: bytes
    url: str
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""
