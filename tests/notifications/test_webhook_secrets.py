"""A copy of the database does not tell anybody the secrets of webhooks."""

from importlib import import_module

import pytest
from django.apps import apps

from newsletter.encrypted_text import MARK, is_current
from newsletter.errors import Refused
from newsletter.notifications.models import Webhook
from newsletter.notifications.outbound_webhooks import add_webhook, change_secret, send_test_event
from newsletter.notifications.webhook_secrets import (
    PURPOSE,
    encrypt_secret,
    former_secret_of,
    renew_webhook_secrets,
    secret_of,
)
from tests.notifications.test_outbound_webhooks import signature

pytestmark = pytest.mark.django_db
PLAIN = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


def stored():
    row = Webhook.objects.get()
    return row.secret, row.former_secret


def use_new_key(settings):
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "k" * 50


def signed_with(listener, secret):
    headers, body = listener.got[-1]
    return signature(secret, headers, body) in headers["webhook-signature"].split(" ")


def test_both_secrets_of_a_webhook_are_encrypted_and_sign(listener):
    webhook = add_webhook(listener.url())
    first = secret_of(webhook)
    second = secret_of(change_secret(webhook.pk))
    assert first.startswith("whsec_")
    assert all(text.startswith(MARK) for text in stored())
    assert first.removeprefix("whsec_") not in str(stored())
    assert send_test_event(webhook.pk).accepted
    assert signed_with(listener, first)
    assert signed_with(listener, second)


def test_they_are_encrypted_with_the_new_key_by_finishing_its_change(listener, settings, cli):
    webhook = add_webhook(listener.url())
    first = secret_of(webhook)
    second = secret_of(change_secret(webhook.pk))
    use_new_key(settings)
    assert "1 webhook secret to the new key." in cli("rotate-key", "--finish").out
    assert "webhook secret" not in cli("rotate-key", "--finish").out
    settings.SECRET_KEY_FALLBACKS = []
    assert all(is_current(text, purpose=PURPOSE) for text in stored())
    webhook.refresh_from_db()
    assert (secret_of(webhook), former_secret_of(webhook)) == (second, first)


def test_with_a_lost_key_nothing_is_posted_and_a_sentence_says_what_helps(listener, settings):
    webhook = add_webhook(listener.url())
    first_key, settings.SECRET_KEY = settings.SECRET_KEY, "k" * 50
    posted = len(listener.got)
    answer = send_test_event(webhook.pk)
    assert not answer.accepted
    assert answer.sentence.endswith("the secret key that was used. Change the webhook’s secret.")
    assert len(listener.got) == posted
    with pytest.raises(Refused):
        secret_of(webhook)
    before = stored()
    assert renew_webhook_secrets() == 0
    assert stored() == before
    # The new secret signs, and the former one again once its key is back.
    assert send_test_event(change_secret(webhook.pk).pk).accepted
    webhook.refresh_from_db()
    assert former_secret_of(webhook) == ""
    settings.SECRET_KEY_FALLBACKS = [first_key]
    assert former_secret_of(webhook).startswith("whsec_")


def test_secrets_from_before_are_encrypted_by_the_migration(listener, monkeypatch):
    migration = import_module("newsletter.migrations.0057_encrypted_webhook_secrets")
    monkeypatch.setattr(migration, "AT_ONCE", 2)
    numbers = [add_webhook(listener.url(f"/{each}")).pk for each in range(5)]
    already = encrypt_secret(PLAIN)
    Webhook.objects.update(secret=PLAIN)
    Webhook.objects.filter(pk=numbers[0]).update(secret=already, former_secret=PLAIN)
    for _ in range(2):
        migration.encrypt_secrets(apps, None)
    for webhook in Webhook.objects.all():
        assert secret_of(webhook) == PLAIN
        assert webhook.former_secret.startswith(MARK) == (webhook.pk == numbers[0])
    assert Webhook.objects.get(pk=numbers[0]).secret == already
