"""The pages of webhooks: what a person does there, against a receiver on a loopback socket."""

import json
import re

import pytest
from django.utils import timezone

from newsletter.issues.models import AuditEntry
from newsletter.notifications.models import Notification, State, Webhook, WebhookDelivery
from newsletter.notifications.webhook_deliveries import post_next_webhook
from newsletter.notifications.webhook_secrets import encrypt_secret, secret_of
from tests.fakes import webhook_receiver
from tests.notifications.test_outbound_webhooks import signature
from tests.web.desk.second_factors import just_now

ADD = "/desk/settings/webhooks/add/"
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]+")


@pytest.fixture
def ada(desk_of):
    return just_now(desk_of("ada"))


@pytest.fixture
def listener(settings):
    with webhook_receiver.running() as running:
        settings.NEWSLETTER = settings.NEWSLETTER.model_copy(
            update={"fetch_allow_hosts": (f"127.0.0.1:{running.port}",), "webhook_timeout_seconds": 5.0}
        )
        yield running


def text(answer):
    return " ".join(answer.content.decode().split())


def page_of(webhook):
    return f"/desk/settings/webhooks/{webhook.pk}/"


def add(client, listener, **more):
    return client.post(ADD, {"address": listener.url(), "form_key": "a key", **more})


def happened(webhook, subject="Blocked: issue 1", state=State.WAITING, **fields):
    notification = Notification.objects.create(
        key=subject, kind=Notification.Kind.BLOCKED, subject=subject, link="/desk/", made_at=timezone.now()
    )
    return WebhookDelivery.objects.create(
        webhook=webhook,
        notification=notification,
        body=json.dumps({"type": "issue.blocked", "data": {"title": subject}}),
        state=state,
        due_at=timezone.now(),
        **fields,
    )


def test_a_webhook_is_added_tested_and_its_secret_shown_once(ada, listener):
    shown = SECRET.findall(text(add(ada, listener)))
    webhook = Webhook.objects.get()
    # Once for people, and once for the button that copies it.
    assert shown == [secret_of(webhook)] * 2
    answer = ada.post(f"{page_of(webhook)}test/", follow=True)
    assert "The test event was accepted. 127.0.0.1 responded with 204 No Content." in text(answer)
    [(headers, body)] = listener.got
    assert headers["webhook-signature"] == signature(secret_of(webhook), headers, body)
    everything = (
        text(answer) + text(ada.get(page_of(webhook))) + text(ada.get("/desk/settings/notifications/"))
    )
    assert not SECRET.search(everything)
    # What follows the path of an address is often a secret too.
    assert "very-hidden" not in everything
    assert secret_of(webhook) not in str(list(AuditEntry.objects.values()))


def test_the_same_form_adds_one_webhook_and_does_not_show_the_secret_again(ada, listener):
    add(ada, listener)
    again = ada.post(ADD, {"address": listener.url(), "form_key": "a key"}, follow=True)
    assert Webhook.objects.count() == 1
    assert not SECRET.search(text(again))
    assert "change the secret" in text(again)


def test_an_address_that_cannot_be_posted_to_is_said_beside_the_field_with_what_was_typed(ada, people):
    answer = ada.post(ADD, {"address": "http://hooks.example.org/news"})
    assert answer.status_code == 422
    page = text(answer)
    assert "Error: Add a webhook" in page
    assert 'value="http://hooks.example.org/news"' in page
    assert 'id="address-error"' in page
    assert not Webhook.objects.exists()


def test_adding_a_webhook_or_changing_a_secret_asks_who_it_is(desk_of, people, listener):
    ada = desk_of("ada")
    answer = add(ada, listener)
    assert answer.status_code == 302
    assert "/desk/account/confirm/" in answer.url
    webhook = Webhook.objects.create(
        url=listener.url(), secret=encrypt_secret("whsec_AAAA"), created_at=timezone.now()
    )
    assert ada.post(f"{page_of(webhook)}secret/").status_code == 302
    assert secret_of(Webhook.objects.get()) == "whsec_AAAA"


def test_the_secret_is_changed_after_a_question_and_shown_once(ada, listener):
    add(ada, listener)
    webhook = Webhook.objects.get()
    page = f"{page_of(webhook)}secret/"
    assert not SECRET.search(text(ada.get(page)))
    [new] = set(SECRET.findall(text(ada.post(page))))
    assert new != secret_of(webhook)
    assert new == secret_of(Webhook.objects.get())
    assert "Signed with both secrets until" in text(ada.get(page_of(webhook)))


def test_a_failed_test_says_what_the_receiver_responded(ada, listener):
    add(ada, listener)
    listener.plan = [500]
    answer = ada.post(f"{page_of(Webhook.objects.get())}test/")
    assert "The test event was not accepted. 127.0.0.1 responded with 500 Internal Server Error." in text(
        answer
    )


def test_a_failed_event_is_sent_again_by_its_button(ada, listener):
    add(ada, listener)
    webhook = Webhook.objects.get()
    failed = happened(webhook, state=State.GIVEN_UP, attempts=10, answer="127.0.0.1 responded with 503.")
    page = text(ada.get(page_of(webhook)))
    assert "Failed" in page
    assert "10 attempts" in page
    answer = ada.post(f"{page_of(webhook)}deliveries/{failed.pk}/again/", follow=True)
    assert "will be posted again within seconds" in text(answer)
    assert post_next_webhook()
    assert listener.ids() == [f"msg_{failed.key.hex}"]
    assert WebhookDelivery.objects.get().state == State.DONE
    assert "Delivered" in text(ada.get(page_of(webhook)))


def test_a_webhook_is_removed_after_a_question(ada, listener):
    add(ada, listener)
    webhook = Webhook.objects.get()
    happened(webhook)
    assert "This cannot be undone" in text(ada.get(f"{page_of(webhook)}remove/"))
    ada.post(f"{page_of(webhook)}remove/")
    assert not Webhook.objects.exists()
    assert not WebhookDelivery.objects.exists()


def test_an_event_full_of_scripts_does_nothing(ada, listener):
    add(ada, listener)
    webhook = Webhook.objects.get()
    happened(webhook, subject="<script>alert(1)</script>", answer="<img src=x onerror=alert(1)>")
    page = ada.get(page_of(webhook)).content
    assert b"<script>alert" not in page
    assert b"<img src=x" not in page


@pytest.mark.parametrize(
    "query", ["state=nonsense", "after=x", "after=999999999999999999999", "state=done&after=1"]
)
def test_an_address_with_nonsense_shows_the_page(ada, listener, query):
    add(ada, listener)
    assert ada.get(f"{page_of(Webhook.objects.get())}?{query}").status_code == 200


@pytest.mark.parametrize("many", [1, 80])
def test_the_page_of_a_webhook_asks_a_few_questions_however_much_was_posted(
    ada, listener, many, django_assert_max_num_queries
):
    add(ada, listener)
    webhook = Webhook.objects.get()
    for each in range(many):
        happened(webhook, subject=f"Event {each}", state=State.DONE)
    with django_assert_max_num_queries(15):
        ada.get(page_of(webhook))
