"""Remove many people at once, for whom searching every text for an address would take too long one by one."""

from collections.abc import Sequence

from django.db.models import Max

from subscribers import erasure, raw_sql, signals
from subscribers.database import portions
from subscribers.erasure import LONGEST, LONGEST_OF_ENTRIES, LONGEST_OF_IMPORTS, may_hold_an_address
from subscribers.find_address_in_text import folded
from subscribers.models import (
    AddressChange,
    ConsentEntry,
    ImportRecord,
    QueuedMail,
    Subscriber,
    Subscription,
    Suppression,
    Wording,
)
from subscribers.models.address_index import AT_SIGNS


class TextsWithAddresses:
    """The texts beside people that contain any address, so that few people need a search for their own.

    Read them once before many people are removed, and then only what was added since.
    """

    def __init__(self) -> None:
        self._texts = set[str]()
        self._entry = self._wording = 0
        for row in Suppression.objects.filter(may_hold_an_address(*LONGEST)).values_list(*LONGEST).iterator():
            self._texts.update(row)
        self._texts.update(*ImportRecord.objects.values_list(*LONGEST_OF_IMPORTS))
        self._texts.update(str(said) for said in ImportRecord.objects.values_list("answers", flat=True))
        self.add_new()

    def add_new(self) -> None:
        """Read what was added to the consent log and the wordings since the last time."""
        wordings = Wording.objects.filter(may_hold_an_address("text"), pk__gt=self._wording)
        for pk, text in wordings.order_by("pk").values_list("pk", "text"):
            self._wording = pk
            self._texts.add(text)
        last = ConsentEntry.objects.aggregate(last=Max("pk"))["last"] or 0
        for field in LONGEST_OF_ENTRIES:
            new = ConsentEntry.objects.filter(may_hold_an_address(field), pk__gt=self._entry, pk__lte=last)
            self._texts.update(new.order_by().values_list(field, flat=True).distinct())
        self._entry = last
        self._folded = [folded(text) for text in self._texts if any(sign in text for sign in AT_SIGNS)]

    def may_name(self, subscriber: Subscriber) -> bool:
        """Return whether any of the texts contains what is before the @ of the person's address."""
        if not self._folded:
            return False
        locals_ = {text.rpartition("@")[0] for text in (subscriber.address, subscriber.address_key)}
        return any(folded(local) in text for local in locals_ for text in self._folded)


def forget_all(subscribers: Sequence[Subscriber], texts: TextsWithAddresses) -> None:
    """Do for many people what `forget_everywhere` does for one. `texts` are those that may contain an address."""
    signals.forgetting.send(erasure.SENDER, subscribers=subscribers)
    others = []
    for one in subscribers:
        if texts.may_name(one):
            erasure.remove(one)
        else:
            others.append(one.pk)
    for some in portions(others):
        _remove_unnamed(some)


def _remove_unnamed(numbers: list[int]) -> None:
    """Do what `remove` does for people whose address is in no text, in few statements."""
    people = {"people": raw_sql.array_of_numbers(numbers)}
    theirs = raw_sql.one_of("subscriber_id", "people")
    # The log's guard allows this.
    raw_sql.execute(
        f"UPDATE {raw_sql.table(ConsentEntry)} "
        f"SET subscriber_id = NULL, network_address = '', user_agent = '', note = '' WHERE {theirs}",
        people,
    )
    subscriptions = f"SELECT id FROM {raw_sql.table(Subscription)} WHERE {theirs}"
    for model in (Subscription.topics.through, QueuedMail):
        raw_sql.execute(
            f"DELETE FROM {raw_sql.table(model)} WHERE subscription_id IN ({subscriptions})", people
        )
    raw_sql.execute(f"DELETE FROM {raw_sql.table(Subscription)} WHERE {theirs}", people)
    keys = Subscriber.objects.filter(pk__in=numbers).values("address_key")
    AddressChange.objects.filter(address_key__in=keys).delete()
    # By Django, for the tables of other apps that refer to people.
    Subscriber.objects.filter(pk__in=numbers).delete()
