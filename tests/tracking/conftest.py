"""A mailing that went out through SendGrid, and SendGrid's signed posts about it."""

import pytest
from django.test import Client
from django.utils import timezone

from newsletter.sending.batches import send_next_batch
from newsletter.sending.models import Recipient
from newsletter.sending.return_path import return_path
from newsletter.tracking import webhook_inbox
from newsletter.tracking.process_events import process_posts
from tests.sending.conftest import (  # noqa: F401 - fixtures of the stage before
    crowd,
    issue,
    join,
    publication,
    way_out,
)
from tests.sending.planned_mailing import planned_mailing
from tests.tracking.returned_mail import TO
from tests.tracking.sendgrid_events import Signer, Teller

PEOPLE = ("ana", "ben", "cem", "dora", "eve", "finn", "gwen", "hugo", "ida", "jo")


@pytest.fixture
def planned(issue, join, way_out):  # noqa: F811 - asked for by name
    """A mailing to ten people, in batches of four, four and two, of which none went yet."""
    join(*PEOPLE)
    return planned_mailing(issue, planned_by="edda")


@pytest.fixture
def sent(planned):
    """The same mailing, accepted for everybody."""
    while send_next_batch():
        pass
    planned.refresh_from_db()
    return planned


@pytest.fixture
def tell(planned):
    """Make events as SendGrid does: `tell("ana", "delivered")`."""
    return Teller(planned, int(timezone.now().timestamp()))


@pytest.fixture
def signer(settings):
    """SendGrid's key pair; the press knows the public one."""
    signer = Signer()
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(
        update={"sendgrid_webhook_key": (signer.public_key,)}
    )
    return signer


@pytest.fixture
def post(signer, db, home):
    """Post a body as SendGrid does, signed; gives the answer."""

    def post_it(body, *, by=signer, timestamp=None, **headers):
        return Client().post(
            "/webhooks/sendgrid/",
            data=body,
            content_type="application/json",
            headers={**by.headers(body, timestamp), **headers},
        )

    return post_it


@pytest.fixture
def fold(db, home):
    """Fold these events, as if they had come in one post each unless they come in a list."""

    def fold_them(*events):
        import orjson

        for each in events:
            webhook_inbox.keep(orjson.dumps(each if isinstance(each, list) else [each]))
        while process_posts():
            pass

    return fold_them


@pytest.fixture
def row(planned):
    """The ledger's row of a person, as (state, reason)."""

    def of(name):
        return Recipient.objects.values_list("state", "reason").get(
            issue=planned.issue, subscriber__address=f"{name}@example.org"
        )

    return of


@pytest.fixture
def path_of(sent):
    """The return path of the email to a person: `path_of("ana")`."""

    def path(name):
        number = Recipient.objects.get(issue=sent.issue, subscriber__address=f"{name}@example.org").pk
        return return_path(TO, sent.key, number)

    return path
