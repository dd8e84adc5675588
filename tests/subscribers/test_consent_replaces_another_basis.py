"""Somebody who gets the emails on another lawful basis consents: by the form, by an editor or by a file."""

import io
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from subscribers import consent, consent_by_editor, suppression
from subscribers.errors import Refused
from subscribers.imports.import_options import ImportOptions
from subscribers.imports.run_import import import_people
from subscribers.imports.undo_import import undo_import
from subscribers.lawful_basis import BasisStatement, becomes_consent
from subscribers.lists import add_list
from subscribers.long_dates import locale_called, long_date
from subscribers.models import Basis, ConsentEntry, Subscription
from subscribers.proof_of_basis import proof_as_facts
from subscribers.prune_unconfirmed import prune_unconfirmed
from subscribers.signed_links import Purpose, make_url
from subscribers.verify_consent_log import differences
from tests.subscribers.conftest import EDITOR, EMAIL

OTHERS = [basis for basis in Basis if basis != Basis.CONSENT]
ADDRESS = "ada@example.org"


@pytest.fixture
def member(news):
    return member_of(news)


def member_of(news):
    """Add Ada, who reads the news as a member, and chose a topic."""
    one = consent_by_editor.add_by_editor(
        news, ADDRESS, EDITOR, consent="Member 17", topics=["events"], on=BasisStatement(Basis.MEMBERSHIP)
    )
    assert one.basis == Basis.MEMBERSHIP
    return one


def bring(news, text, **wishes):
    return import_people(
        io.BytesIO(text.encode()),
        news,
        consent="Sign-up sheet",
        name="sheet.csv",
        wishes=ImportOptions(**wishes),
    )


def now(one):
    one = Subscription.objects.get(pk=one.pk)
    assert list(differences()) == []
    return one


def proof(one):
    facts = proof_as_facts(now(one))
    return facts["How"], facts["Wording"], facts["Place"]


def test_only_consent_replaces_another_basis():
    replaced = {(present, said) for present in Basis for said in Basis if becomes_consent(present, said)}
    assert replaced == {(other, Basis.CONSENT) for other in OTHERS}


def test_an_editor_who_adds_somebody_on_another_basis_records_their_consent(news, member):
    consent_by_editor.add_by_editor(
        news, ADDRESS, EDITOR, consent="Told us at the stall", topics=["research"]
    )
    assert now(member).basis == Basis.CONSENT
    assert proof(member) == ("Lawful basis recorded", "Told us at the stall", "Editor: Edith")
    assert [topic.slug for topic in member.topics.all()] == ["events"]
    assert now(member).joined_at == member.joined_at


@pytest.mark.parametrize("basis", [Basis.MEMBERSHIP, Basis.BUSINESS])
def test_another_basis_replaces_neither_consent_nor_a_third_basis(news, member, ada_consented, basis):
    for one in (member, ada_consented):
        before = now(one).basis
        consent_by_editor.add_by_editor(
            one.list, one.subscriber.address, EDITOR, consent="Contract", on=BasisStatement(basis)
        )
        assert now(one).basis == before


@pytest.fixture
def ada_consented(emails):
    """Ada reads another list with her consent."""
    return consent_by_editor.add_by_editor(emails, ADDRESS, EDITOR, consent="Form")


def test_who_signs_up_gets_one_email_to_confirm_and_has_consented_by_confirming(
    client, member, signs_up, mailoutbox, history_of
):
    signs_up(ADDRESS, topics=["research"])
    assert now(member).basis == Basis.MEMBERSHIP
    assert now(member).state == "active"
    [mail] = mailoutbox
    assert mail.subject == "Please confirm: The News"
    link = make_url(Purpose.CONFIRM, now(member))
    assert link in mail.body
    for text in (mail.body, mail.alternatives[0][0]):
        assert "Nothing will change." in " ".join(text.split())
        assert "delete your address" not in " ".join(text.split())
    path = link[link.index("/", 8) :]
    page = client.get(path).content.decode()
    assert "Nothing will change." in page
    assert "You will not be subscribed" not in page
    assert client.post(path).status_code == 200
    assert client.post(path).status_code == 200
    assert now(member).basis == Basis.CONSENT
    assert now(member).joined_at == member.joined_at
    assert [topic.slug for topic in member.topics.all()] == ["events"]
    assert history_of(ADDRESS) == ["added", "signed up", "confirmed"]
    how, wording, _place = proof(member)
    assert how == "Confirmed"
    assert "The News" in wording
    signs_up(ADDRESS)
    assert mailoutbox[1].subject == "You are already subscribed: The News"


def test_on_a_single_opt_in_list_they_must_confirm_too(signs_up, mailoutbox):
    quick = add_list("quick", "Quick", double_opt_in=False)
    one = consent_by_editor.add_by_editor(
        quick, ADDRESS, EDITOR, consent="Contract", on=BasisStatement(Basis.MEMBERSHIP)
    )
    signs_up(ADDRESS, quick)
    assert now(one).basis == Basis.MEMBERSHIP
    assert [mail.subject for mail in mailoutbox] == ["Please confirm: Quick"]


def test_who_does_not_confirm_in_time_stays_as_they_are_and_can_be_asked_again(member, signs_up, mailoutbox):
    for _time in range(9):
        signs_up(ADDRESS)
    asked = len(mailoutbox)
    assert asked < 9
    with time_machine.travel(timezone.now() + timedelta(days=30)):
        assert prune_unconfirmed(timezone.now()) == 1
        assert prune_unconfirmed(timezone.now()) == 0
        assert (now(member).state, now(member).basis, now(member).asked_at) == (
            "active",
            Basis.MEMBERSHIP,
            None,
        )
        signs_up(ADDRESS)
    assert len(mailoutbox) == asked + 1


def test_an_old_link_does_not_bring_back_who_unsubscribed_since(member, signs_up):
    signs_up(ADDRESS)
    consent.unsubscribe(member, EMAIL)
    with pytest.raises(Refused, match="nothing to confirm"):
        consent.confirm(member, EMAIL)
    assert now(member).state == "unsubscribed"


def test_asked_by_an_editor_they_have_consented_by_confirming(news, member, history_of):
    for _time in range(2):
        consent_by_editor.add_by_editor(news, ADDRESS, EDITOR, consent="Told us at the stall", ask=True)
    assert now(member).basis == Basis.MEMBERSHIP
    consent.confirm(member, EMAIL)
    assert now(member).basis == Basis.CONSENT
    assert history_of(ADDRESS) == ["added", "invited", "confirmed"]


@pytest.mark.parametrize(
    "text", ["email\nada@example.org\n", "email,lawful basis\nada@example.org,consent\n"]
)
def test_a_file_with_consent_records_it_and_its_undo_restores_the_earlier_basis(news, member, text):
    outcome = bring(news, text)
    assert (outcome.changed, outcome.unchanged) == (1, 0)
    assert now(member).basis == Basis.CONSENT
    assert proof(member) == ("Lawful basis recorded", "Sign-up sheet", "Import: sheet.csv")
    assert bring(news, text).unchanged == 1
    assert undo_import(bring(news, text).record, by="Ed").counts == {}
    undone = undo_import(outcome.record, by="Ed")
    # They are also in later imports, which say the same.
    assert undone.counts == {"left_imported": 1}
    assert now(member).basis == Basis.CONSENT


def test_the_undo_of_an_import_restores_the_basis_and_the_topics(news, member):
    consent.change(member, EDITOR, topics=["events"])
    outcome = bring(news, "email,topics\nada@example.org,research\n")
    assert now(member).basis == Basis.CONSENT
    foreseen = undo_import(outcome.record, by="Ed", dry_run=True).counts
    assert (
        undo_import(outcome.record, by="Ed").counts == foreseen == {"restored_topics": 1, "restored_basis": 1}
    )
    assert now(member).basis == Basis.MEMBERSHIP
    assert proof(member)[1] == "Member 17"
    assert [topic.slug for topic in now(member).topics.all()] == ["events"]


def test_the_undo_of_an_import_keeps_a_basis_that_somebody_recorded_since(news, member):
    outcome = bring(news, "email\nada@example.org\n")
    consent_by_editor.record_basis(now(member), EDITOR, BasisStatement(), statement="Signed form")
    assert undo_import(outcome.record, by="Ed").counts == {"left_edited": 1}
    assert now(member).basis == Basis.CONSENT


@pytest.mark.parametrize("is_known", [True, False])
def test_the_undo_of_an_import_keeps_the_consent_that_an_editor_recorded_since(news, is_known):
    if is_known:
        member_of(news)
    record = bring(news, f"email\n{ADDRESS}\n").record
    for _repeated in range(3):
        added = consent_by_editor.add_by_editor(news, ADDRESS, EDITOR, consent="Told me by phone")
        assert proof(added)[1] == "Told me by phone"
    assert ConsentEntry.objects.filter(wording__text="Told me by phone").count() == 1
    undone = undo_import(record, by="Edda")
    assert undone.left == {"left_edited": 1}
    assert now(added).basis == Basis.CONSENT
    assert proof(added)[1] == "Told me by phone"


def test_an_editor_does_not_hide_what_somebody_said_themselves(news, ada_consented):
    before = proof(ada_consented)
    consent_by_editor.add_by_editor(
        ada_consented.list, ada_consented.subscriber.address, EDITOR, consent="Told me by phone"
    )
    assert proof(ada_consented) == before


def test_a_file_brings_nobody_back_and_consent_stays_whatever_it_says(news, member, ada_consented):
    assert bring(ada_consented.list, "email,lawful basis\nada@example.org,membership\n").unchanged == 1
    assert now(ada_consented).basis == Basis.CONSENT
    consent.unsubscribe(member, EMAIL)
    assert bring(news, "email\nada@example.org\n").unsubscribed == 1
    assert (now(member).state, now(member).basis) == ("unsubscribed", Basis.MEMBERSHIP)
    suppression.suppress(ADDRESS, suppression.Reason.MANUAL, EDITOR)
    assert bring(news, "email\nada@example.org\n").suppressed == 1
    assert now(member).basis == Basis.MEMBERSHIP


def test_a_file_of_people_who_unsubscribed_records_no_consent(news, member):
    bring(news, "email\nada@example.org\n", everyone="unsubscribed")
    assert (now(member).state, now(member).basis) == ("unsubscribed", Basis.MEMBERSHIP)


def test_who_confirms_during_a_pause_reads_until_when_it_lasts(client, member, signs_up):
    until = timezone.localdate() + timedelta(days=40)
    consent.pause(member, EDITOR, until=until)
    signs_up(ADDRESS)
    link = make_url(Purpose.CONFIRM, now(member))
    page = client.post(link[link.index("/", 8) :]).content.decode()
    assert f"Paused until {long_date(until, locale_called('en'))}." in page
    assert "You will get the next issue" not in page
    Subscription.objects.update(paused_until=timezone.localdate())
    assert "You will get the next issue" in client.get(link[link.index("/", 8) :]).content.decode()
