"""The address of an account changes once it is confirmed from the old address and from the new one."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from newsletter.accounts.account_mails import AccountMail
from newsletter.accounts.actor import SYSTEM, acting_as
from newsletter.accounts.administer_accounts import deactivate
from newsletter.accounts.change_own_email_address import (
    AddressChange,
    address_change_of,
    ask_for_address,
    cancel_address_change,
    confirm_address,
    pending_address_change,
)
from newsletter.errors import InvalidFields, NotFound, Refused
from newsletter.issues.models import AuditEntry

pytestmark = pytest.mark.django_db
OLD, NEW = "ruth@example.org", "ruth@harbour.example"


def token_to(address):
    mail = (
        AccountMail.objects.filter(address=address, kind__startswith="address-confirm").order_by("pk").last()
    )
    return mail.link.partition("token=")[2]


@pytest.mark.parametrize("order", [(OLD, NEW), (NEW, OLD)])
def test_the_address_changes_with_the_second_confirmation_and_both_are_told(ruth, order):
    ask_for_address(ruth, f" {NEW} ")
    first, second = (token_to(address) for address in order)
    for _ in range(2):
        confirm_address(first)
    ruth.refresh_from_db()
    assert ruth.email == OLD
    confirm_address(second)
    ruth.refresh_from_db()
    assert ruth.email == NEW
    assert set(AccountMail.objects.filter(kind="new-address").values_list("address", flat=True)) == {
        OLD,
        NEW,
    }
    entry = AuditEntry.objects.order_by("pk").last()
    assert (entry.actor, entry.sentence) == ("ruth", "Changed the address of the user ruth.")
    assert "example" not in f"{entry.changes}"
    for token in (first, second):
        with pytest.raises(NotFound):
            confirm_address(token)


def test_an_address_that_another_account_has_is_not_taken_twice(ruth, django_user_model):
    django_user_model.objects.create_user("ada", email=NEW.upper())
    ask_for_address(ruth, NEW)
    confirm_address(token_to(OLD))
    with pytest.raises(Refused, match="Another account already has this address"):
        confirm_address(token_to(NEW))
    ruth.refresh_from_db()
    assert ruth.email == OLD


def test_an_account_without_an_address_confirms_the_new_one_only(ruth):
    ruth.email = ""
    ruth.save()
    ask_for_address(ruth, NEW)
    assert AccountMail.objects.count() == 1
    confirm_address(token_to(NEW))
    ruth.refresh_from_db()
    assert ruth.email == NEW


@pytest.mark.parametrize("address", ["", "ruth", "RUTH@example.org", "a@example.org\r\nBcc: b@example.org"])
def test_what_cannot_be_an_address_is_refused(ruth, address):
    with pytest.raises(InvalidFields):
        ask_for_address(ruth, address)
    assert not AccountMail.objects.exists()


def test_no_token_is_stored_beside_the_emails_that_wait(ruth):
    ask_for_address(ruth, NEW)
    stored = f"{AddressChange.objects.values().get()}"
    for address in (OLD, NEW):
        assert token_to(address) not in stored


def test_a_change_ends_after_a_day_with_another_one_and_when_it_is_cancelled(ruth):
    ask_for_address(ruth, NEW)
    first = token_to(NEW)
    with time_machine.travel(timezone.now() + timedelta(days=1, seconds=1)):
        assert pending_address_change(ruth) is None
        with pytest.raises(NotFound):
            address_change_of(first)
    ask_for_address(ruth, "other@example.org")
    with pytest.raises(NotFound):
        address_change_of(first)
    other = token_to("other@example.org")
    assert cancel_address_change(ruth)
    assert not cancel_address_change(ruth)
    with pytest.raises(NotFound):
        confirm_address(other)
    assert not AccountMail.objects.exists()


def test_nothing_is_confirmed_for_a_deactivated_account_or_over_an_administrators_change(ruth, ada):
    ask_for_address(ruth, NEW)
    tokens = [token_to(OLD), token_to(NEW)]
    confirm_address(tokens[0])
    ruth.email = "ruth@elsewhere.example"
    ruth.save()
    with pytest.raises(NotFound):
        confirm_address(tokens[1])
    ruth.refresh_from_db()
    assert ruth.email == "ruth@elsewhere.example"
    with acting_as(SYSTEM):
        deactivate("ruth")
    with pytest.raises(NotFound):
        confirm_address(tokens[0])
