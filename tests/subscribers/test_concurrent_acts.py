"""Acts about one person at the same moment: one waits for the other, and what was said against mailing wins."""

from datetime import timedelta
from threading import Event, Thread

import pytest
from django.db import connection, transaction
from django.utils import timezone

from subscribers import (
    address_changes,
    app_settings,
    consent,
    consent_by_editor,
    consent_wordings,
    locks,
    signals,
    suppression,
    transactions,
)
from subscribers.consent import ConsentSource
from subscribers.errors import NotFound
from subscribers.lists import add_list
from subscribers.models import AddressChange, SourceKind, Subscriber, Subscription, Suppression
from subscribers.prune_unconfirmed import prune_unconfirmed
from tests.waiting import arrives, until

EDITOR = ConsentSource(SourceKind.EDITOR, "Edith")
PROVIDER = ConsentSource(SourceKind.PROVIDER, "A provider")
EMAIL = ConsentSource(SourceKind.EMAIL_LINK)
WAITING_FOR_A_LOCK = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
Reason, State = Suppression.Reason, Subscription.State

# SQLite has one writer: there two cannot meet.
on_postgresql = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


class Acting(Thread):
    """Does something in a thread and a connection of its own; keeps what it answered or raised."""

    def __init__(self, work):
        super().__init__()
        self.work, self.answer, self.error = work, None, None

    def run(self):
        try:
            self.answer = self.work()
        except Exception as error:  # noqa: BLE001 - the test says which it expects
            self.error = error
        finally:
            connection.close()


def meanwhile(first, second):
    """Do the second while the first is done and not committed; commit that once the second waits, or is through."""
    done, commit = Event(), Event()

    def first_uncommitted():
        with transaction.atomic():
            first()
            done.set()
            arrives(commit, "the other act")

    one, other = Acting(first_uncommitted), Acting(second)
    one.start()
    arrives(done, "the first act")
    other.start()
    until(lambda: not other.is_alive() or somebody_waits(), "an act that waits or ends")
    commit.set()
    one.join()
    other.join()
    assert one.error is None
    return other


def somebody_waits():
    with connection.cursor() as cursor:
        cursor.execute(WAITING_FOR_A_LOCK)
        return cursor.fetchone()[0]


@pytest.fixture
def single():
    return add_list("single", "Single", double_opt_in=False)


@pytest.fixture
def reader(single):
    return consent_by_editor.add_by_editor(single, "ada@example.org", EDITOR, consent="Form")


def active_and_suppressed():
    active = Subscription.objects.filter(state=State.ACTIVE).values_list("subscriber__address_key", flat=True)
    return suppression.suppressed_among(active)


class TestOnPostgreSQL:
    pytestmark = on_postgresql

    def test_a_new_address_that_is_confirmed_twice_at_once_is_changed_once(self, reader):
        address_changes.ask_to_change_address(reader.subscriber, "ada@example.net", EMAIL)
        change = AddressChange.objects.get()
        again = AddressChange.objects.select_related("subscriber").get()
        other = meanwhile(
            lambda: address_changes.confirm_new_address(change, EMAIL),
            lambda: address_changes.confirm_new_address(again, EMAIL),
        )
        assert other.error is None
        assert other.answer.address == "ada@example.net"
        assert Suppression.objects.count() == 1

    def test_who_complains_while_signing_up_is_not_active(self, single):
        other = meanwhile(
            lambda: suppression.suppress("ada@example.org", Reason.COMPLAINT, PROVIDER),
            lambda: consent.sign_up(
                single, "ada@example.org", EMAIL, wording=consent_wordings.keep_wording(single)
            ),
        )
        assert other.error is None
        assert not active_and_suppressed()

    def test_who_signs_up_while_complaining_is_not_active(self, single):
        wording = consent_wordings.keep_wording(single)
        other = meanwhile(
            lambda: consent.sign_up(single, "ada@example.org", EMAIL, wording=wording),
            lambda: suppression.suppress("ada@example.org", Reason.COMPLAINT, PROVIDER),
        )
        assert other.error is None
        assert not active_and_suppressed()
        assert Subscription.objects.get().state == State.UNSUBSCRIBED

    def test_who_complains_while_coming_back_is_not_active(self, reader):
        consent.unsubscribe(reader, EMAIL)
        other = meanwhile(
            lambda: consent.resubscribe(reader, EMAIL),
            lambda: suppression.suppress("ada@example.org", Reason.COMPLAINT, PROVIDER),
        )
        assert other.error is None
        assert not active_and_suppressed()

    def test_whom_an_editor_adds_while_they_are_suppressed_is_not_active(self, single):
        other = meanwhile(
            lambda: suppression.suppress("ada@example.org", Reason.MANUAL, EDITOR),
            lambda: consent_by_editor.add_by_editor(single, "ada@example.org", EDITOR, consent="Form"),
        )
        assert "suppressed" in str(other.error)
        assert not active_and_suppressed()

    def test_who_is_suppressed_while_being_erased_is_suppressed_for_both_reasons(self, reader):
        other = meanwhile(
            lambda: consent.erase_person(reader.subscriber, EMAIL),
            lambda: suppression.suppress("ada@example.org", Reason.COMPLAINT, PROVIDER),
        )
        assert other.error is None
        assert suppression.reasons("ada@example.org") == {Reason.ERASED, Reason.COMPLAINT}

    def test_who_leaves_while_being_erased_is_told_that_they_are_gone(self, reader):
        other = meanwhile(
            lambda: consent.erase_person(reader.subscriber, EMAIL), lambda: consent.unsubscribe(reader, EMAIL)
        )
        assert isinstance(other.error, NotFound)

    def test_an_act_that_the_database_ended_for_anothers_sake_is_repeated(self, reader):
        """Two that each hold what the other wants: PostgreSQL ends one of them, and both are done in the end."""
        other = consent_by_editor.add_by_editor(reader.list, "ben@example.org", EDITOR, consent="Form")
        first_holds, second_holds = Event(), Event()

        def renames(mine, then, holds, waits_for):
            def work():
                Subscriber.objects.filter(pk=mine).update(last_name="Done")
                holds.set()
                arrives(waits_for, "the other transaction")
                Subscriber.objects.filter(pk=then).update(first_name="Done")

            return lambda: transactions.repeated(work)

        one = Acting(renames(reader.subscriber_id, other.subscriber_id, first_holds, second_holds))
        two = Acting(renames(other.subscriber_id, reader.subscriber_id, second_holds, first_holds))
        one.start()
        two.start()
        one.join()
        two.join()
        assert (one.error, two.error) == (None, None)
        assert set(Subscriber.objects.values_list("first_name", "last_name")) == {("Done", "Done")}

    def test_an_act_waits_for_a_piece_of_an_import_and_not_the_other_way_round(self, reader):
        other = meanwhile(locks.take_alone, lambda: consent.unsubscribe(reader, EMAIL))
        assert other.error is None
        reader.refresh_from_db()
        assert reader.state == State.UNSUBSCRIBED


def test_a_page_whose_person_was_erased_meanwhile_says_so(db, reader, client, monkeypatch):
    from subscribers import signed_links
    from subscribers.signed_links import Purpose
    from subscribers.views import email_links

    def erased_in_between(*arguments):
        found = subscription_in(*arguments)
        consent.erase_person(found.subscriber, EMAIL)
        return found

    subscription_in = email_links.subscription_in
    monkeypatch.setattr(email_links, "subscription_in", erased_in_between)
    answer = client.post(
        signed_links.make_url(Purpose.LEAVE, reader).removeprefix(app_settings.base_url()), {"act": "leave"}
    )
    assert answer.status_code == 410


def test_one_click_of_who_was_erased_meanwhile_is_answered_well(db, reader, client, monkeypatch):
    from subscribers import signed_links
    from subscribers.signed_links import Purpose
    from subscribers.views import email_links

    def erased_in_between(*arguments):
        found = subscription_in(*arguments)
        consent.erase_person(found.subscriber, EMAIL)
        return found

    subscription_in = email_links.subscription_in
    monkeypatch.setattr(email_links, "subscription_in", erased_in_between)
    url = signed_links.make_url(Purpose.ONE_CLICK, reader).removeprefix(app_settings.base_url())
    answer = client.post(url, {"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer.content) == (200, b"This person is not subscribed.\n")


def test_erasing_twice_is_erasing_once(db, reader):
    person = reader.subscriber
    consent.erase_person(Subscriber.objects.get(pk=person.pk), EMAIL)
    consent.erase_person(person, EMAIL)
    assert suppression.reasons("ada@example.org") == {Reason.ERASED}


def test_who_asks_again_while_the_stale_are_dropped_is_not_dropped(db, django_capture_on_commit_callbacks):
    news = add_list("news", "News")
    consent.sign_up(news, "ada@example.org", EMAIL, wording=consent_wordings.keep_wording(news))
    consent.sign_up(news, "ben@example.org", EMAIL, wording=consent_wordings.keep_wording(news))
    long_ago = timezone.now() - timedelta(hours=app_settings.confirm_hours() + 1)
    Subscription.objects.update(asked_at=long_ago)

    def signs_up_again(subscribers, **_signal):
        (subscriber,) = subscribers
        other = {"ada@example.org": "ben@example.org", "ben@example.org": "ada@example.org"}
        consent.sign_up(
            news, other[subscriber.address_key], EMAIL, wording=consent_wordings.keep_wording(news)
        )

    signals.forgetting.connect(signs_up_again)
    try:
        dropped = prune_unconfirmed(timezone.now())
    finally:
        signals.forgetting.disconnect(signs_up_again)
    assert dropped == 1
    assert Subscription.objects.get().asked_at > long_ago


def test_others_forget_who_is_dropped_as_they_forget_who_is_erased(db):
    news = add_list("news", "News")
    consent.sign_up(news, "ada@example.org", EMAIL, wording=consent_wordings.keep_wording(news))
    forgotten = []

    def forget(subscribers, **_signal):
        forgotten.extend(one.address_key for one in subscribers)

    signals.forgetting.connect(forget)
    try:
        prune_unconfirmed(timezone.now() + timedelta(hours=app_settings.confirm_hours() + 1))
    finally:
        signals.forgetting.disconnect(forget)
    assert forgotten == ["ada@example.org"]
