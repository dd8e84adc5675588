"""Events reach every hook, signed, until they are taken; and nothing that is secret or personal gets out."""

import base64
import hashlib
import hmac
import json
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.errors import Invalid, NotFound, Refused
from newsletter.issues.models import AuditEntry
from newsletter.notifications.models import NotificationMail, State, Webhook, WebhookDelivery
from newsletter.notifications.outbound_webhooks import add_webhook, remove_webhook, send_test_event
from newsletter.notifications.sign_webhook_posts import signed_headers
from newsletter.notifications.webhook_deliveries import BACKOFF, WAITS, post_next_webhook
from newsletter.notifications.webhook_secrets import secret_of
from newsletter.sending import mailing_controls
from newsletter.sending.batches import send_next_batch
from tests.fakes.webhook_receiver import CUT, HANG
from tests.postgres import free_port
from tests.sending.planned_mailing import planned_mailing

pytestmark = pytest.mark.django_db
HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "get-notifications.md"


def states():
    return sorted(WebhookDelivery.objects.values_list("state", flat=True))


def signature(secret, headers, body):
    """As the specification words it, written without a look at our own."""
    key = base64.b64decode(secret.split("_", 1)[1])
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body.decode()}"
    return "v1," + base64.b64encode(hmac.new(key, content.encode(), hashlib.sha256).digest()).decode()


def test_an_event_is_posted_once_and_its_signature_holds(clock, webhook, listener, happen, send):
    happen("the pier is closed", data={"issue": 1})
    send()
    send()
    [(headers, body)] = listener.got
    assert headers["webhook-signature"] == signature(secret_of(webhook), headers, body)
    assert headers["content-type"] == "application/json"
    assert int(headers["webhook-timestamp"]) == int(timezone.now().timestamp())
    event = json.loads(body)
    assert event["type"] == "issue.blocked"
    assert datetime.fromisoformat(event["timestamp"]) == timezone.now()
    assert event["data"]["url"] == "http://localhost:8000/desk/issues/harbour/1/"
    assert (event["data"]["issue"], event["data"]["title"]) == (1, "Blocked: the pier is closed")
    assert listener.paths == ["/news?token=very-hidden"]
    assert states() == ["done"]


def test_the_signature_is_that_of_the_libraries_of_standard_webhooks():
    # Their own test vector: https://github.com/standard-webhooks/standard-webhooks/tree/main/libraries
    made = signed_headers(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1_614_265_330, tz=timezone.get_default_timezone()),
        b'{"test": 2432232314}',
    )
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_ten_lines_of_the_how_to_know_our_posts_and_no_others(clock, webhook, listener, happen, send):
    program = re.findall(r"```python\n(.*?)```", HOW_TO.read_text(encoding="utf-8"), re.DOTALL)[0]
    names = {}
    exec(program, names)
    happen("the pier is closed")
    send()
    [(headers, body)] = listener.got
    assert names["is_ours"](secret_of(webhook), headers, body)
    assert not names["is_ours"](secret_of(webhook), headers, body + b" ")
    assert not names["is_ours"]("whsec_" + base64.b64encode(b"other").decode(), headers, body)
    clock.shift(timedelta(minutes=6))
    assert not names["is_ours"](secret_of(webhook), headers, body)


@pytest.mark.parametrize("trouble", [500, 404, 429, 301, 302, HANG, CUT])
def test_what_is_not_taken_comes_again_as_the_same_event(clock, webhook, listener, happen, send, trouble):
    listener.plan = [trouble]
    listener.headers = {"Location": listener.url("/elsewhere")}
    happen("the pier is closed")
    send()
    assert states() == ["waiting"]
    assert Webhook.objects.get().error
    clock.shift(WAITS[0] * 1.1)
    send()
    assert states() == ["done"]
    assert Webhook.objects.get().error == ""
    (first, body), (second, again) = listener.got
    assert (first["webhook-id"], body) == (second["webhook-id"], again)
    assert int(second["webhook-timestamp"]) > int(first["webhook-timestamp"])
    assert second["webhook-signature"] == signature(secret_of(webhook), second, again)
    assert set(listener.paths) == {"/news?token=very-hidden"}


def test_a_receiver_that_answers_slowly_is_cut_off_at_the_deadline(webhook, listener, happen, send):
    listener.plan = [HANG]
    happen("the pier is closed")
    send()
    assert (
        "did not respond within 0.5 seconds. If this receiver is always slow"
        in WebhookDelivery.objects.get().answer
    )


def test_it_is_given_up_after_some_three_days(clock, webhook, listener, happen, send, caplog):
    listener.plan = [503] * 20
    happen("the pier is closed")
    began = timezone.now()
    while "waiting" in states():
        clock.move_to(max(timezone.now(), WebhookDelivery.objects.get().due_at))
        send()
    assert states() == ["given up"]
    assert len(listener.got) == 10
    assert len(set(listener.ids())) == 1
    assert timedelta(days=3) < timezone.now() - began < timedelta(days=4)
    assert "very-hidden" not in caplog.text
    assert secret_of(webhook) not in caplog.text


def test_a_receiver_that_asks_for_time_gets_it_up_to_six_hours():
    assert BACKOFF.wait(1, asked=3_600) >= timedelta(hours=1)
    assert BACKOFF.wait(1, asked=1e9) <= timedelta(hours=7)
    assert BACKOFF.wait(3) >= timedelta(minutes=30)


def test_retry_after_is_read_from_the_answer(clock, webhook, listener, happen, send):
    listener.plan, listener.headers = [503], {"Retry-After": "7200"}
    happen("the pier is closed")
    send()
    clock.shift(timedelta(minutes=119))
    assert not post_next_webhook()


def test_a_receiver_that_is_gone_is_switched_off_and_what_waits_for_it_is_left_out(
    clock, webhook, listener, happen, send
):
    listener.plan = [410]
    happen("one")
    happen("two")
    send()
    assert len(listener.got) == 1
    assert states() == ["left out", "left out"]
    assert not Webhook.objects.get().active
    happen("three")
    send()
    assert len(listener.got) == 1


def test_a_test_that_is_taken_switches_a_hook_on_again(webhook, listener):
    Webhook.objects.update(active=False)
    listener.plan = [500]
    assert not send_test_event(webhook.pk).accepted
    assert not Webhook.objects.get().active
    assert send_test_event(webhook.pk).accepted
    assert Webhook.objects.get().active
    assert json.loads(listener.got[-1][1])["type"] == "webhook.test"


def test_one_hook_that_fails_holds_up_no_other(webhook, listener, happen, send):
    other = add_webhook(listener.url("/other"))
    listener.plan = [500]
    happen("the pier is closed")
    send()
    assert sorted(listener.paths) == ["/news?token=very-hidden", "/other"]
    assert WebhookDelivery.objects.get(webhook=other).state == "done"
    assert len(set(listener.ids())) == 2


def test_a_private_address_is_not_posted_to(webhook, listener, happen, send, settings):
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"fetch_allow_hosts": ()})
    happen("the pier is closed")
    send()
    assert listener.got == []
    assert "private network" in WebhookDelivery.objects.get().answer


def test_a_hook_of_a_publication_is_posted_only_what_happens_to_it(
    listener, happen, send, publication, failing_source, write
):
    add_webhook(listener.url("/harbour"), publication=publication)
    failing_source(25)
    write()
    happen("the pier is closed", publication=publication)
    send()
    assert [json.loads(body)["data"]["publication"] for _headers, body in listener.got] == ["harbour"]


def test_a_process_that_dies_after_the_post_repeats_it_under_the_same_id(
    clock, webhook, listener, happen, send
):
    happen("the pier is closed")
    listener.plan = [CUT]
    send()
    # As if nothing had been written down: the lease is all that there is.
    WebhookDelivery.objects.update(due_at=timezone.now() + timedelta(minutes=1))
    assert not post_next_webhook()
    clock.shift(timedelta(minutes=1))
    send()
    assert len(listener.got) == 2
    assert len(set(listener.ids())) == 1


def test_no_address_of_a_reader_is_in_an_event(
    clock, webhook, listener, issue, join, way_out, write, send, people
):
    join("ana", "ben", "cem", "dora", "eve")
    mailing = planned_mailing(issue)
    assert send_next_batch()
    mailing_controls.pause_mailing(mailing.pk, "The server said: 550 <ana@example.org> unknown.")
    clock.shift(timedelta(hours=1))
    write()
    send()
    bodies = b"".join(body for _headers, body in listener.got)
    assert len(listener.got) == 2
    assert json.loads(listener.got[-1][1])["data"]["figures"]["accepted"] == 4
    assert b"@" not in bodies


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("http://hooks.example.org/", "https://"),
        ("https://name:word@hooks.example.org/", "Remove both"),
        ("ftp://hooks.example.org/", "Use a web address that starts with http"),
        ("nonsense", "cannot fetch"),
    ],
)
def test_an_address_that_cannot_be_posted_to_safely_is_refused(address, says):
    with pytest.raises(Invalid, match=says):
        add_webhook(address)
    assert not Webhook.objects.exists()


@pytest.mark.parametrize("host", ["10.0.0.5", "localhost", "[::1]"])
def test_a_host_in_a_private_network_is_refused_when_it_is_added_and_taken_if_it_is_allowed(host, settings):
    with pytest.raises(Refused, match=r"is on a private network.*NEWSLETTER_FETCH_ALLOW_HOSTS"):
        add_webhook(f"https://{host}/hook")
    assert not Webhook.objects.exists()
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"fetch_allow_hosts": (host,)})
    assert add_webhook(f"https://{host}/hook").active


def test_an_address_is_taken_once(webhook, listener):
    with pytest.raises(Refused, match="already"):
        add_webhook(listener.url())


def test_only_administrators_have_to_do_with_hooks(webhook):
    acts = [
        lambda: add_webhook("https://hooks.example.org/"),
        lambda: remove_webhook(webhook.pk),
        lambda: send_test_event(webhook.pk),
    ]
    with acting_as(Actor("omar", frozenset({Role.EDITOR, Role.APPROVER, Role.SENDER}))):
        for act in acts:
            with pytest.raises(Refused, match="administrator"):
                act()


def test_a_removed_hook_gets_nothing_more(webhook, listener, happen, send):
    happen("the pier is closed")
    remove_webhook(webhook.pk)
    send()
    assert listener.got == []
    with pytest.raises(NotFound, match="hooks list"):
        remove_webhook(webhook.pk)


def test_who_added_and_removed_hooks_is_in_the_audit_log_without_what_is_hidden(webhook):
    remove_webhook(webhook.pk)
    assert [entry.act for entry in AuditEntry.objects.all()] == ["webhook-add", "webhook-remove"]
    assert "hidden" not in "".join(entry.sentence for entry in AuditEntry.objects.all())


def test_nobody_at_the_address_is_a_sentence_and_no_traceback(listener, happen, send, settings, caplog):
    port = free_port()
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"fetch_allow_hosts": ("127.0.0.1",)})
    add_webhook(f"http://127.0.0.1:{port}/")
    happen("the pier is closed")
    send()
    assert WebhookDelivery.objects.get().answer.startswith("We could not connect to 127.0.0.1")
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("attempts", [0, 1, 3])
def test_a_clock_that_was_set_back_a_day_keeps_nothing_waiting_for_a_day(
    clock, webhook, people, happen, send, mailoutbox, attempts
):
    happen("the pier is closed")
    a_day_ahead = timezone.now() + timedelta(days=1)
    for rows in (WebhookDelivery.objects, NotificationMail.objects):
        rows.update(due_at=a_day_ahead, attempts=attempts)
    send()
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {State.DONE}
    assert set(NotificationMail.objects.values_list("state", flat=True)) == {State.DONE}
    assert len(mailoutbox) == NotificationMail.objects.count()
