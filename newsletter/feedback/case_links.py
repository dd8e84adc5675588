"""The links by which readers see and confirm what they sent: signed, and for the mailbox to which they were emailed."""

from django.core.signing import BadSignature, Signer

from newsletter.errors import Refused
from newsletter.feedback.models import ReaderCase
from subscribers.signed_links import WrongLink

# Logs recognise a token by its length and a capital letter, and do not show it.
FIRST = "A"
INCOMPLETE = "This link is incomplete. Open it again from the email, or copy all of it."
_signer = Signer(salt="newsletter.reader-case")


class EndedLinkError(Refused):
    """The link was genuine, but a newer one replaced it, or the address for which it was made was deleted."""

    def __init__(self, case: ReaderCase | None = None) -> None:
        super().__init__("This link is no longer valid.")
        self.case = case

    @property
    def is_expired(self) -> bool:
        """Whether only the address was deleted, because nobody confirmed it in time."""
        return self.case is not None and self.case.erased_at is None


def case_token(case: ReaderCase) -> str:
    """Return the token of the link to a case."""
    return FIRST + _signer.sign(f"{case.pk}-{case.nonce}")


def case_of(token: str) -> ReaderCase:
    """Return the case of a link. Raises WrongLink if we did not make the link, and EndedLinkError if it has ended."""
    try:
        number, _dash, nonce = _signer.unsign(token.removeprefix(FIRST)).partition("-")
    except BadSignature:
        raise WrongLink(INCOMPLETE) from None
    if not token.startswith(FIRST):
        raise WrongLink(INCOMPLETE)
    cases = ReaderCase.objects.select_related("publication__mailing_list")
    case = cases.filter(pk=int(number), nonce=nonce).first()
    if case is None:
        raise EndedLinkError
    if not case.address_key:
        raise EndedLinkError(case)
    return case
