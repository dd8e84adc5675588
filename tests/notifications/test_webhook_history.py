"""Posted events to a webhook can be looked at and sent again, and a secret is changed without losing an event."""

from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.errors import NotFound, Refused
from newsletter.issues.models import AuditEntry, Publication
from newsletter.notifications.models import State, Webhook, WebhookDelivery
from newsletter.notifications.outbound_webhooks import add_webhook, change_secret, find_webhook
from newsletter.notifications.webhook_deliveries import WAITS, post_next_webhook
from newsletter.notifications.webhook_history import (
    DELIVERIES_KEPT_FOR,
    DELIVERIES_PER_PAGE,
    deliveries_of,
    prune_deliveries,
    send_again,
)
from newsletter.notifications.webhook_secrets import secret_of
from tests.notifications.test_outbound_webhooks import signature, states

pytestmark = pytest.mark.django_db


def test_an_event_that_was_given_up_is_sent_again_under_the_same_id(clock, webhook, listener, happen, send):
    listener.plan = [503] * (len(WAITS) + 1)
    happen("the pier is closed")
    while "waiting" in states():
        clock.move_to(max(timezone.now(), WebhookDelivery.objects.get().due_at))
        send()
    assert states() == ["given up"]
    send_again(webhook.pk, WebhookDelivery.objects.get().pk)
    send()
    assert states() == ["done"]
    assert len(set(listener.ids())) == 1
    entry = AuditEntry.objects.latest("pk")
    assert (entry.act, entry.changes) == ("webhook-send-again", {"state": ["given up", "waiting"]})


def test_an_event_that_was_accepted_is_sent_again_with_all_its_attempts(
    clock, webhook, listener, happen, send
):
    happen("the pier is closed")
    send()
    listener.plan = [503]
    send_again(webhook.pk, WebhookDelivery.objects.get().pk)
    send()
    assert states() == ["waiting"]
    clock.shift(WAITS[0] * 1.1)
    send()
    assert states() == ["done"]
    assert len(listener.got) == 3


def test_an_event_that_waits_for_hours_is_sent_at_once_if_somebody_asks(
    clock, webhook, listener, happen, send
):
    listener.plan = [503]
    happen("the pier is closed")
    send()
    WebhookDelivery.objects.update(due_at=timezone.now() + timedelta(hours=5), attempts=6)
    send_again(webhook.pk, WebhookDelivery.objects.get().pk)
    send()
    assert states() == ["done"]


def test_an_event_that_is_being_posted_is_not_sent_twice_at_once(clock, webhook, listener, happen):
    happen("the pier is closed")
    delivery = WebhookDelivery.objects.get()
    with pytest.raises(Refused, match="posting this event now"):
        send_again(webhook.pk, delivery.pk)


def test_nothing_is_sent_again_to_a_webhook_that_is_off(clock, webhook, listener, happen, send):
    happen("the pier is closed")
    send()
    Webhook.objects.update(active=False)
    with pytest.raises(Refused, match="Test it first"):
        send_again(webhook.pk, WebhookDelivery.objects.get().pk)
    assert states() == ["done"]


def test_an_event_belongs_to_its_webhook(clock, webhook, listener, happen, send):
    happen("the pier is closed")
    send()
    other = add_webhook(listener.url("/other"))
    with pytest.raises(NotFound):
        send_again(other.pk, WebhookDelivery.objects.get().pk)


def test_for_a_day_events_are_signed_with_both_secrets(clock, webhook, listener, happen, send):
    before = secret_of(webhook)
    after = secret_of(change_secret(webhook.pk))
    assert before != after
    happen("one")
    send()
    headers, body = listener.got[-1]
    both = {signature(after, headers, body), signature(before, headers, body)}
    assert set(headers["webhook-signature"].split()) == both
    clock.shift(timedelta(hours=24, seconds=1))
    happen("two")
    send()
    headers, body = listener.got[-1]
    assert headers["webhook-signature"] == signature(after, headers, body)
    written = [(each.sentence, str(each.changes)) for each in AuditEntry.objects.all()]
    assert before not in str(written)
    assert after not in str(written)


def test_deliveries_are_listed_page_by_page_in_any_state_and_in_one(clock, webhook, listener, happen, send):
    for number in range(DELIVERIES_PER_PAGE + 5):
        happen(f"event {number}")
    first = deliveries_of(webhook.pk)
    second = deliveries_of(webhook.pk, after=first.next_cursor)
    assert second.next_cursor is None
    found = [each.pk for each in first.deliveries + second.deliveries]
    assert found == list(WebhookDelivery.objects.order_by("-pk").values_list("pk", flat=True))
    assert post_next_webhook()
    assert len(deliveries_of(webhook.pk, state=State.DONE).deliveries) == 1


def test_what_was_posted_is_deleted_after_thirty_days_and_never_posted_again(
    clock, webhook, listener, happen, send
):
    happen("the pier is closed")
    send()
    clock.shift(DELIVERIES_KEPT_FOR - timedelta(hours=1))
    happen("the pier is open")
    assert prune_deliveries(timezone.now()) == 0
    clock.shift(timedelta(hours=2))
    assert prune_deliveries(timezone.now()) == 1
    assert states() == ["waiting"]
    send()
    assert len(listener.got) == 2


def test_an_event_that_still_waits_is_kept(clock, webhook, listener, happen):
    happen("the pier is closed")
    clock.shift(DELIVERIES_KEPT_FOR * 2)
    assert prune_deliveries(timezone.now()) == 0
    assert states() == ["waiting"]


def test_a_webhook_of_another_publication_looks_as_if_it_did_not_exist(clock, listener, publication):
    another = Publication.objects.get(pk=publication.pk)
    another.pk, another.slug, another.name = None, "other", "Other"
    another.save()
    theirs = add_webhook(listener.url("/theirs"), publication=another)
    everything = add_webhook(listener.url("/all"))
    guest = Actor("gus", publication_roles=frozenset({(publication.pk, Role.ADMINISTRATOR)}), account=7)
    with acting_as(guest):
        own = add_webhook(listener.url("/own"), publication=publication)
        assert find_webhook(own.pk, "Testing a webhook").pk == own.pk
        for other in (theirs.pk, everything.pk):
            with pytest.raises(NotFound):
                change_secret(other)
    editor = Actor("edna", publication_roles=frozenset({(publication.pk, Role.EDITOR)}), account=8)
    with acting_as(editor):
        for number in (own.pk, theirs.pk, everything.pk, 999_999_999):
            with pytest.raises(Refused, match="Only an administrator"):
                change_secret(number)
