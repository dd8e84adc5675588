"""Does an act to one person, by the same function as on the person's own page."""

from collections.abc import Callable, Iterable, Mapping

from django.db import transaction

from newsletter.accounts.actor import current_actor
from newsletter.errors import NewsletterError
from newsletter.people_acts.kinds_of_people_acts import (
    ADD,
    ADD_TOPIC,
    CHANGED,
    CONSENTED,
    ERASE,
    REFUSED,
    REMOVE_TOPIC,
    SUPPRESS,
    UNCHANGED,
    UNSUBSCRIBE,
    PeopleAct,
)
from subscribers import consent, consent_by_editor, locks, suppression
from subscribers.consent_log import ConsentSource, chosen_topics
from subscribers.errors import KeyMissing
from subscribers.models import SourceKind, Subscriber, Subscription


def locked_people(numbers: Iterable[int]) -> list[Subscriber]:
    """Return people with their locks, taken together, so that two acts on many do not wait for each other."""
    wanted = list(numbers)
    locks.share_for(Subscriber.objects.filter(pk__in=wanted).values_list("address_key", flat=True))
    return list(Subscriber.objects.filter(pk__in=wanted).order_by("-pk"))


def act_on_one(act: PeopleAct, person: Subscriber, touched: list[int]) -> str:
    """Do an act to one person, and return what came of it. `touched` gets the subscriptions whose topics changed."""
    try:
        with transaction.atomic():
            return _ACTS[act.kind](act, person, touched)
    except KeyMissing:
        raise
    except NewsletterError:
        return REFUSED


def _add(act: PeopleAct, person: Subscriber, _touched: list[int]) -> str:
    assert act.mailing_list is not None
    known = person.subscriptions.filter(list=act.mailing_list, state=Subscription.State.ACTIVE)
    before = known.values_list("basis", flat=True).first()
    after = consent_by_editor.add_by_editor(
        act.mailing_list, person.address, _source(), consent=act.consent, on=act.on
    )
    if before is None:
        return CHANGED
    return UNCHANGED if before == after.basis else CONSENTED


def _change_topic(act: PeopleAct, person: Subscriber, touched: list[int]) -> str:
    assert act.topic is not None
    found = person.subscriptions.select_related("list").filter(list=act.topic.list_id)
    one = found.exclude(state=Subscription.State.UNSUBSCRIBED).first()
    if one is None:
        return UNCHANGED
    outcome = change_topic_of(act, one)
    if outcome == CHANGED:
        touched.append(one.pk)
    return outcome


def change_topic_of(act: PeopleAct, one: Subscription, *, allow_none: bool = False) -> str:
    """Give or take a topic. A person without topics gets every topic already, and the last one is not taken from them,
    which would give them every topic, unless that undoes an act.
    """
    assert act.topic is not None
    slug, slugs = act.topic.slug, chosen_topics(one)
    if (slug in slugs) == (act.kind == ADD_TOPIC):
        return UNCHANGED
    if act.kind == ADD_TOPIC:
        if not slugs:
            return UNCHANGED
        wanted = [*slugs, slug]
    else:
        wanted = [each for each in slugs if each != slug]
        if not wanted and not allow_none:
            return REFUSED
    consent.change(one, _source(), topics=wanted)
    return CHANGED


def _unsubscribe(act: PeopleAct, person: Subscriber, _touched: list[int]) -> str:
    found = person.subscriptions.select_related("list").filter(list=act.mailing_list)
    one = found.exclude(state=Subscription.State.UNSUBSCRIBED).first()
    if one is None:
        return UNCHANGED
    consent.unsubscribe(one, _source(), reason=act.reason)
    return CHANGED


def _suppress(act: PeopleAct, person: Subscriber, _touched: list[int]) -> str:
    is_new = suppression.suppress(person.address, suppression.Reason.MANUAL, _source(), note=act.reason)
    return CHANGED if is_new else UNCHANGED


def _erase(_act: PeopleAct, person: Subscriber, _touched: list[int]) -> str:
    consent.erase_person(person, _source())
    return CHANGED


_ACTS: Mapping[str, Callable[[PeopleAct, Subscriber, list[int]], str]] = {
    ADD: _add,
    ADD_TOPIC: _change_topic,
    REMOVE_TOPIC: _change_topic,
    UNSUBSCRIBE: _unsubscribe,
    SUPPRESS: _suppress,
    ERASE: _erase,
}


def _source() -> ConsentSource:
    return ConsentSource(SourceKind.EDITOR, current_actor().name)
