"""Acts of people with a role on subscribers."""

import pytest

from newsletter.accounts import role_checked_subscriber_acts
from newsletter.errors import Refused
from subscribers.consent_rules import PersonalDetails
from subscribers.models import Subscriber

pytestmark = pytest.mark.django_db


def test_details_that_somebody_changed_since_are_not_overwritten():
    grace = Subscriber.objects.create(address="grace@example.org", address_key="grace@example.org")
    # Two editors open the form, each with a copy of their own.
    ruths, amirs = Subscriber.objects.get(), Subscriber.objects.get()
    seen = role_checked_subscriber_acts.details_version(ruths)
    role_checked_subscriber_acts.change_details(ruths, PersonalDetails(first_name="Grace"), seen=seen)
    with pytest.raises(Refused, match="changed this person"):
        role_checked_subscriber_acts.change_details(amirs, PersonalDetails(last_name="Hopper"), seen=seen)
    grace.refresh_from_db()
    assert (grace.first_name, grace.last_name) == ("Grace", "")
