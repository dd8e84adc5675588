"""Keeps the addresses that somebody pasted to leave these people out of an audience, and forgets erased people."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from newsletter.errors import Invalid
from newsletter.issues.models import PastedAddress, PastedList, Publication, SavedSegment
from subscribers.database import portions
from subscribers.email_addresses import fold
from subscribers.erasure import may_hold_an_address
from subscribers.errors import Invalid as InvalidAddress
from subscribers.find_address_in_text import Spellings
from subscribers.former_addresses import people_who_had
from subscribers.models import Subscriber
from subscribers.phrases import counted
from subscribers.signals import forgetting

MAX_ADDRESSES = 20_000
MAX_CHARACTERS = 1_000_000
MOST_NAMED = 3
# In a segment, the address of an erased person chooses nobody.
ERASED_ADDRESS = "erased"
# Addresses are separated by blanks, commas or semicolons, and may stand as <ada@example.org> behind a name.
SEPARATOR = re.compile(r"[\s,;<>\"“”]+")


@dataclass(frozen=True, slots=True)
class PastedText:
    """The addresses of a pasted text as they are compared, each once."""

    keys: tuple[str, ...]


def read_pasted(text: str) -> PastedText:
    """Return the addresses in a text. Words without an @, such as names, are passed over beside an address.

    Raises Invalid for an address that cannot be read and for a line without one, so that nobody who should be left
    out is overlooked.
    """
    if len(text) > MAX_CHARACTERS:
        raise Invalid("You pasted more than 1 MB of text. Paste it in several parts.")
    keys: dict[str, None] = {}
    wrong = []
    for word in SEPARATOR.split(text):
        if "@" not in word:
            continue
        try:
            keys[fold(word)] = None
        except InvalidAddress:
            wrong.append(word)
    if keys:
        wrong += [line.strip() for line in text.splitlines() if line.strip(" \t,;") and "@" not in line]
    if wrong:
        named = ", ".join(f"“{each[:100]}”" for each in wrong[:MOST_NAMED])
        more = f" and {len(wrong) - MOST_NAMED:,} more" if len(wrong) > MOST_NAMED else ""
        raise Invalid(f"We could not read these addresses: {named}{more}. Correct or remove them.")
    if text.strip() and not keys:
        raise Invalid("We could not find any email addresses in the text that you pasted.")
    if len(keys) > MAX_ADDRESSES:
        found = counted(len(keys), "address", "addresses")
        raise Invalid(f"You pasted {found}, but the maximum is {MAX_ADDRESSES:,}. Create a segment instead.")
    return PastedText(tuple(keys))


def keep_pasted(publication: Publication, pasted: PastedText) -> PastedList:
    """Store pasted addresses: whose they are or were, or the address itself for somebody who may join later.

    Call this inside the transaction that chooses the audience.
    """
    kept = PastedList.objects.create(
        publication=publication, pasted_at=timezone.now(), count=len(pasted.keys)
    )
    people = set[int]()
    for some in portions(pasted.keys):
        known = dict(Subscriber.objects.filter(address_key__in=some).values_list("address_key", "pk"))
        unknown = [key for key in some if key not in known]
        # A list from another system can name people by the address that they had before.
        moved = people_who_had(unknown)
        unknown = [key for key in unknown if key not in moved]
        people |= {*known.values(), *moved.values()}
        PastedAddress.objects.bulk_create(PastedAddress(pasted=kept, address_key=key) for key in unknown)
    PastedAddress.objects.bulk_create(
        PastedAddress(pasted=kept, subscriber_id=person) for person in sorted(people)
    )
    return kept


@receiver(forgetting)
def forget(subscribers: Sequence[Subscriber], **_signal: Any) -> None:
    """Delete the pasted addresses of these people, and blank their addresses in the texts of segments.

    The rows that are linked to them go with them.
    """
    for some in portions(one.address_key for one in subscribers):
        PastedAddress.objects.filter(address_key__in=some, subscriber__isnull=True).delete()
    named = list(SavedSegment.objects.filter(may_hold_an_address("text")))
    for segment in named if subscribers else ():
        text = segment.text
        for one in subscribers:
            text = Spellings(one).without(text, ERASED_ADDRESS)
        if text != segment.text:
            segment.text = text
            segment.save(update_fields=["text"])
