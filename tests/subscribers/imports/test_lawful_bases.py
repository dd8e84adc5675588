"""Imports with a lawful basis: rows that the law does not allow are refused, others get it with their proof."""

import io
from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as given_settings
from hypothesis import strategies as st

from subscribers import suppression
from subscribers.consent import ConsentSource, confirm, sign_up, unsubscribe
from subscribers.consent_by_editor import record_basis
from subscribers.consent_wordings import keep_wording
from subscribers.errors import Invalid, Refused
from subscribers.export_csv import export_people, subscriptions_for_export
from subscribers.imports.import_options import ImportOptions
from subscribers.imports.run_import import import_people
from subscribers.imports.undo_import import undo_import
from subscribers.lawful_basis import BasisStatement
from subscribers.models import Basis, ConsentEntry, List, SourceKind, Subscription
from subscribers.proof_of_basis import proof_as_facts, proof_as_text
from subscribers.segments.select_people import chosen
from tests.full import examples

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
    "themselves. To use details from another organisation, you need the person’s consent.",
    "2026-03-01,charitable,": "A soft opt-in only counts if the person gave you their details themselves. To use "
    "details from another organisation, you need the person’s consent.",
    "2026-03-01,customer,list broker": "A soft opt-in only counts if the person gave you their details themselves. "
    "To use details from another organisation, you need the person’s consent.",
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
    assert outcome.first_refused[0].reason.startswith("Gmail.com provides personal email addresses")


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


def test_consent_in_one_of_the_rows_of_a_person_counts(news):
    rows = ["ada@example.org,2026-03-01,consent,\n", "ada@example.org,2026-03-02,charitable,the person\n"]
    for each, text in enumerate((rows[0] + rows[1], rows[1] + rows[0])):
        other = List.objects.create(slug=f"other-{each}", name="Other")
        assert bring(other, COLUMNS + text).added == 1
        assert other.subscriptions.get().basis == "consent"


RULED_OUT = {
    "2025-03-01,charitable,the person": "the details were collected on 1 March 2025, but a charitable soft opt-in only "
    "covers details collected since 5 February 2026. Ask the person for their consent.",
    "2025-03-01,membership,": "the details were collected on 1 March 2025, but a charitable soft opt-in only covers "
    "details collected since 5 February 2026. Ask the person for their consent.",
    "2026-03-01,charitable,another organisation": "a soft opt-in only counts if the person gave you their details "
    "themselves. To use details from another organisation, you need the person’s consent.",
    "2026-03-01,membership,another organisation": "a soft opt-in only counts if the person gave you their details "
    "themselves. To use details from another organisation, you need the person’s consent.",
    "2026-03-01,goods,the person": "“goods” is not a lawful basis. Use consent, charitable, customer, business, "
    "membership.",
    "2026-03-01,,the person": "“lawful basis” is empty for this person, so their lawful basis is missing.",
    "4 Feb 2026,membership,": "“joined” says when the person gave their details, but “4 Feb 2026” is not a date that "
    "we can read. Enter a date such as 2026-01-31.",
}


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("row", list(RULED_OUT))
def test_another_row_of_the_same_person_rules_out_the_basis(news, row, is_first):
    rows = ["ada@example.org,2026-03-01,charitable,the person\n", f"Ada@example.org,{row}\n"]
    if is_first:
        rows.reverse()
    text = COLUMNS + "".join(rows) + "ben@example.org,2026-03-01,charitable,the person\n"
    for dry_run in (True, False):
        outcome = bring(news, text, dry_run=dry_run)
        refused = {each.row: each.reason for each in outcome.first_refused}
        at, other = (3, 2) if is_first else (2, 3)
        assert refused[at] == f"Row {other} has the same address, and {RULED_OUT[row]}"
        assert outcome.rows == outcome.added + outcome.refused == 3
    assert bases().get("ada@example.org") in {None, "membership"}
    assert bases()["ben@example.org"] == "charitable"


UNREADABLE = ["1 Feb 2019", "03/04/2025", "Summer 2019", "0001-01-01", "0000-00-00", "2099-01-01", "?"]


@pytest.mark.parametrize("choices", [[], ["joined=joined"]])
@pytest.mark.parametrize("basis", ["charitable", "customer"])
@pytest.mark.parametrize("cell", UNREADABLE)
def test_a_day_for_the_whole_file_does_not_replace_one_that_we_cannot_read(news, cell, basis, choices):
    text = f"email,joined\nada@example.org,{cell}\nben@example.org,\n"
    for dry_run in (True, False):
        outcome = bring(
            news,
            text,
            basis=basis,
            collected_on="2026-05-03",
            own_details="yes",
            choices=choices,
            dry_run=dry_run,
        )
        assert (outcome.added, outcome.refused) == (1, 1)
        assert outcome.first_refused[0].reason.startswith("“joined” says ")
    assert bases() == {"ben@example.org": basis}
    assert Subscription.objects.get().joined_at.date() == date(2026, 5, 3)


def test_a_day_that_we_cannot_read_is_unknown_for_other_bases(news):
    bring(news, "email,joined\nada@example.org,Summer 2019\n", basis="membership", collected_on="2026-05-03")
    assert Subscription.objects.get().joined_at.date() == timezone.localdate()
    assert ConsentEntry.objects.get().note == ""


HEADINGS = """
details collected on, Collected on, Date collected, Date Created, Created Date, Record created, Contact created,
Timestamp, Submission date, Submitted, Registered, date, Datum, Donation date, First donation, First gift, Date of gift,
Member since, Supporter since, Anmeldung, When, Ask 3, Last gift, Modified
""".replace("\n", " ").split(",")
OLD_CELLS = [
    "2019-03-01",
    "2019-03-01T10:20:30.123456Z",
    "01/03/2019",
    "1 March 2019",
    "1. März 2019",
    "Mar 1, 2019",
    "March 1st, 2019",
    "Fri, 1 Mar 2019 10:20:30 +0000",
    "3/1/2019 10:22:33 AM",
    "2019/03/01 10:22:33 am GMT+1",
    "01.03.19",
    "3/1/19",
    "20190301",
    "03/2019",
    "2019-03",
    "Mar 2019",
    "2026-02-04",
    "4 Feb 2026",
    "04/02/2026",
    "1-Mar-19",
    "01 Mar '19",
    "1er mars 2019",
    "01/03/'19",
    "Q1 2019",
    "2019-W10",
    "KW 10/2019",
    "2019-01-01;2026-05-01",
    "met on 2019-03-01 at the fair in the harbour, with her sister",
    "met on 1 March 2019 at the fair in the harbour, with her sister",
    "2019-060",
    "2019-W10-5",
    "20190301T100000Z",
    "20190301100000",
    "Fri Mar  1 10:00:00 2019",
    "/Date(1551434400000)/",
    "2019‑03‑01",
    "2019–03–01",
    "01·03·2019",
    "2019-03-01",
    "٢٠١٩-٠٣-٠١",
    "1.III.2019",
    "Mär 19",
    "1 de marzo de 2019",
    "2019年3月1日",
    "1 marca 2019",
    "1 марта 2019",
    "Febuary 2019",
    "since 2019",
    "joined 2019",
    "Mitglied seit 2019",
    "4/2/26",
    "4.2.26",
    "Feb 2026",
    "2026-02",
    "Q1 2026",
    "H1 2025",
    "2026-W05",
    "2026-W06",
]
OLD_NUMBERS = [
    "2019",
    "'19",
    "FY2019",
    "Summer 2019",
    "2019/20",
    "43525",
    "43525.5",
    "43525.4166667",
    "190301",
    "010319",
    "201903",
    "2019060",
    "1551434400",
    "1551434400.25",
    "1551434400000",
    "1551434400000000",
    "Mar-19",
]
BOTH_NAMED = [
    "Last renewal before joining",
    "renewed membership since",
    "date of birthday party",
    "DOB of collection",
    "Geburtstag / Eintritt",
    "Date of birth of the contact record",
    "First renewal",
]
OTHER_HEADINGS_OF_DATES = ["Signup epoch", "Imported", "createdAt", "Eintrittsdatum", "Fecha de alta", "Jahr"]
SAID = {"basis": "charitable", "collected_on": "2026-05-03", "own_details": "yes"}


@pytest.mark.parametrize(
    ("heading", "cell", "chosen"),
    [
        ("language", "2019-03-01", []),
        ("language", "1551434400", []),
        ("Sprache", "2019-03-01", []),
        ("time zone", "43525", []),
        ("name", "Ann (2019-03-01)", []),
        ("first name", "Ann – met March 2019", []),
        ("last name", "Lee 01/03/2019", []),
        ("name", "Ann 2019", []),
        ("first name", "1551434400", []),
        ("Handle", "Ann 2019-03-01", ["Handle=name"]),
        ("Break", "2019-03-01", ["Break=paused"]),
        ("Groups", "2019-03-01", ["Groups=topics"]),
    ],
)
def test_a_date_before_the_law_in_a_column_that_should_have_none_refuses_the_row(news, heading, cell, chosen):
    text = f'email,{heading}\nada@example.org,"{cell}"\nben@example.org,\n'
    outcome = bring(news, text, **SAID, choices=chosen)
    assert (outcome.added, outcome.refused) == (1, 1)
    assert cell[:40] in outcome.first_refused[0].reason
    other = List.objects.create(slug="other", name="Other")
    assert bring(other, text, **SAID, ignored=[heading]).refused == 0


@pytest.mark.parametrize(
    ("heading", "cell", "chosen"),
    [
        ("language", "en-GB", []),
        ("time zone", "Europe/London", []),
        ("name", "April May", []),
        ("first name", "Ann 2", []),
        ("last name", "Windsor III", []),
        ("name", "Agent 007", []),
        ("name", "Ann 2026", []),
        ("Break", "2099-03-01", ["Break=paused"]),
        ("Groups", "Boats 12", ["Groups=topics"]),
    ],
)
def test_columns_that_have_no_older_dates_refuse_nobody(news, heading, cell, chosen):
    text = f'email,{heading}\nada@example.org,"{cell}"\nben@example.org,\n'
    assert bring(news, text, **SAID, choices=chosen).refused == 0


def test_what_json_contains_is_asked_about_although_somebody_said_that_it_is_json(news):
    text = 'email,j\nada@example.org,"{""a"":[1551434400]}"\n'
    with pytest.raises(Refused, match="may show when people gave you their details"):
        bring(news, text, **SAID, choices=["j=json"])
    assert bring(news, text, **SAID, choices=["j=attribute:"]).added == 1


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        *((heading.strip(), "2019-03-01") for heading in (*HEADINGS, *BOTH_NAMED)),
        *(("Entry", cell) for cell in OLD_CELLS),
        *(("First gift", cell) for cell in OLD_NUMBERS),
        *((heading, "43525") for heading in OTHER_HEADINGS_OF_DATES),
    ],
)
def test_a_date_before_the_law_in_a_column_that_nobody_explained_refuses_the_row(news, heading, cell):
    text = f'email,{heading}\nada@example.org,"{cell}"\nben@example.org,\ncem@example.org,2026-04-01\n'
    for dry_run in (True, False):
        outcome = bring(news, text, **SAID, dry_run=dry_run)
        assert (outcome.added, outcome.refused) == (2, 1)
        reason = outcome.first_refused[0].reason
        assert cell[:40] in reason or "collected on 1 March 2019" in reason
    assert "ada@example.org" not in bases()
    other = List.objects.create(slug="other", name="Other")
    assert bring(other, text, **SAID, ignored=[heading]).refused == 0
    third = List.objects.create(slug="third", name="Third")
    assert bring(third, text, **SAID | {"basis": "membership"}).refused == 0


BROTHERS = {
    "consent date beside joined": ("joined,Consent date", "2026-04-01,2019-01-01", []),
    "a time of confirmation": ("anything", "2019-01-01", ["anything=confirmed"]),
    "a time of subscribing": ("anything", "2019-01-01", ["anything=subscribed"]),
    "a detail in JSON": ("details", '"{""joined"": ""2019-01-01""}"', ["details=json"]),
    "a detail deep in JSON": ("details", '"{""crm"": {""created"": ""1 March 2019""}}"', ["details=json"]),
    "a heading with a day": ("attended 2019-03-01", "yes", []),
    "a heading with a year": ("Fun run 2019", "Marshal", []),
    "a name with a day in JSON": ("details", '"{""attended 2019-03-01"": ""yes""}"', ["details=json"]),
    "JSON in a column that nobody explained": ("details", '"{""joined"": ""2019-01-01""}"', []),
    "a plain heading about who": ("details collected from,collected_from", "the person,Other Org", []),
    "two columns about who": (
        "details collected from,collected_from",
        "the person,another organisation",
        ["collected_from=collected_from"],
    ),
    "two columns about who, as headings": (
        "details collected from,Details_collected_from",
        "the person,another organisation",
        [],
    ),
}


@pytest.mark.parametrize("case", list(BROTHERS))
def test_whatever_shows_that_details_are_older_or_from_others_refuses_the_row(news, case):
    heading, cells, choices = BROTHERS[case]
    outcome = bring(news, f"email,{heading}\nada@example.org,{cells}\n", **SAID, choices=choices)
    assert (outcome.added, outcome.refused) == (0, 1)


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        ("Birthday", "1985-03-01"),
        ("Date of birth", "01/03/1985"),
        ("Geburtstag", "1.3.1985"),
        ("Renewal date", "2025-03-01"),
        ("Wedding anniversary", "2001-03-01"),
        ("Telephone", "0161 2019 55"),
        ("Postcode", "M1 2019"),
        ("Sort code", "20-00-00"),
        ("Amount", "2019.50"),
        ("Entry", "2026-02-05"),
        ("Entry", "5 March 2026"),
        ("Entry", "3 Marzo 2026"),
        ("Street", "12 Harbour Street"),
        ("Gift", "£2019"),
        ("Number", "20191399"),
        ("Entry", "1-Mar-26"),
        ("Entry", "Q3 2026"),
        ("First gift", "2026"),
        ("Entry", "H1 2026"),
        ("Entry", "3.5.2026"),
        ("First gift", "£2019"),
        ("Fun run 2019", ""),
        ("Fun run 2026", "Marshal"),
        ("Notes", "met on 2026-03-01"),
    ],
)
def test_other_dates_and_numbers_refuse_nobody(news, heading, cell):
    assert bring(news, f'email,{heading}\nada@example.org,"{cell}"\n', **SAID).refused == 0


def test_every_column_about_joining_counts_unless_somebody_says_otherwise(news):
    text = "email,joined,created at\nada@example.org,2026-03-01,2019-05-01\nben@example.org,,2026-03-02\n"
    said = {"basis": "charitable", "collected_on": "2026-05-03", "own_details": "yes"}
    outcome = bring(news, text, **said)
    assert (outcome.added, outcome.refused) == (1, 1)
    assert "collected on 1 May 2019" in outcome.first_refused[0].reason
    assert Subscription.objects.get().joined_at.date() == date(2026, 3, 2)
    assert bring(news, text, ignored=["created at"], **said).refused == 0


ROW_OF_ADA = st.tuples(
    st.sampled_from(["2026-03-01", "2026-04-01", "2025-03-01", "Summer 2019", ""]),
    st.sampled_from(["charitable", "charitable", "customer", "membership", "consent", "goods", ""]),
    st.sampled_from(["the person", "the person", "list broker", ""]),
)


@given(rows=st.lists(ROW_OF_ADA, min_size=1, max_size=4), order=st.randoms(use_true_random=False))
@given_settings(max_examples=examples(25), deadline=None)
def test_the_strictest_row_of_a_person_counts_in_any_order(rows, order):
    with transaction.atomic():
        found = []
        for slug in ("one", "two"):
            news = List.objects.create(slug=slug, name=slug)
            text = COLUMNS + "".join(f"ada@example.org,{','.join(row)}\n" for row in rows)
            # With many texts in the column, an import asks first whether these are the dates.
            outcome = bring(news, text, choices=["joined=joined"])
            assert outcome.rows == len(rows) == outcome.added + outcome.refused + outcome.duplicates
            found.append(set(news.subscriptions.values_list("basis", flat=True)))
            order.shuffle(rows)
        transaction.set_rollback(True)
    has_consented = any(row[1] == "consent" for row in rows)
    if has_consented:
        assert found == [{"consent"}, {"consent"}]
        return
    is_unsure = any(row[0] == "Summer 2019" or row[2] == "list broker" for row in rows)
    if is_unsure or any(row[1] in {"goods", ""} for row in rows):
        assert not {"charitable", "customer"} & (found[0] | found[1])
    if any(row[0] == "2025-03-01" for row in rows):
        assert "charitable" not in found[0] | found[1]


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
    with pytest.raises(Invalid, match="30 November 2026 is in the future"):
        bring(news, "email\nold@example.org\n", everyone="FPS", received_on="2026-11-30", dry_run=True)


RULED_OUT_ROW = "2019-03-01,charitable,the person"
KEPT = [
    # Basis now, row of the file, sentence.
    (
        "charitable",
        RULED_OUT_ROW,
        "1 person on the list has a lawful basis that does not fit what the file says about",
    ),
    (
        "charitable",
        "2026-03-01,membership,the person",
        "1 person is already on the list with a different lawful basis",
    ),
    (
        "consent",
        "2026-03-01,charitable,the person",
        "1 person is already on the list with a different lawful basis",
    ),
    ("charitable", "2026-03-01,charitable,the person", ""),
    ("consent", "2026-03-01,consent,", ""),
    ("consent", RULED_OUT_ROW, ""),
]


@pytest.mark.parametrize(("now", "row", "sentence"), KEPT)
def test_an_import_says_whose_basis_does_not_fit_the_file_and_changes_nothing(news, now, row, sentence):
    bring(
        news, COLUMNS + f"ada@example.org,2026-03-01,{now},the person\nben@example.org,2026-03-01,consent,\n"
    )
    for dry_run in (True, False):
        text = COLUMNS + f"new@example.org,2026-03-01,{now},the person\nada@example.org,{row}\n"
        outcome = bring(news, text, dry_run=dry_run)
        if not sentence:
            assert outcome.notes == []
            continue
        [note] = outcome.notes
        assert note.startswith(sentence)
        assert "first in row 3. We did not change it." in note
    assert bases()["ada@example.org"] == now


def test_a_list_of_people_who_have_consented_does_not_hide_that_somebody_is_on_another_basis(news):
    bring(news, COLUMNS + "ada@example.org,2026-03-01,charitable,the person\n")
    [note] = bring(news, "email\nada@example.org\n").notes
    assert note == (
        "1 person is already on the list with a different lawful basis from the one in the file, first in row 2. "
        "The import records that this person has consented, so the lawful basis becomes consent."
    )


def steps_of(news, text):
    """How much SQLite does for an import, in thousands of its steps, whatever else the machine does."""
    steps = []
    connection.ensure_connection()
    connection.connection.set_progress_handler(lambda: steps.append(None), 1_000)
    try:
        bring(news, text, dry_run=True)
    finally:
        connection.connection.set_progress_handler(None, 0)
    return len(steps)


@pytest.mark.sqlite
@pytest.mark.parametrize("days", [["2026-03-01"], ["2026-03-01", "2019-03-01"]])
def test_many_rows_of_few_people_take_no_longer_for_each_row_than_rows_of_many(news, days):
    rows = 3_000

    def steps_of_rows(people):
        texts = (
            f"r{number % people}@example.org,{days[number // people % len(days)]},charitable,the person\n"
            for number in range(rows)
        )
        return steps_of(news, COLUMNS + "".join(texts))

    assert steps_of_rows(3) < 5 * max(steps_of_rows(rows // 2), 100)
