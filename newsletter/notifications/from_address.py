"""From whom the software's own emails to people at the desk come."""

from email.utils import parseaddr

from django.conf import settings

from newsletter.issues.models import Publication


def sender_of(publication: Publication | None) -> tuple[str, str]:
    """Return the publication's own sender, which its mail servers accept, or the default if there is none yet."""
    if publication is None:
        return parseaddr(settings.DEFAULT_FROM_EMAIL)
    return publication.name, publication.sender_address
