"""Requests the document of a source, with what the source needs so that it lets us read."""

from newsletter.articles.ghost_api import KEY_PARAMETER, key_in
from newsletter.articles.models import Source
from newsletter.errors import Invalid
from newsletter.http.fetch import Fetched, Limits, NotAnswered, fetch
from newsletter.http.web_addresses import without_credentials

_KEY_REFUSED = {401, 403}


def request_document(
    address: str,
    *,
    kind: str,
    credentials: str = "",
    etag: str = "",
    last_modified: str = "",
    limits: Limits | None = None,
) -> Fetched:
    """Fetch a document of a source of this kind. Raises as `fetch` does, and Invalid if Ghost's key is missing."""
    if kind != Source.Kind.GHOST:
        return fetch(address, credentials=credentials, etag=etag, last_modified=last_modified, limits=limits)
    place = without_credentials(address)
    if not credentials:
        raise Invalid(
            f"{place} needs a Content API key. In Ghost, go to Settings, then Integrations, and add a "
            "custom integration. Then add the source again with --kind ghost and with the key before the "
            "host: https://KEY@example.org/."
        )
    try:
        return fetch(
            address,
            credentials=key_in(credentials),
            key_parameter=KEY_PARAMETER,
            etag=etag,
            last_modified=last_modified,
            limits=limits,
        )
    except NotAnswered as error:
        if error.status not in _KEY_REFUSED:
            raise
        raise NotAnswered(
            f"{place} does not accept the Content API key ({error.status}). Copy the key from the "
            "integrations in Ghost, and add the source again with this key.",
            retry_after=error.retry_after,
            status=error.status,
        ) from None
