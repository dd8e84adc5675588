"""A fetched document."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The bytes of a source's response, and the URL they came from after redirects; header names in lower case."""

    data: bytes
    url: str
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
