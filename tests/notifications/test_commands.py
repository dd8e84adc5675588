"""`newsletter webhooks`, `notifications` and `users notify`, as a person and a program use them."""

import json

import pytest

from newsletter.notifications.models import NotificationOptOut, Webhook
from newsletter.notifications.webhook_secrets import secret_of

pytestmark = pytest.mark.django_db


def test_a_secret_is_printed_when_a_hook_is_added_and_never_again(cli, listener):
    added = cli("webhooks", "add", listener.url("/news"))
    secret = secret_of(Webhook.objects.get())
    assert secret in added.out
    for command in (["list"], ["list", "--json"], ["test", Webhook.objects.get().pk]):
        printed = cli("webhooks", *command)
        assert printed.code == 0
        assert secret.removeprefix("whsec_") not in printed.out + printed.err


def test_a_program_reads_the_secret_as_json(cli, listener, publication):
    added = json.loads(cli("webhooks", "add", listener.url(), "--publication", "harbour", "--json").out)
    assert added["secret"] == secret_of(Webhook.objects.get())
    assert added["publication"] == "harbour"


def test_a_test_says_what_came_back(cli, listener, webhook):
    good = cli("webhooks", "test", webhook.pk)
    assert (good.code, "127.0.0.1 responded with 204 No Content." in good.out) == (0, True)
    listener.plan = [410]
    bad = cli("webhooks", "test", webhook.pk)
    assert (bad.code, "127.0.0.1 responded with 410 Gone." in bad.err) == (1, True)
    listener.plan = [500]
    assert json.loads(cli("webhooks", "test", webhook.pk, "--json").out)["status"] == 500


def test_the_list_shows_how_the_last_post_went(cli, listener, webhook, happen, send):
    listener.plan = [500]
    happen("the pier is closed")
    send()
    assert "failing: 127.0.0.1 responded with 500 Internal Server Error." in cli("webhooks", "list").out
    assert cli("webhooks", "remove", webhook.pk).code == 0
    assert "You have no webhooks" in cli("webhooks", "list").out


def test_notices_are_listed_with_what_became_of_them(cli, people, webhook, happen, send):
    assert "You have no notifications yet" in cli("notifications", "list").out
    happen("one")
    happen("two")
    send()
    shown = cli("notifications", "list", "--last", 1).out
    assert "Blocked: two" in shown
    assert "Blocked: one" not in shown
    assert "3 done" in shown
    newest = json.loads(cli("notifications", "list", "--json").out)[0]
    assert (newest["subject"], newest["mails"]["done"], newest["posts"]["done"]) == ("Blocked: two", 3, 1)


def test_somebody_is_no_longer_mailed(cli, people):
    assert "will not get notifications" in cli("users", "notify", "ruth", "--no-mail").out
    assert NotificationOptOut.objects.get().user.username == "ruth"
    assert json.loads(cli("users", "notify", "ruth", "--mail", "--json").out) == {
        "name": "ruth",
        "mail": True,
    }
    assert not NotificationOptOut.objects.exists()
    assert cli("users", "notify", "nobody", "--mail").code == 1


def test_events_are_listed_with_what_became_of_them_and_sent_again(cli, listener, webhook, happen, send):
    happen("the pier is closed")
    send()
    assert "127.0.0.1 responded with 204 No Content." in cli("webhooks", "deliveries", webhook.pk).out
    [event] = json.loads(cli("webhooks", "deliveries", webhook.pk, "--state", "done", "--json").out)
    assert (event["state"], event["attempts"], event["subject"]) == ("done", 1, "Blocked: the pier is closed")
    assert (
        "We did not find any events" in cli("webhooks", "deliveries", webhook.pk, "--state", "given up").out
    )
    assert cli("webhooks", "send-again", webhook.pk, event["number"]).code == 0
    send()
    assert listener.ids() == [event["webhook_id"]] * 2
    assert cli("webhooks", "send-again", webhook.pk, 999).code == 1


def test_a_changed_secret_is_printed_once(cli, listener, webhook):
    changed = json.loads(cli("webhooks", "change-secret", webhook.pk, "--json").out)
    assert changed["secret"] == secret_of(Webhook.objects.get()) != secret_of(webhook)
    assert secret_of(Webhook.objects.get()) not in cli("webhooks", "list", "--json").out
