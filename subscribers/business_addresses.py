"""Keeps people whose lawful basis is their business address from moving to a personal one without their consent."""

from subscribers.errors import Refused
from subscribers.lawful_basis import BasisStatement, why_not_basis
from subscribers.models import Basis, Subscriber, Subscription


class PersonalAddress(Refused):
    """The new address is a personal one, but a business address is the person’s lawful basis."""


def refuse_personal_address(person: Subscriber, address_key: str) -> None:
    """Raise PersonalAddress if a person on the basis of a business address cannot have this new address."""
    on_business = person.subscriptions.filter(basis=Basis.BUSINESS)
    if not on_business.exclude(state=Subscription.State.UNSUBSCRIBED).exists():
        return
    if why_not := why_not_basis(BasisStatement(Basis.BUSINESS), address_key):
        raise PersonalAddress(f"{why_not[:1].upper()}{why_not[1:]}. Then change the address.")
