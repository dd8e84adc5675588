"""A form that arrives again, as after a double click, ends where it ended the first time."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from newsletter.accounts.actor import acting_as
from newsletter.issues.edit_issue_texts import set_subject
from newsletter.issues.models import AuditEntry
from newsletter.notifications.models import State, Webhook, WebhookDelivery
from newsletter.web.desk.desk_page import REPEATED
from tests.web.desk import valid_forms
from tests.web.desk.second_factors import just_now
from tests.web.desk.test_permissions import (
    ALL,
    browser,
    own,
    parts_of,
    path_in,
    said_in,
    sent_and_sending,
)

__all__ = ["own", "sent_and_sending"]
ROUTES = sorted(set(valid_forms.FORMS) - valid_forms.WITHOUT_SUCCESS)
TOKEN = {"csrfmiddlewaretoken": "t" * 64}


@pytest.mark.postgresql_full
@pytest.mark.usefixtures("sent_and_sending")
def test_every_form_that_is_sent_twice_ends_where_it_ended_first(own):
    client, wrong = browser(ALL), []
    just_now(client)
    for route in ROUTES:
        with transaction.atomic():
            fields = {**valid_forms.FORMS[route](), **TOKEN, "form_key": "k" * 32}
            path = path_in(route, own, **parts_of(route, fields))
            first = client.post(path, fields)
            for each in fields.values():
                if hasattr(each, "seek"):
                    each.seek(0)
            second = client.post(path, fields)
            # What shows a secret, or answers a script, leads nowhere.
            if first.status_code == 303 and (second.status_code, second.url) != (303, first.url):
                wrong.append((route, second.status_code, said_in(second.content.decode())[:200]))
            transaction.set_rollback(True)
    assert not wrong, "\n".join(map(str, wrong))


@pytest.fixture
def again(own):
    """The path of “Send again” for an event."""
    return reverse(
        "desk:send-webhook-again", args=[Webhook.objects.get().pk, WebhookDelivery.objects.get().pk]
    )


def test_only_the_same_form_of_the_same_person_counts_and_not_for_long(own, again):
    client, editor = browser(ALL), browser("administrator")
    with time_machine.travel(timezone.now(), tick=False) as clock:
        first = client.post(again, TOKEN)
        assert first.status_code == 303
        assert client.post(again, TOKEN).url == first.url
        assert REPEATED in client.get("/desk/").content.decode()
        # Of a page that was loaded again, of another person, and without a token.
        assert client.post(again, {"csrfmiddlewaretoken": "u" * 64}).status_code == 409
        assert client.post(again).status_code == 409
        assert editor.post(again, TOKEN).status_code in {404, 409}
        clock.shift(timedelta(seconds=31))
        assert client.post(again, TOKEN).status_code == 409
    assert AuditEntry.objects.filter(act="webhook-send-again").count() == 1


def test_a_form_whose_act_no_longer_holds_is_refused_with_the_reason(desk_of, people, ruths_draft):
    amir = desk_of("amir")
    issue = f"/desk/issues/{ruths_draft.publication.slug}/{ruths_draft.number}/"
    page = amir.get(f"{issue}send/").content.decode()
    seen = re.search(r'name="seen" value="([^"]+)" data-seen', page)[1]
    form = {"seen": seen, **TOKEN}
    assert amir.post(f"{issue}approve/", form).status_code == 303
    with acting_as(people["ruth"]):
        set_subject(ruths_draft, "Another subject")
    again = amir.post(f"{issue}approve/", form)
    assert again.status_code == 409
    assert "was changed after you opened it. Read it again, then approve it." in again.content.decode()


def test_htmx_is_led_to_the_same_place(own, again):
    client = browser(ALL)
    htmx = {"HX-Request": "true", "X-CSRFToken": "t" * 64}
    first, second = client.post(again, headers=htmx), client.post(again, headers=htmx)
    assert (first.status_code, second.status_code) == (200, 200)
    assert first["HX-Location"] == second["HX-Location"]


def test_a_form_that_was_refused_before_is_refused_again(own, again):
    WebhookDelivery.objects.update(state=State.WAITING)
    client = browser(ALL)
    assert [client.post(again, TOKEN).status_code for _click in range(2)] == [409, 409]


@pytest.mark.django_db(transaction=True)
def test_three_clicks_at_once_end_on_the_same_page_and_do_the_act_once(own, again):
    clients, together = [browser(ALL) for _click in range(3)], Barrier(3)

    def click(client):
        try:
            together.wait(60)
            answer = client.post(again, TOKEN)
            return answer.status_code, answer.get("Location")
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as threads:
        answers = list(threads.map(click, clients))
    assert {status for status, _address in answers} == {303}, answers
    assert len(set(answers)) == 1
    assert AuditEntry.objects.filter(act="webhook-send-again").count() == 1
