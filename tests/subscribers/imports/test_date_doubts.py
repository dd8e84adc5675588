"""For the charitable soft opt-in, no number passes in silence that could show that a person’s details are older."""

import io
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import settings as given_settings
from hypothesis import strategies as st

from subscribers.errors import Refused
from subscribers.export_csv import export_people, subscriptions_for_export
from subscribers.imports.cells_without_dates import could_be_older
from subscribers.imports.headings_without_dates import is_without_dates
from subscribers.imports.import_options import ImportOptions
from subscribers.imports.older_dates import is_older
from subscribers.imports.run_import import import_people
from subscribers.lawful_basis import CHARITABLE_SINCE
from subscribers.models import List, Subscriber, Subscription
from tests.full import examples

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_full]
EXPORTS = Path(__file__).parent / "ordinary_exports"
SAID = {"basis": "charitable", "collected_on": "2026-05-03", "own_details": "yes"}


@pytest.fixture
def news():
    return List.objects.create(slug="news", name="News")


def bring(news, text, *, dry_run=False, **wishes):
    return import_people(
        io.BytesIO(text.encode()),
        news,
        consent="Fun run, with a box to refuse",
        wishes=ImportOptions(**wishes),
        dry_run=dry_run,
    )


def asked(news, text, **wishes):
    return [each.column.heading for each in bring(news, text, dry_run=True, **SAID | wishes).questions]


ASKED = [
    ("Entry", "2019"),
    ("Entry", "43525"),
    ("Entry", "43525.5"),
    ("Entry", "43,525"),
    ("Entry", "1,551,434,400"),
    ("Entry", "1551434400"),
    ("Entry", "Year of the dog '18"),
    ("Entry", "AW19"),
    ("Entry", "FY 19"),
    ("Entry", "class of 19"),
    ("Entry", "01·03·19 or so"),
    ("Entry", "1/3"),
    ("Entry", "03/19"),
    ("Entry", "010 20190301"),
    ("Entry", "52.2019"),
    ("Entry", "1, 3, 19"),
    ("Entry", "03.19"),
    ("Entry", "MCMXC 2019"),
    ("Entry", "二〇一九"),
    ("Entry", "{not JSON 2019"),
    ("Entry", "'43525"),
    ("Entry", "2026-05-01 and 1/3/19"),
    ("Entry", "Version 1.2.3"),
    ("Event", "Fun run 2019"),
    ("Tags", "runner; gala 2019"),
    ("Notes", "12 May, with 20 others"),
    ("Notes", "born 2001-03-01 in Leith"),
    ("Notes", "renewed in 2019"),
    ("First gift", "250"),
    ("First gift", "19"),
    ("Birthday party", "2019"),
    ("FY19 gifts", "x"),
    ("attribute:entry", "43525"),
    ("Attributes", '{""crm"": {""seen"": ""43525""}}'),
]
NOT_ASKED = [
    ("Telephone", "1612019555"),
    ("Contact", "0161 201 9555"),
    ("Contact", "+44 7700 900123"),
    ("Emergency contact", "Charles 07700 900555"),
    ("Street", "Flat 3/1, 2019 Road"),
    ("Postcode", "02134"),
    ("Home", "M1 2AB"),
    ("Amount", "2019.50"),
    ("Entry", "£2019"),
    ("Entry", "25.00"),
    ("Entry", "1250.00"),
    ("Entry", "1,250"),
    ("Entry", "12,250.00"),
    ("Entry", "50%"),
    ("Entry", "34"),
    ("Entry", "10k"),
    ("Tags", "Team 4, 5k, gold"),
    ("Order number", "20190399"),
    ("Membership number", "2019"),
    ("First gift amount", "250"),
    ("Number of gifts since joining", "12"),
    ("Age when joining", "34"),
    ("MobilePhone", "7700900123"),
    ("Attendee #", "1122334455"),
    ("Birthday (DD/MM)", "01/03"),
    ("Date of birth", "1971"),
    ("Renewal date", "2025-03-01"),
    ("Entry", "2026-03-01T10:20:30.123456+01:00"),
    ("Entry", "1 March 2026"),
    ("Entry", "1-Mar-26"),
    ("Entry", "Q3 2026"),
    ("Entry", "20260301"),
    ("Event", "Fun run 2026"),
    ("Donor", "1"),
    ("First gift", "£2019"),
    ("First gift", "15/03/2026"),
    ("Gala 2019", "-"),
    ("Gala 2019", "0.00"),
    ("Attributes", '{""age"": 34, ""phone"": ""7700900123""}'),
]


@pytest.mark.parametrize(("heading", "cell"), ASKED)
def test_a_column_with_numbers_that_could_be_dates_is_asked_about(news, heading, cell):
    text = f'email,{heading}\nada@example.org,"{cell}"\nben@example.org,\n'
    assert asked(news, text) == [heading]
    with pytest.raises(Refused, match="may show when people gave you their details"):
        bring(news, text, **SAID)
    assert not Subscriber.objects.exists()
    assert bring(news, text, **SAID, ignored=[heading]).added == 2


@pytest.mark.parametrize(("heading", "cell"), NOT_ASKED)
def test_numbers_that_are_clearly_no_older_dates_raise_no_question(news, heading, cell):
    assert bring(news, f'email,{heading}\nada@example.org,"{cell}"\n', **SAID).added == 1


def test_only_the_charitable_soft_opt_in_depends_on_dates(news):
    text = "email,Entry\nada@example.org,43525\n"
    assert asked(news, text, basis="customer") == asked(news, text, basis="membership") == []
    assert asked(news, text, basis="", collected_on="", own_details="") == []
    rows = "email,Entry,lawful basis\nada@example.org,43525,membership\n"
    assert asked(news, rows, basis="") == []
    assert asked(news, rows + "ada@example.org,,charitable\n", basis="") == ["Entry"]


def test_each_answer_about_a_column_counts(news):
    text = "email,Entry\nada@example.org,43525\nben@example.org,2026-04-01\ncem@example.org,\n"
    outcome = bring(news, text, **SAID, choices=["Entry=joined"], dry_run=True)
    assert (outcome.added, outcome.refused) == (2, 1)
    assert "“43525” is not a date that we can read" in outcome.first_refused[0].reason
    assert bring(news, text, **SAID, choices=["Entry=attribute:"]).added == 3
    assert Subscriber.objects.get(address_key="ada@example.org").attributes == {"entry": "43525"}


@pytest.mark.parametrize(("heading", "cell"), [("Total 2019", "£250"), ("Attributes", '{""Gala 2019"": 12}')])
def test_anything_under_a_heading_with_an_older_year_refuses_the_row(news, heading, cell):
    assert bring(news, f'email,{heading}\nada@example.org,"{cell}"\n', **SAID).refused == 1


@pytest.mark.parametrize("column", ["OPTIN_TIME", "LAST_CHANGED"])
def test_a_date_that_a_service_names_counts_too(news, column):
    text = (EXPORTS / "mailchimp.csv").read_text()
    heading = text.splitlines()[0].split(",")
    at = heading.index(column)
    first = text.splitlines()[1]
    assert heading.index("Address") < at
    older = first.replace(
        "2026-03-01 09:00:00" if column == "OPTIN_TIME" else "2026-03-02 00:00:00", "2019-03-01 09:00:00"
    )
    assert older != first
    outcome = bring(news, text.replace(first, older), **SAID)
    assert (outcome.added, outcome.refused) == (1, 1)


def test_details_in_our_own_export_are_asked_about_like_all_others(news):
    bring(news, "email,Entry,Age\nada@example.org,43525,34\n", choices=["Entry=attribute:"])
    file = io.StringIO(newline="")
    export_people(file, subscriptions_for_export(news))
    other = List.objects.create(slug="other", name="Other")
    assert asked(other, file.getvalue()) == ["entry"]
    assert bring(other, file.getvalue(), basis="membership").added == 1


@pytest.mark.parametrize("export", sorted(EXPORTS.glob("*.csv")), ids=lambda path: path.stem)
def test_an_ordinary_export_raises_no_question_about_dates(news, export):
    found = bring(news, export.read_text(), **SAID, dry_run=True)
    assert [each.column.heading for each in found.questions if each.is_about_dates] == []
    assert found.refused == 0


def test_there_is_an_ordinary_export_of_each_service():
    assert len(list(EXPORTS.glob("*.csv"))) >= len(
        ("Mailchimp", "Donorfy", "Raiser’s Edge", "WooCommerce", "Excel")
    )


# Parts of a date with a year in it, and what can stand between and around them.
YEARS = st.sampled_from(
    ["%Y", "'%y", "%y%m%d", "%d%m%y", "%Y%m%d", "%Y%j", "%s", "%G-W%V", "%d %b %y", "%B %y"]
)
PARTS = st.sampled_from(["%d", "%m", "%b", "%B", "%a", "%H:%M", "%V", "%j", "%p", ""])
BETWEEN = st.sampled_from([" ", "-", ".", "/", "_", ", ", " of ", "–", "·", "~", " @ ", ":", "|", ";", "\n"])
AROUND = st.sampled_from(["", "met ", "since ", "(", "#", "ca. ", "Fair ", "№ ", "[", "id "])
OLD_DAYS = st.dates(date(1990, 1, 1), date(2025, 12, 31))
HEADINGS = st.sampled_from(
    ["Entry", "Notes", "Tags", "Source", "Timestamp", "First gift", "Seen", "", "Data", "UDF 7"]
)


@st.composite
def written(draw):
    before, year, after = draw(PARTS), draw(YEARS), draw(PARTS)
    before += draw(BETWEEN) if before else ""
    after = draw(BETWEEN) + after if after else ""
    return draw(OLD_DAYS).strftime(f"{draw(AROUND)}{before}{year}{after}").strip()


@given(cell=written(), heading=HEADINGS)
@given_settings(max_examples=examples(300), deadline=None)
def test_an_older_day_in_any_form_is_refused_or_asked_about(cell, heading):
    day = date(2026, 5, 3)
    assert not is_without_dates(heading)
    assert is_older(cell, day) or could_be_older(cell, day, is_date=False), cell


@given(number=st.integers(1_000, 10**19))
@given_settings(max_examples=examples(300), deadline=None)
def test_no_long_number_passes_unless_it_is_a_recent_date(number):
    if not could_be_older(str(number), date(2026, 5, 3), is_date=False):
        year = int(str(number)[:4])
        assert year >= CHARITABLE_SINCE.year


@given(cells=st.lists(written(), min_size=1, max_size=3))
@given_settings(max_examples=examples(15), deadline=None)
def test_nobody_with_an_older_day_in_any_form_is_added_in_silence(cells):
    with transaction.atomic():
        news = List.objects.create(slug="one", name="One")
        rows = "".join(f'person{at}@example.org,"{cell}"\n' for at, cell in enumerate(cells))
        with suppress(Refused):
            bring(news, f"email,Entry\n{rows}", **SAID)
        assert not Subscription.objects.exists()
        transaction.set_rollback(True)
