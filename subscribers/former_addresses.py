"""Find people by an address that they had before they changed it."""

from collections.abc import Iterable

from subscribers import suppression_keys
from subscribers.database import portions
from subscribers.models import Suppression


def people_who_had(address_keys: Iterable[str]) -> dict[str, int]:
    """Return the numbers of the people whose former addresses are among these folded addresses, by address.

    Addresses whose owner signed up with them again are not included.
    """
    found: dict[str, int] = {}
    former = Suppression.objects.filter(
        reason=Suppression.Reason.MOVED, lifted_at=None, former_address_of__isnull=False
    )
    for some in portions(address_keys):
        for key in suppression_keys.known_keys():
            by_digest = dict(zip(key.digests(some), some, strict=True))
            rows = former.filter(digest__in=list(by_digest)).values_list("digest", "former_address_of")
            found |= {by_digest[digest]: person for digest, person in rows}
    return found
