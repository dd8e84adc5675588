"""A fetched document."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The bytes of a source's response, and the URL they came from after redirects."""

    data: bytes
    url: str
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""
