"""The links by which readers see and confirm what they sent: signed, and for the mailbox to which they were emailed."""

from django.core.signing import BadSignature, Signer

from newsletter.feedback.models import ReaderCase
from subscribers.signed_links import WrongLink

# Logs recognise a token by its length and a capital letter, and do not show it.
FIRST = "A"
_signer = Signer(salt="newsletter.reader-case")


def case_token(case: ReaderCase) -> str:
    """Return the token of the link to a case."""
    return FIRST + _signer.sign(f"{case.pk}-{case.nonce}")


def case_of(token: str) -> ReaderCase:
    """Return the case of a link. Raises WrongLink, also if the person's details were erased."""
    try:
        number, _dash, nonce = _signer.unsign(token.removeprefix(FIRST)).partition("-")
    except BadSignature:
        raise WrongLink("This link is incomplete. Open it again from the email, or copy all of it.") from None
    cases = ReaderCase.objects.select_related("publication__mailing_list")
    case = cases.filter(pk=int(number), nonce=nonce).exclude(address_key="").first()
    if case is None or not token.startswith(FIRST):
        raise WrongLink("We have erased the question or complaint that this link was for.")
    return case
