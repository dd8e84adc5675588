"""An editor corrects a typing mistake in an address, as long as nobody but editors had to do with the person."""

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from subscribers import confirmation_mails, consent, consent_by_editor, signed_links, suppression
from subscribers.address_changes import AddressTaken, ask_to_change_address
from subscribers.correct_address import correct_address, why_not_correct
from subscribers.errors import Invalid, Refused
from subscribers.models import AddressChange, SourceKind, Subscriber, Suppression
from subscribers.signals import History, asking_for_history
from subscribers.signed_links import Purpose
from tests.subscribers.conftest import EDITOR, EMAIL

WRONG, RIGHT = "ada@exmaple.org", "ada@example.org"


@pytest.fixture
def mistyped(news):
    return consent_by_editor.add_by_editor(news, WRONG, EDITOR, consent="Open day").subscriber


def test_the_address_is_corrected_nothing_is_sent_and_only_the_wrong_one_is_suppressed(mistyped, history_of):
    correct_address(mistyped, " ADA@example.org ", EDITOR)
    person = Subscriber.objects.get()
    assert (person.address, person.address_key) == ("ADA@example.org", RIGHT)
    assert person.subscriptions.get().state == "active"
    assert history_of(RIGHT) == ["added", "changed"]
    assert suppression.reasons(WRONG) == {Suppression.Reason.MOVED}
    assert suppression.reasons(RIGHT) == set()
    assert mail.outbox == []
    # The capitals of an address can be corrected, too.
    correct_address(person, RIGHT, EDITOR)
    assert suppression.reasons(RIGHT) == set()
    with pytest.raises(Invalid):
        correct_address(person, RIGHT, EDITOR)


def test_who_was_asked_to_confirm_is_asked_at_the_right_address_and_the_first_link_is_dead(news):
    person = consent_by_editor.add_by_editor(news, WRONG, EDITOR, consent="Open day", ask=True).subscriber
    old = signed_links.make_token(Purpose.CONFIRM, person.subscriptions.get())
    preferences = signed_links.make_token(Purpose.PREFERENCES, person)
    correct_address(person, RIGHT, EDITOR)
    while confirmation_mails.send_next_mail(timezone.now()):
        pass
    assert mail.outbox[-1].to == [RIGHT]
    assert Client().post(f"/confirm/{old}").status_code == 410
    assert Client().get(f"/preferences/{preferences}").status_code == 410
    new = signed_links.make_token(Purpose.CONFIRM, person.subscriptions.get())
    assert Client().post(f"/confirm/{new}").status_code == 200
    assert person.subscriptions.get().state == "active"


def test_a_correction_that_was_wrong_itself_is_corrected_back(mistyped):
    correct_address(mistyped, RIGHT, EDITOR)
    correct_address(mistyped, WRONG, EDITOR)
    assert mistyped.subscriptions.get().state == "active"
    assert (suppression.reasons(WRONG), suppression.reasons(RIGHT)) == (set(), {Suppression.Reason.MOVED})


def test_an_address_that_anybody_else_has_to_do_with_is_not_corrected(news, mistyped, ada):
    assert why_not_correct(mistyped) == ""
    with pytest.raises(AddressTaken):
        correct_address(mistyped, ada.subscriber.address, EDITOR)
    with pytest.raises(Invalid):
        correct_address(mistyped, "no address", EDITOR)
    suppression.suppress("gone@example.org", Suppression.Reason.COMPLAINT, EDITOR)
    with pytest.raises(Refused, match="suppressed"):
        correct_address(mistyped, "gone@example.org", EDITOR)
    consent.pause(mistyped.subscriptions.get(), EMAIL, until=None)
    consent.change(mistyped.subscriptions.get(), EMAIL, topics=["events"])
    with pytest.raises(Refused, match="You can only correct an address that an editor added"):
        correct_address(mistyped, RIGHT.replace("ada", "eda"), EDITOR)
    assert Subscriber.objects.get(pk=mistyped.pk).address == WRONG


def test_an_address_that_was_emailed_is_not_corrected(mistyped):
    def mailed(subscribers, **_signal):
        return dict.fromkeys(subscribers, History.KNOWN)

    asking_for_history.connect(mailed)
    try:
        with pytest.raises(Refused, match="already sent an email to this address"):
            correct_address(mistyped, RIGHT, EDITOR)
    finally:
        asking_for_history.disconnect(mailed)


def test_a_change_that_waits_ends_with_the_correction(mistyped):
    ask_to_change_address(mistyped, "ada@example.net", EDITOR)
    correct_address(mistyped, RIGHT, EDITOR)
    assert not AddressChange.objects.exists()


def test_people_who_came_by_a_form_are_not_corrected(news, signs_up):
    signs_up(WRONG)
    assert why_not_correct(Subscriber.objects.get())
    assert SourceKind.FORM in set(Subscriber.objects.get().consent_entries.values_list("source", flat=True))
