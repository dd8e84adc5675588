from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from subscribers import consent, consent_by_editor, consent_wordings, suppression
from subscribers.consent import ConsentSource, PersonalDetails, TooOften
from subscribers.errors import Invalid, Refused
from subscribers.lists import add_list, edit_list, find_subscriber
from subscribers.models import ConsentEntry, SourceKind, Subscriber, Subscription
from subscribers.prune_unconfirmed import prune_unconfirmed
from tests.subscribers.conftest import EDITOR, EMAIL


def of(address, mailing_list):
    return Subscription.objects.get(subscriber__address_key=address, list=mailing_list)


def test_who_signs_up_is_pending_until_they_confirm(news, signs_up, state_of, history_of, mailoutbox):
    signs_up("Ada@example.org", topics=["research"])
    assert state_of("ada@example.org") == "pending"
    assert [mail.to for mail in mailoutbox] == [["Ada@example.org"]]
    consent.confirm(of("ada@example.org", news), EMAIL)
    assert state_of("ada@example.org") == "active"
    assert history_of("ada@example.org") == ["signed up", "confirmed"]


def test_the_log_has_the_exact_wording_its_version_the_topics_and_the_network(news, signs_up):
    shown = consent_wordings.wording_shown(news)
    signs_up("ada@example.org", topics=["research"])
    assert edit_list(news, consent_wording="Yes, write to me.")
    consent.confirm(of("ada@example.org", news), EMAIL)
    signed_up, confirmed = find_subscriber("ada@example.org").consent_entries.order_by("pk")
    assert signed_up.wording == confirmed.wording == shown
    assert "The News" in shown.text
    assert signed_up.topics == confirmed.topics == ["research"]
    assert signed_up.source == "form"
    assert signed_up.network_address.startswith("2001:db8:")
    assert (confirmed.source, confirmed.network_address) == ("link", "192.0.2.7")
    assert consent_wordings.wording_shown(news).version == shown.version + 1
    news.consent_wording = ""
    assert consent_wordings.wording_shown(news) == shown


def test_on_a_single_opt_in_list_new_people_are_active_at_once(signs_up, state_of, mailoutbox):
    quick = add_list("quick", "Quick", double_opt_in=False)
    signs_up("ada@example.org", quick)
    assert state_of("ada@example.org", quick) == "active"
    assert mailoutbox == []


def test_even_there_who_left_must_confirm_to_come_back(signs_up, state_of, mailoutbox):
    quick = add_list("quick", "Quick", double_opt_in=False)
    signs_up("ada@example.org", quick)
    consent.unsubscribe(of("ada@example.org", quick), EMAIL)
    signs_up("ada@example.org", quick)
    assert state_of("ada@example.org", quick) == "unsubscribed"
    consent.confirm(of("ada@example.org", quick), EMAIL)
    assert state_of("ada@example.org", quick) == "active"


@pytest.mark.parametrize("was_added", [True, False])
def test_who_leaves_after_the_clock_was_set_back_is_not_brought_back_by_an_earlier_lifting(
    news, ada, was_added
):
    noon = timezone.now() + timedelta(hours=3)
    consent.unsubscribe(ada, EMAIL)
    with time_machine.travel(noon, tick=False) as clock:
        suppression.end_suppression("ada@example.org", EDITOR, why="She rang us")
        if was_added:
            consent_by_editor.add_by_editor(news, "ada@example.org", EDITOR, consent="She rang us")
        clock.move_to(noon - timedelta(hours=2), tick=False)
        consent.unsubscribe(ada, EMAIL)
        with pytest.raises(Refused, match="Ask them to sign up again"):
            consent_by_editor.add_by_editor(news, "ada@example.org", EDITOR, consent="She rang us")


def test_a_stranger_can_not_change_what_is_known_about_a_reader(news, ada, signs_up, mailoutbox):
    signs_up("ada@example.org", topics=["events"], person=PersonalDetails(first_name="Mallory"))
    ada.refresh_from_db()
    assert (ada.state, ada.subscriber.first_name, ada.topics.count()) == ("active", "Ada", 0)
    assert "already" in mailoutbox[0].subject


def test_who_left_stays_away_from_editors_until_that_is_lifted(news, ada, state_of, history_of):
    consent.unsubscribe(ada, EMAIL, reason="Too many mails")
    with pytest.raises(Refused, match="Ask them to sign up again"):
        consent_by_editor.add_by_editor(news, "ADA@example.org", EDITOR, consent="She is my friend")
    assert state_of("ada@example.org") == "unsubscribed"
    suppression.end_suppression("ada@example.org", EDITOR, why="She rang us")
    assert state_of("ada@example.org") == "unsubscribed"
    consent_by_editor.add_by_editor(news, "ada@example.org", EDITOR, consent="She rang us")
    assert state_of("ada@example.org") == "active"
    assert history_of("ada@example.org") == ["added", "left", "lifted", "added"]


def test_leaving_twice_is_leaving_once(ada, history_of):
    left_at = consent.unsubscribe(ada, EMAIL).left_at
    assert consent.unsubscribe(ada, EMAIL).left_at == left_at
    assert history_of("ada@example.org") == ["added", "left"]


def test_who_leaves_all_is_added_to_no_other_list(ada, emails, state_of):
    consent.unsubscribe_from_all(ada.subscriber, EMAIL)
    with pytest.raises(Refused, match="unsubscribed from all lists"):
        consent_by_editor.add_by_editor(emails, "ada@example.org", EDITOR, consent="A form")
    assert state_of("ada@example.org", emails) == ""


def test_who_left_all_comes_back_by_confirming(news, emails, ada, signs_up, state_of):
    consent.unsubscribe_from_all(ada.subscriber, EMAIL)
    signs_up("ada@example.org", emails)
    assert state_of("ada@example.org", emails) == "pending"
    consent.confirm(of("ada@example.org", emails), EMAIL)
    assert state_of("ada@example.org", emails) == "active"
    assert state_of("ada@example.org") == "unsubscribed"
    assert suppression.reasons("ada@example.org") == set()


def test_an_old_confirmation_link_does_not_undo_leaving(news, signs_up, state_of):
    signs_up("ada@example.org")
    subscription = of("ada@example.org", news)
    consent.confirm(subscription, EMAIL)
    consent.unsubscribe(subscription, EMAIL)
    with pytest.raises(Refused, match="Sign up again"):
        consent.confirm(subscription, EMAIL)
    assert state_of("ada@example.org") == "unsubscribed"


def test_leaving_is_undone_by_the_person(ada, state_of, history_of):
    consent.unsubscribe(ada, EMAIL)
    consent.resubscribe(ada, EMAIL)
    assert state_of("ada@example.org") == "active"
    assert history_of("ada@example.org") == ["added", "left", "came back"]


@pytest.mark.parametrize("reason", ["hard bounce", "complaint", "manual"])
def test_a_bounce_a_complaint_and_an_editors_word_are_not_undone_by_anybodys_click(
    news, ada, signs_up, state_of, mailoutbox, reason
):
    suppression.suppress("ada@example.org", reason, EDITOR)
    assert state_of("ada@example.org") == "unsubscribed"
    with pytest.raises(Refused):
        consent.resubscribe(ada, EMAIL)
    signs_up("ada@example.org")
    assert mailoutbox == []
    with pytest.raises(Refused):
        consent.confirm(ada, EMAIL)
    assert state_of("ada@example.org") == "unsubscribed"


def test_an_editor_says_where_consent_comes_from(news, state_of):
    with pytest.raises(Invalid, match="where the person’s consent comes from"):
        consent_by_editor.add_by_editor(news, "bob@example.org", EDITOR, consent="  ")
    assert state_of("bob@example.org") == ""
    assert not Subscriber.objects.exists()


def test_adding_a_reader_again_changes_nothing(news, ada, history_of):
    consent_by_editor.add_by_editor(
        news, "Ada@example.org", EDITOR, consent="Another form", topics=["events"]
    )
    assert history_of("ada@example.org") == ["added"]
    assert ada.topics.count() == 0


def test_an_editor_may_have_the_person_confirm(
    news, state_of, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        added = consent_by_editor.add_by_editor(news, "bob@example.org", EDITOR, consent="A card", ask=True)
    assert state_of("bob@example.org") == "pending"
    assert len(mailoutbox) == 1
    consent.confirm(added, EMAIL)
    assert state_of("bob@example.org") == "active"


def test_topics_are_those_of_the_list(news, ada, history_of):
    consent.change(ada, EMAIL, topics=["events"])
    with pytest.raises(Invalid, match="The topics are: research, events"):
        consent.change(ada, EMAIL, topics=["cricket"])
    assert [topic.slug for topic in ada.topics.all()] == ["events"]
    consent.change(ada, EMAIL, topics=["events"])
    assert history_of("ada@example.org") == ["added", "changed"]


def test_a_pause_ends_on_a_day_to_come(ada, history_of):
    tomorrow = timezone.localdate() + timedelta(days=1)
    assert consent.pause(ada, EMAIL, until=tomorrow).paused_until == tomorrow
    with pytest.raises(Invalid, match="must end after today, not on"):
        consent.pause(ada, EMAIL, until=timezone.localdate())
    assert consent.pause(ada, EMAIL, until=None).paused_until is None
    assert history_of("ada@example.org") == ["added", "paused", "resumed"]


def test_names_are_kept_on_one_line_and_the_log_does_not_repeat_them(ada):
    consent.change_details(
        ada.subscriber, EMAIL, PersonalDetails(first_name=" Ada  می\u200cخواهم\u202e ", last_name="L" * 150)
    )
    ada.subscriber.refresh_from_db()
    assert ada.subscriber.first_name == "Ada می\u200cخواهم"
    assert len(ada.subscriber.last_name) == 150
    assert ada.subscriber.consent_entries.last().note == "Changed first name, last name."


@pytest.mark.parametrize(
    ("person", "sentence"),
    [
        (PersonalDetails(first_name="Ada\r\nBcc: x"), "First name: Enter this on one line"),
        (
            PersonalDetails(last_name="Lo\x00ve"),
            r"Last name: Remove the control character U\+0000 at position 3",
        ),
        (PersonalDetails(last_name="L" * 151), "Last name: Enter at most 150 characters. You entered 151"),
    ],
)
def test_a_name_that_cannot_be_kept_is_refused_by_the_name_of_its_field(ada, person, sentence):
    before = ada.subscriber.first_name, ada.subscriber.last_name
    with pytest.raises(Invalid, match=sentence):
        consent.change_details(ada.subscriber, EMAIL, person)
    ada.subscriber.refresh_from_db()
    assert (ada.subscriber.first_name, ada.subscriber.last_name) == before


def test_who_never_confirms_is_dropped_and_not_remembered(news, signs_up, state_of):
    signs_up("ada@example.org")
    assert prune_unconfirmed(timezone.now() + timedelta(days=6)) == 0
    assert prune_unconfirmed(timezone.now() + timedelta(days=8)) == 1
    assert state_of("ada@example.org") == ""
    assert not Subscriber.objects.exists()
    entries = ConsentEntry.objects.order_by("pk")
    assert [(entry.act, entry.subscriber, entry.network_address) for entry in entries] == [
        ("signed up", None, ""), ("dropped", None, ""),
    ]  # fmt: skip


def test_who_left_is_still_known_to_have_left_when_a_later_sign_up_was_never_confirmed(news, ada, signs_up):
    consent.unsubscribe(ada, EMAIL)
    signs_up("ada@example.org")
    assert prune_unconfirmed(timezone.now() + timedelta(days=8)) == 1
    assert prune_unconfirmed(timezone.now() + timedelta(days=8)) == 0
    with pytest.raises(Refused, match="Ask them to sign up again"):
        consent_by_editor.add_by_editor(news, "ada@example.org", EDITOR, consent="A form")


def test_an_old_sign_up_of_somebody_added_since_is_not_dropped(news, signs_up, state_of):
    signs_up("ada@example.org")
    consent_by_editor.add_by_editor(news, "ada@example.org", EDITOR, consent="A form")
    assert prune_unconfirmed(timezone.now() + timedelta(days=8)) == 0
    assert state_of("ada@example.org") == "active"


def test_one_network_signs_up_only_so_many_an_hour(news, settings, db):
    settings.SUBSCRIBERS_SIGN_UPS_PER_HOUR = 2
    wording = consent_wordings.wording_shown(news)

    def sign_up(number, network):
        source = ConsentSource(SourceKind.FORM, "", network)
        consent.sign_up(news, f"person{number}@example.org", source, wording=wording)

    with time_machine.travel(timezone.now(), tick=False) as clock:
        sign_up(1, "2001:db8::1")
        sign_up(2, "2001:db8::2")
        with pytest.raises(TooOften, match="in an hour"):
            sign_up(3, "2001:db8::3")
        sign_up(4, "2001:db8:1::1")
        clock.shift(3600)
        sign_up(5, "2001:db8::3")
    assert Subscriber.objects.count() == 4


def test_an_editor_can_not_have_who_left_asked_again_and_is_told_that_they_were(
    news, ada, signs_up, mailoutbox
):
    """Ada left, and somebody typed her address into the form: she alone may answer, and gets no second mail."""
    consent.unsubscribe(ada, EMAIL)
    signs_up("ada@example.org")
    with pytest.raises(Refused, match="already sent them an email to confirm"):
        consent_by_editor.add_by_editor(news, "ada@example.org", EDITOR, consent="A form", ask=True)
    assert len(mailoutbox) == 1
    assert Subscription.objects.get().state == "unsubscribed"


def test_asking_twice_who_never_confirmed_sends_one_mail(
    news, django_capture_on_commit_callbacks, mailoutbox
):
    for _time in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            asked = consent_by_editor.add_by_editor(
                news, "bob@example.org", EDITOR, consent="A form", ask=True
            )
    assert asked.state == "pending"
    assert len(mailoutbox) == 1


def test_who_asks_to_come_back_after_a_lifting_and_leaves_instead_is_not_brought_back(news, ada, signs_up):
    consent.unsubscribe(ada, EMAIL)
    suppression.end_suppression("ada@example.org", EDITOR, why="She rang us")
    signs_up("ada@example.org")
    consent.unsubscribe(ada, EMAIL)
    with pytest.raises(Refused, match="Ask them to sign up again"):
        consent_by_editor.add_by_editor(news, "ada@example.org", EDITOR, consent="She rang us")


def test_who_leaves_again_after_that_was_lifted_is_not_brought_back(news, ada, history_of):
    """An editor may have been allowed to add her, and then she says no once more."""
    consent.unsubscribe(ada, EMAIL)
    suppression.end_suppression("ada@example.org", EDITOR, why="She rang us")
    consent.unsubscribe(ada, EMAIL)
    consent.unsubscribe(ada, EMAIL)
    with pytest.raises(Refused, match="Ask them to sign up again"):
        consent_by_editor.add_by_editor(news, "ada@example.org", EDITOR, consent="She rang us")
    assert history_of("ada@example.org") == ["added", "left", "lifted", "changed"]
