"""A reader changes their address: the new mailbox confirms, the old one is told, and strangers learn nothing."""

import io
import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from subscribers import (
    address_changes,
    confirmation_mails,
    consent,
    consent_by_editor,
    erasure,
    signed_links,
    suppression,
)
from subscribers.address_changes import AddressTaken, ChangeEnded, ask_to_change_address, confirm_new_address
from subscribers.consent import TooOften
from subscribers.correct_address import correct_address
from subscribers.errors import Invalid, Refused
from subscribers.imports.run_import import import_people
from subscribers.lawful_basis import BasisStatement
from subscribers.models import AddressChange, Basis, QueuedMail, Subscriber, Suppression
from subscribers.people_filter import PeopleFilter, filtered
from subscribers.prune_unconfirmed import prune_unconfirmed
from subscribers.signed_links import Purpose
from tests.subscribers.conftest import EDITOR, EMAIL

Reason = Suppression.Reason
NEW = "ada@example.net"


def send_all():
    while confirmation_mails.send_next_mail(timezone.now()):
        pass


def asked(ada, address=NEW):
    """Ask by the preferences page, send the emails, and give the page that answered."""
    page = f"/preferences/{signed_links.make_token(Purpose.PREFERENCES, ada.subscriber)}"
    answer = Client().post(page, {"act": "address", "address": address}, follow=True)
    send_all()
    return answer


def link_in(message):
    return re.search(r"https?://[^/]+(/new-address/\S+)", message.body)[1]


def text(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def test_the_new_mailbox_confirms_and_the_old_one_is_told(ada, history_of):
    answer = text(asked(ada))
    assert f"We have sent an email to {NEW}" in answer.replace("\u2068", "").replace("\u2069", "")
    # It is said at the top as well, in place of “Saved.”, which would be about something else.
    assert re.search(r'<p class="message" role="status"[^>]*>\s*We have sent', answer)
    assert "Saved." not in answer
    assert "<strong><bdi>The News</bdi></strong> · <bdi>Example Trust</bdi>" in answer
    to_new, to_old = mail.outbox
    assert (to_new.to, to_old.to) == ([NEW], ["ada@example.org"])
    assert "/preferences/" in to_old.body
    assert NEW not in to_old.body
    assert "ada@example.org" not in to_new.body
    browser, link = Client(), link_in(to_new)
    assert NEW in text(browser.get(link))
    assert Subscriber.objects.get().address == "ada@example.org"
    assert "Your address was changed" in text(browser.post(link))
    person = Subscriber.objects.get()
    assert (person.address, person.address_key) == (NEW, NEW)
    assert person.subscriptions.get().state == "active"
    for again in (browser.get(link), browser.post(link)):
        assert (again.status_code, "Your address was changed" in text(again)) == (200, True)
    assert history_of(NEW) == ["added", "changed", "changed"]
    notes = list(person.consent_entries.order_by("pk").values_list("note", flat=True))
    assert notes[1:] == ["Asked to change the address.", "Changed the address."]


def test_a_link_expires_and_its_address_is_deleted(ada):
    asked(ada)
    link = link_in(mail.outbox[0])
    with time_machine.travel(timezone.now() + timedelta(days=9)):
        assert Client().post(link).status_code == 410
        prune_unconfirmed(timezone.now())
    assert not AddressChange.objects.exists()
    assert Subscriber.objects.get().address == "ada@example.org"


def test_only_the_newest_link_works_and_a_cancelled_one_does_not(ada):
    asked(ada)
    asked(ada, "ada@example.com")
    first, second = (link_in(each) for each in mail.outbox if "/new-address/" in each.body)
    assert Client().post(first).status_code == 410
    page = f"/preferences/{signed_links.make_token(Purpose.PREFERENCES, ada.subscriber)}"
    assert "Cancel the change" in text(Client().get(page))
    Client().post(page, {"act": "cancel-address"})
    for answer in (Client().get(second), Client().post(second)):
        assert answer.status_code == 410
        assert "This change of address was cancelled or replaced" in text(answer)
    assert "Cancel the change" not in text(Client().get(page))
    assert Subscriber.objects.get().address == "ada@example.org"


def test_a_change_that_was_confirmed_meanwhile_cannot_be_cancelled_and_the_page_says_so(ada):
    asked(ada, "thief@example.net")
    page = f"/preferences/{signed_links.make_token(Purpose.PREFERENCES, ada.subscriber)}"
    Client().post(link_in(mail.outbox[0]))

    answer = Client().post(page, {"act": "cancel-address"})

    said = text(answer).replace("\u2068", "").replace("\u2069", "")
    assert answer.status_code == 422
    assert "Your address was changed." in said
    assert "From now on, we send our emails to thief@example.net." in said
    assert "Saved." not in said


def test_cancelling_a_change_twice_is_no_problem(ada):
    asked(ada)
    page = f"/preferences/{signed_links.make_token(Purpose.PREFERENCES, ada.subscriber)}"

    for _click in range(2):
        assert "Saved." in text(Client().post(page, {"act": "cancel-address"}, follow=True))


def test_a_change_that_is_cancelled_before_its_email_is_sent_sends_none(ada):
    ask_to_change_address(ada.subscriber, NEW, EMAIL)
    AddressChange.objects.all().delete()
    send_all()
    assert [each.to for each in mail.outbox] == [["ada@example.org"]]
    assert not QueuedMail.objects.exists()


def test_two_people_are_not_merged_and_only_the_owner_of_the_mailbox_learns_of_the_other(ada, news):
    consent_by_editor.add_by_editor(news, NEW, EDITOR, consent="Form at the open day")
    known, unknown = text(asked(ada)), text(asked(ada, "nobody@example.net"))
    assert known.replace(NEW, "X") == unknown.replace("nobody@example.net", "X")
    mail.outbox.clear()
    asked(ada)
    answer = Client().post(link_in(mail.outbox[0]))
    assert answer.status_code == 409
    assert "This address is already on our lists" in text(answer)
    assert sorted(Subscriber.objects.values_list("address", flat=True)) == [NEW, "ada@example.org"]


def test_somebody_who_signs_up_meanwhile_keeps_the_address(ada, news):
    ask_to_change_address(ada.subscriber, NEW, EMAIL)
    change = AddressChange.objects.get()
    consent_by_editor.add_by_editor(news, NEW, EDITOR, consent="Form at the open day")
    with pytest.raises(AddressTaken):
        confirm_new_address(change, EMAIL)


@pytest.mark.parametrize("reason", [Reason.COMPLAINT, Reason.HARD_BOUNCE, Reason.MANUAL])
def test_an_address_that_must_not_be_mailed_gets_no_email(ada, reason):
    suppression.suppress(NEW, reason, EDITOR)
    answer = asked(ada)
    assert answer.status_code == 200
    assert [each.to for each in mail.outbox] == [["ada@example.org"]]
    with pytest.raises(Refused, match="cannot send emails"):
        confirm_new_address(AddressChange.objects.get(), EMAIL)


def test_objections_move_to_the_new_address_and_a_bounce_does_not(ada):
    for reason in (Reason.COMPLAINT, Reason.LEFT_ALL, Reason.HARD_BOUNCE):
        suppression.suppress("ada@example.org", reason, EDITOR)
    suppression.suppress(NEW, Reason.LEFT_ALL, EDITOR)
    ask_to_change_address(ada.subscriber, NEW, EMAIL)
    confirm_new_address(AddressChange.objects.get(), EMAIL)
    assert suppression.reasons(NEW) == {Reason.COMPLAINT, Reason.LEFT_ALL}


def test_an_owner_who_left_all_lists_once_comes_back_by_confirming(ada):
    suppression.suppress(NEW, Reason.LEFT_ALL, EDITOR)
    ask_to_change_address(ada.subscriber, NEW, EMAIL)
    confirm_new_address(AddressChange.objects.get(), EMAIL)
    assert suppression.reasons(NEW) == set()


@pytest.mark.parametrize(
    "wrong", ["", "ada", "ada@example.org", " ADA@example.org ", "a@b@c", "a@example.net\nBcc: x@y.org"]
)
def test_a_wrong_address_or_the_own_one_is_said_beside_the_field(ada, wrong):
    answer = asked(ada, wrong)
    assert answer.status_code == 422
    assert "This address cannot be used." in text(answer)
    assert not mail.outbox
    assert not AddressChange.objects.exists()


def test_a_person_and_a_network_ask_only_so_often(ada, settings):
    for number in range(address_changes.ASKED_A_DAY):
        ask_to_change_address(ada.subscriber, f"ada{number}@example.net", EDITOR)
    with pytest.raises(TooOften):
        ask_to_change_address(ada.subscriber, NEW, EDITOR)
    assert asked(ada).status_code == 429


def test_an_erased_person_leaves_no_wish_and_nobody_elses_wish_for_their_address(ada, news):
    bea = consent_by_editor.add_by_editor(news, "bea@example.org", EDITOR, consent="Form")
    ask_to_change_address(bea.subscriber, "ada@example.org", EMAIL)
    ask_to_change_address(ada.subscriber, NEW, EMAIL)
    assert erasure.export_person(ada.subscriber)["new_address_to_confirm"] == NEW
    erasure.erase(ada.subscriber, EDITOR)
    assert not AddressChange.objects.exists()


def test_a_person_without_lists_is_refused(ada):
    ada.delete()
    with pytest.raises(Refused, match="not on any list"):
        ask_to_change_address(ada.subscriber, NEW, EDITOR)
    with pytest.raises(Invalid):
        ask_to_change_address(ada.subscriber, "ada@example.org", EDITOR)


FORMER = "ada@example.org"


def moves(subscriber, address=NEW):
    ask_to_change_address(subscriber, address, EMAIL)
    return confirm_new_address(AddressChange.objects.get(), EMAIL)


def unsubscribed(person):
    consent.unsubscribe_from_all(person, EMAIL)


def erased(person):
    erasure.erase(person, EMAIL)


def suppressed(person):
    suppression.suppress(person.address, Reason.MANUAL, EDITOR)


def still_active(_person):
    pass


@pytest.mark.parametrize("then", [unsubscribed, erased, suppressed, still_active])
def test_neither_an_import_nor_an_editor_adds_a_former_address(ada, news, then):
    then(moves(ada.subscriber))
    people = set(Subscriber.objects.values_list("address_key", flat=True))
    outcome = import_people(
        io.BytesIO(f"Email\n{FORMER}\n".encode()), news, name="old.csv", consent="Members of 2024"
    )
    assert (outcome.counts()["added"], outcome.counts()["suppressed"]) == (0, 1)
    with pytest.raises(Refused, match="changed to another address"):
        consent_by_editor.add_by_editor(news, FORMER, EDITOR, consent="Form")
    assert set(Subscriber.objects.values_list("address_key", flat=True)) == people


def test_the_owner_of_a_former_address_can_sign_up_with_it(ada, news, signs_up, state_of):
    moves(ada.subscriber)
    signs_up(FORMER)
    assert state_of(FORMER) == "pending"
    consent.confirm(Subscriber.objects.get(address_key=FORMER).subscriptions.get(), EMAIL)
    assert (state_of(FORMER), state_of(NEW)) == ("active", "active")
    assert suppression.reasons(FORMER) == set()


def test_a_person_can_change_back_and_is_not_suppressed(ada, state_of):
    person = moves(moves(ada.subscriber), FORMER)
    assert suppression.reasons(FORMER) == set()
    assert suppression.reasons(NEW) == {Reason.MOVED}
    assert state_of(FORMER) == "active"
    assert person.subscriptions.get().state == "active"


def test_the_filter_for_suppressed_people_does_not_find_a_person_by_a_former_address(ada):
    wanted = PeopleFilter(suppressed=True)
    person = moves(ada.subscriber)
    assert (wanted.match().count(), list(filtered(Subscriber.objects.all(), wanted))) == (0, [])
    suppressed(person)
    assert list(filtered(Subscriber.objects.all(), wanted)) == [person]


def test_erasing_a_person_suppresses_every_former_address_as_erased(ada):
    erased(moves(moves(ada.subscriber), "ada@example.com"))
    for address in (FORMER, NEW, "ada@example.com"):
        assert Reason.ERASED in suppression.reasons(address)
    assert not Suppression.objects.exclude(former_address_of=None).exists()


def test_a_confirmed_change_is_no_longer_waiting_and_is_deleted_with_its_link(ada):
    person = moves(ada.subscriber)
    assert address_changes.waiting_change(person) is None
    assert not address_changes.cancel_address_change(person, EMAIL)
    assert "new_address_to_confirm" not in erasure.export_person(person)
    with time_machine.travel(timezone.now() + timedelta(days=9)):
        prune_unconfirmed(timezone.now())
    assert not AddressChange.objects.exists()


def test_a_change_that_is_cancelled_while_its_page_is_open_says_so(ada):
    ask_to_change_address(ada.subscriber, NEW, EMAIL)
    change = AddressChange.objects.get()
    address_changes.cancel_address_change(ada.subscriber, EMAIL)
    with pytest.raises(ChangeEnded):
        confirm_new_address(change, EMAIL)


def test_sign_ups_with_the_mailbox_do_not_use_up_the_notice_of_a_change(ada, signs_up, settings):
    settings.SUBSCRIBERS_MAILS_PER_DAY = 1
    signs_up("ada+1@example.org")
    signs_up("ada+2@example.org")
    send_all()
    mail.outbox.clear()
    asked(ada, "thief@example.net")
    assert [each.to for each in mail.outbox] == [["thief@example.net"], ["ada@example.org"]]


def test_the_notice_goes_to_the_former_address_if_the_change_is_confirmed_first(ada):
    person = moves(ada.subscriber, "thief@example.net")
    ask_to_change_address(person, "thief@example.com", EMAIL)
    address_changes.cancel_address_change(person, EMAIL)
    send_all()
    assert [each.to for each in mail.outbox] == [["ada@example.org"]]


def test_a_restore_drops_every_change_and_its_emails(ada):
    ask_to_change_address(ada.subscriber, NEW, EMAIL)
    change = AddressChange.objects.get()
    address_changes.drop_address_changes()
    assert not QueuedMail.objects.exists()
    with pytest.raises(ChangeEnded):
        confirm_new_address(change, EMAIL)


def on_a_business_address(news, address="bea@works.example"):
    return consent_by_editor.add_by_editor(
        news, address, EDITOR, consent="Trade fair", on=BasisStatement(Basis.BUSINESS)
    )


def test_somebody_on_a_business_address_does_not_move_to_a_personal_one_without_consent(news):
    bea = on_a_business_address(news)
    with pytest.raises(Refused, match="provides personal email addresses, so this is not a business address"):
        address_changes.ask_to_change_address(bea.subscriber, "bea@gmail.com", EDITOR)
    with pytest.raises(Refused, match="provides personal email addresses"):
        correct_address(bea.subscriber, "bea@gmail.com", EDITOR)
    consent_by_editor.record_basis(bea, EDITOR, BasisStatement(), statement="She signed a form")
    address_changes.ask_to_change_address(bea.subscriber, "bea@gmail.com", EDITOR)
    change = address_changes.waiting_change(bea.subscriber)
    consent_by_editor.record_basis(bea, EDITOR, BasisStatement(Basis.BUSINESS), statement="At work again")
    with pytest.raises(Refused, match="provides personal email addresses"):
        address_changes.confirm_new_address(change, EDITOR)
    bea.subscriber.refresh_from_db()
    assert bea.subscriber.address == "bea@works.example"


def test_a_reader_on_a_business_address_is_told_to_sign_up_with_a_personal_one(news):
    answer = asked(on_a_business_address(news), "bea@gmail.com")
    assert answer.status_code == 422
    assert "To get our emails at a personal address, sign up with that address." in text(answer)
    assert not AddressChange.objects.exists()
