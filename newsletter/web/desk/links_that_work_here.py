"""Says that other people cannot open a link that somebody is about to share, because this server is not public."""

from urllib.parse import urlsplit

from newsletter.doctor.public_base_url import is_private


def why_not_share(url: str) -> str:
    """Return why other people cannot open a link to this server, or an empty string."""
    parts = urlsplit(url)
    if not is_private(parts.hostname or ""):
        return ""
    return (
        f"Do not share this yet. The link starts with {parts.scheme}://{parts.netloc}, which other people cannot open. "
        "First, the person who runs the server must give it a public address."
    )
