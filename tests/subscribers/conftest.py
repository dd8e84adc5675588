"""A list with topics, the people who read it, and the doors that they come by."""

import itertools

import pytest

from subscribers import consent, consent_by_editor, consent_wordings
from subscribers.consent import ConsentSource, PersonalDetails
from subscribers.lists import add_list, find_subscriber
from subscribers.models import SourceKind, Subscription

EDITOR = ConsentSource(SourceKind.EDITOR, "Edith")
EMAIL = ConsentSource(SourceKind.EMAIL_LINK, "", "192.0.2.7", "A browser")
numbers = itertools.count(1)


@pytest.fixture
def news(db):
    return add_list(
        "news", "The News", publisher="Example Trust", topics={"research": "Research", "events": "Events"}
    )


@pytest.fixture
def emails(db):
    return add_list("emails", "Letters")


@pytest.fixture
def signs_up(news, django_capture_on_commit_callbacks):
    """Somebody signs up by the form: `signs_up("ada@example.org", topics=["research"])`."""

    def sign_up(address, mailing_list=news, **options):
        # Each comes from a network of their own.
        source = ConsentSource(SourceKind.FORM, "", f"2001:db8:{next(numbers):x}::1", "A browser")
        with django_capture_on_commit_callbacks(execute=True):
            consent.sign_up(
                mailing_list, address, source, wording=consent_wordings.wording_shown(mailing_list), **options
            )

    return sign_up


@pytest.fixture
def ada(news):
    """Ada reads the news."""
    return consent_by_editor.add_by_editor(
        news,
        "ada@example.org",
        EDITOR,
        consent="Form at the open day",
        person=PersonalDetails(first_name="Ada", last_name="Byron"),
    )


@pytest.fixture
def state_of(news):
    """The state of an address on the news; "" when it is not there."""

    def state(address, mailing_list=news):
        found = Subscription.objects.filter(subscriber__address_key=address, list=mailing_list).first()
        return found.state if found else ""

    return state


@pytest.fixture
def history_of(db):
    """The acts that were logged about an address."""

    def acts(address):
        return [entry.act for entry in find_subscriber(address).consent_entries.order_by("pk")]

    return acts
