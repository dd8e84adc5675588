"""Imports with a lawful basis: rows that the law does not allow are refused, others get it with their proof."""

import io
from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from subscribers import suppression
from subscribers.consent import ConsentSource, confirm, record_basis, sign_up, unsubscribe
from subscribers.consent_wordings import keep_wording
from subscribers.errors import Invalid, Refused
from subscribers.export_csv import export_people, subscriptions_for_export
from subscribers.imports.run_import import ImportOptions, import_people
from subscribers.imports.undo_import import undo_import
from subscribers.lawful_basis import BasisStatement
from subscribers.models import Basis, ConsentEntry, List, SourceKind, Subscription
from subscribers.proof_of_basis import proof_as_facts, proof_as_text
from subscribers.segments.select_people import chosen

pytestmark = pytest.mark.django_db
EDITOR = ConsentSource(SourceKind.EDITOR, "Edda")


@pytest.fixture
def news():
    return List.objects.create(slug="news", name="News")


def bring(news, text, **wishes):
    dry_run = wishes.pop("dry_run", False)
    return import_people(
        io.BytesIO(text.encode()),
        news,
        consent="Fun run, with a box to refuse",
        name="run.csv",
        wishes=ImportOptions(**wishes),
        dry_run=dry_run,
    )


def bases():
    return dict(Subscription.objects.values_list("subscriber__address_key", "basis"))


COLUMNS = "email,joined,lawful basis,details collected from\n"


def test_each_row_has_its_own_basis(news):
    outcome = bring(
        news,
        COLUMNS + "ada@example.org,2026-03-01,charitable,the person\n"
        "ben@example.org,2020-03-01,customer soft opt-in,the person\n"
        "cem@example.org,2020-03-01,Legitimate interest,\n"
        "dora@example.org,2020-03-01,membership,\n"
        "eve@example.org,2020-03-01,Consent,\n",
    )
    assert (outcome.added, outcome.refused) == (5, 0)
    assert bases() == {
        "ada@example.org": "charitable",
        "ben@example.org": "customer",
        "cem@example.org": "business",
        "dora@example.org": "membership",
        "eve@example.org": "consent",
    }


REFUSED = {
    "2026-02-04,charitable,the person": "The details were collected on 4 February 2026, but a charitable soft opt-in "
    "only covers details collected since 5 February 2026. Ask the person for their consent.",
    "2026-03-01,charitable,Another Charity": "A soft opt-in only counts if the person gave you their details "
    "themselves. Details from another organisation need the person’s consent.",
    "2026-03-01,charitable,": "A soft opt-in only counts if the person gave you their details themselves. Details "
    "from another organisation need the person’s consent.",
    "2026-03-01,customer,list broker": "A soft opt-in only counts if the person gave you their details themselves. "
    "Details from another organisation need the person’s consent.",
    ",charitable,the person": "A charitable soft opt-in needs the day on which the person gave their details, because "
    "only details collected since 5 February 2026 count.",
    "2026-03-01,vibes,the person": "“vibes” is not a lawful basis. Use consent, charitable, customer, business, "
    "membership.",
    "2026-03-01,,the person": "“lawful basis” is empty for this person, so their lawful basis is missing.",
}


@pytest.mark.parametrize("row", list(REFUSED))
def test_a_row_that_the_law_does_not_allow_is_refused_with_the_reason(news, row):
    for dry_run in (True, False):
        outcome = bring(
            news,
            f"{COLUMNS}ada@example.org,{row}\nben@example.org,2026-03-01,consent,\n",
            dry_run=dry_run,
        )
        assert (outcome.added, outcome.refused) == (1, 1)
        assert [each.reason for each in outcome.first_refused] == [REFUSED[row]]
    assert bases() == {"ben@example.org": "consent"}


def test_the_first_day_of_the_law_counts(news):
    assert bring(news, COLUMNS + "ada@example.org,2026-02-05,charitable,the person\n").added == 1


def test_a_private_mailbox_is_not_a_business_address(news):
    outcome = bring(news, "email\nada@gmail.com\nben@works.example\n", basis="business")
    assert (outcome.added, outcome.refused) == (1, 1)
    assert outcome.first_refused[0].reason.startswith("Gmail.com is a provider of private mailboxes")


def test_a_basis_for_everyone_in_the_file_is_logged_with_wording_place_and_time(news):
    with pytest.raises(Invalid, match="is not a date"):
        bring(news, "email\nada@example.org\n", basis="charitable", collected_on="yesterday")
    with pytest.raises(Invalid, match="“pity” is not a lawful basis"):
        bring(news, "email\nada@example.org\n", basis="pity")
    bring(news, "email\nada@example.org\n", basis="charitable", collected_on="2026-03-01", own_details="yes")
    one = Subscription.objects.get()
    assert one.joined_at.date() == date(2026, 3, 1)
    [entry] = ConsentEntry.objects.all()
    assert (entry.act, entry.basis, entry.note, entry.wording.text) == (
        "imported",
        "charitable",
        "Details collected from the person on 1 March 2026.",
        "Fun run, with a box to refuse",
    )
    facts = proof_as_facts(one)
    assert facts["Lawful basis"] == "Charitable soft opt-in"
    assert facts["Place"] == "Import: run.csv"
    assert facts["Wording"] == "Fun run, with a box to refuse"
    assert facts["Note"] == entry.note
    assert "Lawful basis: Charitable soft opt-in\n" in proof_as_text(one)


def test_somebody_who_has_consented_keeps_that_whatever_a_file_says(news):
    bring(news, "email\nada@example.org\n")
    bring(news, COLUMNS + "ada@example.org,2026-03-01,charitable,the person\n")
    assert bases() == {"ada@example.org": "consent"}


def test_somebody_who_had_not_confirmed_gets_the_basis_of_the_file_and_consent_by_confirming(news):
    sign_up(news, "ada@example.org", ConsentSource(SourceKind.FORM), wording=keep_wording(news))
    outcome = bring(news, COLUMNS + "ada@example.org,2026-03-01,charitable,the person\n")
    assert bases() == {"ada@example.org": "charitable"}
    undo_import(outcome.record, by="Edda")
    one = Subscription.objects.get()
    assert one.state == Subscription.State.PENDING
    confirm(one, ConsentSource(SourceKind.EMAIL_LINK))
    assert bases() == {"ada@example.org": "consent"}
    assert proof_as_facts(Subscription.objects.get())["How"] == "Confirmed"


def test_repeated_rows_keep_the_basis_that_one_of_them_has(news):
    text = (
        COLUMNS + "ada@example.org,2026-03-01,charitable,the person\nada@example.org,2026-03-02,,the person\n"
    )
    assert bring(news, text).refused == 1
    bring(news, text + "ada@example.org,2026-03-02,membership,\n")
    assert bases() == {"ada@example.org": "charitable"}


def test_an_export_with_other_bases_is_read_back_unchanged(news):
    bring(
        news,
        COLUMNS + "ada@example.org,2026-03-01,charitable,the person\nben@example.org,2020-03-01,membership,\n"
        "eve@example.org,2020-03-01,consent,\n",
    )
    file, before = io.StringIO(newline=""), bases()
    export_people(file, subscriptions_for_export(news))
    other = List.objects.create(slug="other", name="Other")
    outcome = bring(other, file.getvalue())
    assert (outcome.added, outcome.refused) == (3, 0)
    assert dict(other.subscriptions.values_list("subscriber__address_key", "basis")) == before


def test_an_export_of_people_who_have_consented_has_no_columns_about_it(news):
    bring(news, "email\nada@example.org\n")
    file = io.StringIO(newline="")
    export_people(file, subscriptions_for_export(news))
    assert "basis" not in file.getvalue()


def test_a_segment_chooses_people_by_their_basis(news):
    bring(
        news,
        COLUMNS + "ada@example.org,2026-03-01,charitable,the person\nben@example.org,2020-01-01,consent,\n",
    )

    def addresses(segment):
        return set(chosen(segment, news).values_list("subscriber__address_key", flat=True))

    assert addresses("basis is charitable") == {"ada@example.org"}
    assert addresses('lawful basis is "charitable soft opt-in"') == {"ada@example.org"}
    assert addresses("basis is not charitable") == {"ben@example.org"}
    assert addresses("basis is known") == {"ada@example.org", "ben@example.org"}


def test_an_editor_records_another_basis_with_a_statement(news):
    bring(news, "email\nada@example.org\n")
    one = Subscription.objects.get()
    good = BasisStatement(Basis.CHARITABLE, date(2026, 3, 1), own_details=True)
    with pytest.raises(Invalid, match="Enter where the lawful basis comes from"):
        record_basis(one, EDITOR, good, statement=" ")
    with pytest.raises(Invalid, match="A soft opt-in only counts"):
        record_basis(one, EDITOR, BasisStatement(Basis.CUSTOMER), statement="Shop")
    tomorrow = timezone.localdate() + timedelta(days=1)
    with pytest.raises(Invalid, match="is in the future"):
        record_basis(one, EDITOR, BasisStatement(Basis.CONSENT, tomorrow), statement="Form")
    record_basis(one, EDITOR, good, statement="Fun run")
    facts = proof_as_facts(one.__class__.objects.get())
    assert (facts["How"], facts["Wording"], facts["Place"]) == (
        "Lawful basis recorded",
        "Fun run",
        "Editor: Edda",
    )
    unsubscribe(one, EDITOR)
    with pytest.raises(Refused, match="has unsubscribed"):
        record_basis(one, EDITOR, good, statement="Fun run")


@time_machine.travel("2026-11-29 12:00:00+00:00", tick=False)
def test_requests_from_the_fundraising_preference_service_are_suppressed_and_have_a_due_date(news):
    bring(news, "email\nada@example.org\n")
    outcome = bring(
        news, "email\nada@example.org\nnobody@example.org\n", everyone="fundraising", received_on="2026-11-20"
    )
    assert outcome.suppressed == 2
    assert outcome.notes[0] == (
        "Fundraising Preference Service: you received these requests on 20 November 2026, so you must act on them by "
        "11 December 2026 (21 days). The import suppresses the addresses at once."
    )
    reason = suppression.Reason.FUNDRAISING
    assert suppression.reasons("ada@example.org") == suppression.reasons("nobody@example.org") == {reason}
    assert Subscription.objects.get().state == Subscription.State.UNSUBSCRIBED
    late = bring(news, "email\nold@example.org\n", everyone="FPS", received_on="2026-11-01", dry_run=True)
    assert "by 22 November 2026 (21 days). That was 7 days ago." in late.notes[0]
    today = bring(news, "email\nold@example.org\n", everyone="FPS", dry_run=True)
    assert "by 20 December 2026" in today.notes[0]
