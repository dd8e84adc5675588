"""The door: only what SendGrid signed comes in, and it is answered at once."""

import time

import orjson
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from newsletter.tracking import sendgrid_webhook_endpoint, webhook_inbox
from newsletter.tracking.webhook_signature_check import is_genuine, keys_of
from tests.tracking.sendgrid_events import Signer

BODY = orjson.dumps([{"event": "delivered", "email": "ana@example.org", "timestamp": 1_790_000_000}])
SIGNATURE = sendgrid_webhook_endpoint.SIGNATURE
TIMESTAMP = sendgrid_webhook_endpoint.TIMESTAMP
SIGNER = Signer()


def kept():
    return [each.body for each in webhook_inbox.oldest(100)]


def test_a_signed_post_is_kept_as_it_came(post):
    answer = post(BODY)
    assert (answer.status_code, answer.content) == (200, b"")
    assert kept() == [BODY]


def test_a_post_signed_by_another_key_changes_nothing(post):
    assert post(BODY, by=Signer()).status_code == 403
    assert kept() == []


def test_two_keys_are_good_while_one_replaces_the_other(post, signer, settings):
    new = Signer()
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(
        update={"sendgrid_webhook_key": (signer.public_key, new.public_key)}
    )
    assert [post(BODY, by=one).status_code for one in (signer, new, Signer())] == [200, 200, 403]


@pytest.mark.parametrize(
    "altered", [BODY[:-1], BODY + b" ", BODY.replace(b"ana", b"bob"), b"", b"[" + BODY], ids=range(5)
)
def test_a_truncated_or_altered_body_changes_nothing(signer, post, altered):
    headers = signer.headers(BODY)
    answer = Client().post(
        "/webhooks/sendgrid/", data=altered, content_type="application/json", headers=headers
    )
    assert answer.status_code == 403
    assert kept() == []


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        (SIGNATURE, "", 401),
        (TIMESTAMP, "", 401),
        (SIGNATURE, "no base64!", 403),
        (SIGNATURE, "QUJD", 403),
        (SIGNATURE, "A" * 10_000, 403),
        (TIMESTAMP, "yesterday", 403),
        (TIMESTAMP, "²", 403),
        (TIMESTAMP, "1790000000", 403),
    ],
)
def test_a_missing_or_malformed_header_changes_nothing(post, name, value, status):
    assert post(BODY, **{name: value}).status_code == status
    assert kept() == []


@pytest.mark.parametrize(
    ("seconds", "status"), [(0, 200), (-24 * 3600, 200), (-27 * 3600, 403), (50 * 60, 200), (2 * 3600, 403)]
)
def test_a_repeat_within_a_day_is_taken_and_an_old_post_is_not(post, seconds, status):
    assert post(BODY, timestamp=int(time.time()) + seconds).status_code == status
    assert len(kept()) == (status == 200)


def test_a_body_that_is_too_large_is_refused_before_it_is_read(post):
    large = b"[" + b" " * sendgrid_webhook_endpoint.LARGEST + b"]"
    assert post(large).status_code == 413
    assert kept() == []


def test_without_a_key_nothing_is_taken(post, settings):
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"sendgrid_webhook_key": ()})
    answer = post(BODY)
    assert answer.status_code == 403
    assert b"NEWSLETTER_SENDGRID_WEBHOOK_KEY" in answer.content
    assert kept() == []


def test_a_key_that_is_no_point_of_the_curve_is_said_in_the_log(post, settings, caplog):
    broken = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE" + "A" * 86 + "=="
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"sendgrid_webhook_key": (broken,)})
    assert post(BODY).status_code == 403
    assert "NEWSLETTER_SENDGRID_WEBHOOK_KEY" in caplog.text
    assert kept() == []


def test_looking_at_the_address_changes_nothing(db, home):
    assert Client().get("/webhooks/sendgrid/").status_code == 405
    assert kept() == []


def test_the_post_needs_no_token_of_a_form(signer, db, home):
    answer = Client(enforce_csrf_checks=True).post(
        "/webhooks/sendgrid/", data=BODY, content_type="application/json", headers=signer.headers(BODY)
    )
    assert answer.status_code == 200


@given(st.binary(max_size=200), st.text(max_size=40), st.text(max_size=12))
def test_no_forgery_is_genuine_and_none_fails(body, signature, timestamp):
    keys = keys_of((SIGNER.public_key,))
    assert not is_genuine(keys, signature, timestamp, body)
