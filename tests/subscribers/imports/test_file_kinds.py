"""Workbooks and contact cards are read like CSV; a file of another kind is refused by name."""

import io
import zipfile

import pytest

from subscribers.errors import Invalid, Refused
from subscribers.imports.import_options import ImportOptions
from subscribers.imports.run_import import import_people
from subscribers.models import List, Subscriber, Subscription

pytestmark = pytest.mark.django_db
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


@pytest.fixture
def news():
    return List.objects.create(slug="news", name="News")


def bring(news, data, **wishes):
    return import_people(io.BytesIO(data), news, consent="Sign-up sheet", wishes=ImportOptions(**wishes))


def workbook(**sheets):
    """An XLSX file of these sheets, each a list of rows."""
    names = list(sheets)
    numbered = list(enumerate(names, 1))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        overrides = "".join(
            f'<Override PartName="/xl/worksheets/s{number}.xml" ContentType="application/vnd.openxmlformats-'
            'officedocument.spreadsheetml.worksheet+xml"/>'
            for number, _name in numbered
        )
        packed.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName='
            '"/xl/workbook.xml" '
            'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"'
            f"/>{overrides}</Types>",
        )
        package = "http://schemas.openxmlformats.org/package/2006/relationships"
        packed.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}"><Relationship Id="r" Type="{RELATIONS}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        entries = "".join(
            f'<sheet name="{name}" sheetId="{number}" r:id="r{number}"/>' for number, name in numbered
        )
        packed.writestr(
            "xl/workbook.xml", f'<workbook {MAIN} xmlns:r="{RELATIONS}"><sheets>{entries}</sheets></workbook>'
        )
        parts = "".join(
            f'<Relationship Id="r{number}" Type="{RELATIONS}/worksheet" Target="worksheets/s{number}.xml"/>'
            for number, _name in numbered
        )
        packed.writestr(
            "xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{package}">{parts}</Relationships>'
        )
        for number, name in numbered:
            packed.writestr(f"xl/worksheets/s{number}.xml", sheet(sheets[name]))
    return file.getvalue()


def sheet(rows):
    cells = "".join(
        f'<row r="{at}">'
        + "".join(
            f'<c r="{chr(65 + column)}{at}"><v>{cell}</v></c>'
            if isinstance(cell, int)
            else f'<c r="{chr(65 + column)}{at}" t="inlineStr"><is><t>{cell}</t></is></c>'
            for column, cell in enumerate(row)
        )
        + "</row>"
        for at, row in enumerate(rows, 1)
    )
    return f"<worksheet {MAIN}><sheetData>{cells}</sheetData></worksheet>"


def packed(*names):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "email\nwilma@example.org\n")
    return file.getvalue()


PEOPLE = [["Email", "First name", "Member no"], ["wilma@example.org", "Wilma", 17], ["otto", "Otto", 18]]


def test_a_workbook_is_read_with_the_numbers_of_its_rows(news):
    outcome = bring(news, workbook(People=PEOPLE))

    wilma = Subscriber.objects.get()
    assert (wilma.first_name, wilma.attributes) == ("Wilma", {"member_no": "17"})
    assert [one.row for one in outcome.first_refused] == [3]


def test_a_workbook_with_several_sheets_asks_which_one(news):
    data = workbook(People=PEOPLE, Gone=[["Email", "Status"], ["wilma@example.org", "unsubscribed"]])

    with pytest.raises(Invalid, match="several sheets: “People”, “Gone”"):
        bring(news, data)
    with pytest.raises(Invalid, match="no sheet called “Lost”"):
        bring(news, data, sheet="Lost")

    bring(news, data, sheet="People")
    bring(news, data, sheet="Gone")
    assert Subscription.objects.get().state == "unsubscribed"


def test_a_sheet_without_addresses_is_not_asked_about(news):
    assert (
        bring(news, workbook(Lists=[["Town"], ["Ayr"]], People=[["Email"], ["wilma@example.org"]])).added == 1
    )


def test_a_column_of_a_workbook_that_could_say_no_is_asked_about(news):
    with pytest.raises(Refused, match="“Mailing”"):
        bring(news, workbook(People=[["Email", "Mailing"], ["wilma@example.org", "rarely"]]))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"PK\x03\x04 broken", "damaged"),
        (workbook(People=PEOPLE)[:-200], "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "could not read it"),
        (workbook(People=[]), "empty"),
        (b"%PDF-1.7", "PDF"),
        (b"From ada@example.org Mon Jan  5\n", "mailbox"),
        (packed("people.csv", "gone.csv"), "ZIP archive"),
        (packed("Index/Document.iwa"), "Apple Numbers"),
        (b"dn: cn=Wilma,mail=wilma@example.org\nmail: wilma@example.org\n", "LDIF"),
        (b'[{"email": "wilma@example.org", "status": "unsubscribed"}]', "JSON"),
        ("\ufeff<html><table><tr><td>wilma@example.org</td></tr></table>".encode(), "HTML"),
        ('<?xml version="1.0"?><Workbook/>'.encode("utf-16"), "XML"),
    ],
)
def test_a_file_of_another_kind_or_a_damaged_one_is_refused_by_name(news, data, sentence):
    with pytest.raises(Invalid, match=sentence):
        bring(news, data)


CARDS = """BEGIN:VCARD\r
VERSION:3.0\r
N:Lovelace;Wilma;;;\r
FN:Wilma Lovelace\r
item1.EMAIL;type=INTERNET:home@example.org\r
EMAIL;type=INTERNET;type=pref:wilma@exam\r
 ple.org\r
ORG:Engines\\, Ltd;Research\r
END:VCARD\r
BEGIN:VCARD\r
VERSION:2.1\r
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;Otto\r
EMAIL:otto@example.org\r
END:VCARD\r
BEGIN:VCARD\r
FN:No address\r
END:VCARD\r
"""


def test_contact_cards_are_read(news):
    outcome = bring(news, CARDS.encode())

    people = {one.address: one for one in Subscriber.objects.all()}
    wilma, otto = people["wilma@example.org"], people["otto@example.org"]
    assert (wilma.first_name, wilma.last_name) == ("Wilma", "Lovelace")
    assert wilma.attributes == {
        "organisation": "Engines, Ltd Research",
        "other_addresses": "home@example.org",
    }
    assert otto.last_name == "Müller"
    assert outcome.refused == 1


def test_a_property_of_a_card_that_could_say_no_is_asked_about(news):
    cards = CARDS.replace("FN:Wilma Lovelace", "FN:Wilma Lovelace\r\nX-MAILING-STATUS:rarely")

    with pytest.raises(Refused, match="mailing-status"):
        bring(news, cards.encode())


def card(*lines, version="3.0"):
    return "\r\n".join(("BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""))


@pytest.mark.parametrize(
    "addresses",
    [
        ("EMAIL;PREF=2:home@example.org", "EMAIL;PREF=1:wilma@example.org"),
        ("EMAIL:home@example.org", "EMAIL;PREF=50:wilma@example.org"),
        ("EMAIL;TYPE=HOME:home@example.org", "EMAIL;TYPE=WORK,PREF:wilma@example.org"),
        ("EMAIL;HOME:home@example.org", "EMAIL;PREF;INTERNET:wilma@example.org"),
        ("EMAIL:wilma@example.org", "EMAIL:home@example.org"),
    ],
)
def test_the_preferred_address_of_a_card_is_used(news, addresses):
    bring(news, card("N:Lind;Wilma", *addresses).encode())

    assert Subscriber.objects.get().address == "wilma@example.org"


@pytest.mark.parametrize(
    "data",
    [
        card("N:Müller;Zoë", "EMAIL:zoe@example.org").encode("utf-16"),
        card("N:Müller;Zoë", "EMAIL:zoe@example.org").encode("windows-1252"),
        card(
            "N;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCller;Zo=EB", "EMAIL:zoe@example.org"
        ).encode(),
        card("N;ENCODING=QUOTED-PRINTABLE:M=FCller;Zo=EB", "EMAIL:zoe@example.org", version="2.1").encode(),
        card("N;CHARSET=klingon;QUOTED-PRINTABLE:M=C3=BCller;Zo=C3=AB", "EMAIL:zoe@example.org").encode(),
    ],
)
def test_cards_are_read_in_the_encoding_that_they_are_in(news, data):
    bring(news, data)

    zoe = Subscriber.objects.get()
    assert (zoe.first_name, zoe.last_name) == ("Zoë", "Müller")


def test_a_card_that_lacks_its_end_is_a_person_too(news):
    cards = card("EMAIL:wilma@example.org").replace("END:VCARD\r\n", "") + card("EMAIL:otto@example.org")

    assert bring(news, cards.encode()).added == 2
    assert bring(news, card("EMAIL:pia@example.org").replace("END:VCARD\r\n", "").encode()).added == 1
