"""Asks the resolver of DOIs for the details of a publication, by content negotiation.

https://citation.doi.org/docs.html: Crossref, DataCite and mEDRA answer with CSL-JSON.
"""

import json
from typing import Any
from urllib.parse import quote

from django.conf import settings

from newsletter.articles.references.csl import cleaned_csl
from newsletter.errors import Refused, Unreachable
from newsletter.http.fetch import Limits, NotAnswered, fetch

CSL_JSON = "application/vnd.citationstyles.csl+json"
SECONDS = 10.0
LARGEST = 2_000_000
NOT_FOUND = 404


def why_not_look_up() -> str:
    """Return why details cannot be looked up here, or an empty string if they can."""
    return (
        ""
        if settings.NEWSLETTER.doi_resolver
        else "This server does not look up references. Enter the details."
    )


def look_up(doi: str) -> dict[str, Any]:
    """Return the details of the publication with a DOI as CSL-JSON.

    Waits for at most ten seconds. Raises Refused if the resolver does not know the DOI or has no details, and
    Unreachable if it does not answer.
    """
    if why_not := why_not_look_up():
        raise Refused(why_not)
    address = f"{settings.NEWSLETTER.doi_resolver.rstrip('/')}/{quote(doi, safe='/.:;()-_')}"
    limits = Limits(seconds=SECONDS, largest=LARGEST, from_settings=False)
    try:
        document = fetch(address, accept=CSL_JSON, limits=limits).document
    except NotAnswered as error:
        if error.status == NOT_FOUND:
            raise Refused(f"The DOI {doi} does not exist. Check it, or enter the details.") from None
        raise Unreachable(f"We could not look up {doi}. Enter the details, or try again later.") from error
    csl = cleaned_csl(_parsed(document.data)) if document else None
    if csl is None:
        raise Refused(f"We found no details for {doi}. Enter the details.")
    return csl | {"DOI": doi}


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None
