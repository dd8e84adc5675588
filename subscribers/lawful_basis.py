"""What each lawful basis requires before it can be recorded for somebody.

The sources are in docs/how-to/record-lawful-bases.md. This is research, not legal advice.
"""

import re
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from subscribers.errors import InvalidFields
from subscribers.likely_typing_mistakes import meant_address
from subscribers.models import Basis
from subscribers.phrases import written_day
from subscribers.private_mailboxes import is_private_mailbox

# The Data (Use and Access) Act 2025 added the charitable soft opt-in to regulation 22 of PECR from this day.
CHARITABLE_SINCE = date(2026, 2, 5)
SOFT_OPT_INS = frozenset({Basis.CHARITABLE, Basis.CUSTOMER})
WORDS = {
    Basis.CONSENT: "consent, opt in, express consent",
    Basis.CHARITABLE: "charitable, charitable soft opt in, charity soft opt in, charitable purpose soft opt in",
    Basis.CUSTOMER: "customer, customer soft opt in, commercial soft opt in, product soft opt in",
    Basis.BUSINESS: "business, legitimate interest, legitimate interests, legitimate interest business address, "
    "corporate subscriber",
    Basis.MEMBERSHIP: "membership, contract, membership or contract, member",
}
NAMES = {word: basis for basis, words in WORDS.items() for word in words.split(", ")}
CHOICES = ", ".join(Basis.values)


@dataclass(frozen=True, slots=True)
class BasisStatement:
    """A lawful basis, when the person gave their details, and whether they gave them to the organisation itself."""

    basis: Basis = Basis.CONSENT
    collected_on: date | None = None
    own_details: bool = False

    def require_for(self, address_key: str) -> None:
        """Raise InvalidFields with the sentence of `why_not_basis` if the basis cannot be recorded for an address.

        The field is one of `basis`, `collected_on` and `own_details`.
        """
        field, why_not = _wrong_field(self, address_key)
        if why_not:
            raise InvalidFields({field: f"{why_not[:1].upper()}{why_not[1:]}."})

    @property
    def note(self) -> str:
        """What the consent log says beside the statement, or an empty string."""
        whose = "from the person" if self.own_details else ""
        when = f"on {written_day(self.collected_on)}" if self.collected_on else ""
        where = " ".join(filter(None, (whose, when)))
        return f"Details collected {where}." if where else ""


ON_CONSENT = BasisStatement()


def becomes_consent(now: str, said: str) -> bool:
    """Return whether consent that is given now replaces the present basis of somebody who gets the emails.

    Consent covers more than any other basis, so no other basis replaces it in this way.
    """
    return said == Basis.CONSENT and now != Basis.CONSENT


def why_not_basis(said: BasisStatement, address_key: str) -> str:
    """Return why a basis cannot be recorded for an address, as part of a sentence, or an empty string."""
    return _wrong_field(said, address_key)[1]


def _wrong_field(said: BasisStatement, address_key: str) -> tuple[str, str]:
    """Return the field because of which a basis cannot be recorded, and why. The reason is empty if it can."""
    if said.collected_on and said.collected_on > timezone.localdate():
        return "collected_on", (
            f"{written_day(said.collected_on)} is in the future, so the details cannot have been collected then"
        )
    if said.basis in SOFT_OPT_INS and not said.own_details:
        return "own_details", (
            "a soft opt-in only counts if the person gave you their details themselves. To use details from another "
            "organisation, you need the person’s consent"
        )
    if said.basis == Basis.CHARITABLE:
        return "collected_on", _why_not_charitable(said.collected_on)
    return "basis", _why_not_business(address_key) if said.basis == Basis.BUSINESS else ""


def _why_not_business(address_key: str) -> str:
    domain = address_key.rpartition("@")[2]
    if is_private_mailbox(domain):
        return (
            f"{domain} provides personal email addresses, so this is not a business address. Record the "
            "person’s consent instead"
        )
    if meant := meant_address(address_key):
        return (
            f"{domain} is probably a typing mistake for {meant.rpartition('@')[2]}, which provides personal "
            "email addresses. Correct the address and record the person’s consent instead"
        )
    return ""


def _why_not_charitable(collected_on: date | None) -> str:
    since = written_day(CHARITABLE_SINCE)
    if collected_on is None:
        return (
            "a charitable soft opt-in needs the day on which the person gave their details, because only details "
            f"collected since {since} count"
        )
    if collected_on < CHARITABLE_SINCE:
        return (
            f"the details were collected on {written_day(collected_on)}, but a charitable soft opt-in only covers "
            f"details collected since {since}. Ask the person for their consent"
        )
    return ""


def basis_called(text: str) -> Basis:
    """Return the basis that has this name. Raises InvalidFields."""
    words = " ".join(re.findall(r"\w+", text.casefold()))
    found = NAMES.get(words)
    if found is None:
        raise InvalidFields({"basis": f"“{text.strip()[:60]}” is not a lawful basis. Use {CHOICES}."})
    return found
