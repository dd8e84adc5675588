"""The people of a press, a program that waits for events, and a clock that a test winds."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model

from newsletter.accounts.actor import Role
from newsletter.accounts.change_users import set_roles
from newsletter.articles.models import Source
from newsletter.notifications.detectors.notable_event import Kind, NotableEvent
from newsletter.notifications.models import Notification
from newsletter.notifications.notification_mails import mail_next_notification
from newsletter.notifications.outbound_webhooks import add_webhook
from newsletter.notifications.webhook_deliveries import post_next_webhook
from newsletter.notifications.write_notifications import notify, write_next_notification
from tests.fakes import webhook_receiver
from tests.scheduling.series.conftest import publish, site, tuesdays, weekly  # noqa: F401 - fixtures of a stage before
from tests.sending.conftest import (  # noqa: F401 - fixtures of the stage before
    issue,
    join,
    publication,
    way_out,
)

# More than any test causes: an event that is reported again and again must not keep a test from ending.
MAX_NOTIFICATIONS = 100
MORNING = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    """It is Monday morning, and stays so until the test moves the clock."""
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller


@pytest.fixture
def person(db):
    """Make a user with a role: `person("ruth", Role.EDITOR)`."""

    def make(name, *roles, address=None):
        user = get_user_model().objects.create(
            username=name, email=f"{name}@example.org" if address is None else address
        )
        if roles:
            set_roles(name, roles)
        return user

    return make


@pytest.fixture
def people(person):
    """An administrator, an approver and an editor; and some who are told nothing."""
    person("boss", Role.ADMINISTRATOR)
    person("omar", Role.APPROVER)
    person("ruth", Role.EDITOR)
    person("guest")
    person("silent", Role.EDITOR, address="")
    gone = person("gone", Role.EDITOR)
    gone.is_active = False
    gone.save()


@pytest.fixture
def write():
    """Write down all that there is to tell now; gives the new notices."""

    def write_all():
        before = set(Notification.objects.values_list("pk", flat=True))
        for _ in range(MAX_NOTIFICATIONS):
            if not write_next_notification():
                break
        else:
            pytest.fail(f"After {MAX_NOTIFICATIONS} notifications there are still more.")
        return list(Notification.objects.exclude(pk__in=before))

    return write_all


@pytest.fixture
def told(write):
    """The same as pairs of kind and subject."""
    return lambda: [(each.kind, each.subject) for each in write()]


@pytest.fixture
def send():
    """Mail and post all that is due now."""

    def send_all():
        while mail_next_notification() or post_next_webhook():
            pass

    return send_all


@pytest.fixture
def listener(settings):
    """A program on loopback to which the press may post."""
    with webhook_receiver.running() as running:
        settings.NEWSLETTER = settings.NEWSLETTER.model_copy(
            update={"fetch_allow_hosts": (f"127.0.0.1:{running.port}",), "webhook_timeout_seconds": 0.5}
        )
        yield running


@pytest.fixture
def webhook(db, listener):
    return add_webhook(listener.url())


@pytest.fixture
def happen():
    """Something happens that is told: `happen("the pier is closed")`."""

    def tell_it(text, **fields):
        notify(
            NotableEvent(
                key=f"test:{text}"[:120],
                kind=Kind.BLOCKED,
                subject=f"Blocked: {text}",
                text=text.capitalize() + ".",
                link="/desk/issues/harbour/1/",
                **fields,
            )
        )

    return tell_it


@pytest.fixture
def failing_source(db):
    """A source that cannot be read since so many hours: `failing_source(25)`."""

    def make(hours, *, now=MORNING, name="tides"):
        return Source.objects.create(
            name=name,
            location=f"https://{name}.example.org/feed",
            error="tides.example.org does not exist (404). Check the address.",
            failing_since=now - timedelta(hours=hours),
        )

    return make
