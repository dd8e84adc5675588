"""Ten thousand hostile rows: each is imported or named with its reason, and no healthy row is lost among them."""

import csv
import io
import random

import pytest

from subscribers.email_addresses import fold
from subscribers.errors import Invalid
from subscribers.imports import clean_cells
from subscribers.imports.run_import import import_people
from subscribers.models import List, Subscriber

pytestmark = pytest.mark.django_db
ROWS = 10_000
# In the manner of public suites of valid and invalid addresses (RFC 5321, 5322, 6531 and what people type).
ADDRESSES = (
    """
test@example.com|first.last@example.org|a@b.co|1234567890@example.org|user+tag@example.org|_______@example.org
"quoted"@example.org|"much.more unusual"@example.org|"a@b"@example.org|"\\"x\\""@example.org|" "@example.org
user@[127.0.0.1]|user@[IPv6:2001:db8::1]|user@localhost|user@example|user@.example.org|user@example..org|.user@example.org
user.@example.org|us..er@example.org|user@@example.org|user@exa mple.org|us er@example.org|user@-example.org
user@example-.org|@example.org|user@|plain|user@example.org.|mailto:user2@example.org|<user3@example.org>
Ada <user4@example.org>|user5@EXAMPLE.org|USER5@example.org|ünïcode@example.org|user@bücher.example|用户@例子.广告
user@xn--bcher-kva.example|user6@example.c|user@example.123|user7@sub.sub.sub.example.org|user(comment)@example.org
user@exam_ple.org|user8@example.museum|a"b(c)d,e:f;g<h>i[j\\k]l@example.org|just"not"right@example.org
this is"not\\allowed@example.org|very.“curly”@example.org|user%domain@example.org|user!host@example.org
o'neil@example.org|=user9@example.org|+user10@example.org|-user11@example.org|user@example.org,other@example.org
user@example.org;other@example.org|\u200fuser12@example.org\u200e|us\u200fer@example.org|user@exam\u202eple.org
\ufeffuser13@example.org|user14@example.org\u00a0|us\u00ader@example.org|user\ud7ff@example.org
""".strip()
    .replace("\n", "|")
    .split("|")
)
LONG_LOCAL, LONG_DOMAIN = "x" * 65 + "@example.org", "x@" + ".".join(["y" * 60] * 5) + ".org"


def hostile_row(chance, number):
    """The bytes of one hostile row."""
    address = f"h.{number}@example.org"
    formula = chance.choice(["=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3", "\t=1", "＝1"])
    plain = {
        "formula": f"{address},{formula},{formula}",
        "nul in a name": f"{address},A\0da,x",
        "nul in the address": f"h.\0{number}@example.org,Ada,x",
        "control characters": f"{address},\x01\x02\x1b[31m,\x7f\x85",
        "right to left": f"{address},\u202eadA\u202c,\u200f\u2066x\u2069",
        "too few cells": address,
        "too many cells": f"{address},Ada,x,,,,more",
        "only empty cells more": f"{address},Ada,x,,,,",
        "long name": f"{address},{'n' * 151},x",
        "long notes": f"{address},Ada,{'n' * 10_001}",
        "open quotation mark": f'{address},"Ada,x',
        "quotation mark in a cell": f'{address},Ada "the" L,x',
        "quotation mark in a quoted cell": f'{address},"Ada "the" L",x',
        "lonely quotation mark": '"',
        "three quotation marks": f'"""{address},Ada,x',
        "quoted line breaks": f'{address},Ada,"one\ntwo\r\nthree"',
        "carriage return": f"{address},Ada,x\ry",
        "separator characters": f"{address},A\u2028d\x1ca,x\x0by",
        "address of a suite": f"{chance.choice(ADDRESSES)},Suite,x",
        "too long an address": f"{chance.choice([LONG_LOCAL, LONG_DOMAIN, 'x' * 2000])},Long,x",
    }
    kind = chance.choice([*plain, "windows-1252", "latin-1", "broken utf-8", "utf-16 pasted", "bytes"])
    if kind in plain:
        return plain[kind].encode("utf-8", "surrogatepass")
    return (
        address.encode()
        + {
            "windows-1252": ",Änne “x”,x".encode("windows-1252"),
            "latin-1": ",\x81\x8dé,x".encode("latin-1"),
            "broken utf-8": b",\xc3\x28\xf0\x28\x8c\xbc,x",
            "utf-16 pasted": b"," + "Ada".encode("utf-16-le") + b",x",
            "bytes": b"," + bytes(sign for sign in range(14, 256) if sign not in b'",') + b",x",
        }[kind]
    )


@pytest.fixture
def hostile():
    """The rows of the file, the headings first."""
    chance = random.Random(20261123)
    rows = [
        f"healthy.{number}@example.net,Healthy,row".encode()
        if number % 7 == 0
        else hostile_row(chance, number)
        for number in range(ROWS)
    ]
    for at in (500, 5_000, 9_000):
        rows[at] = f"h.{at}@example.org,Ada,".encode() + b"m" * 1_000_000
        rows[at + 1] = f'h.{at + 1}@example.org,Ada,"'.encode() + b"a longer line\n" * 2_000 + b'"'
    return [b"\xef\xbb\xbfEmail,Name,Notes,notes", *rows]


def test_every_hostile_row_is_imported_or_named(hostile):
    news = List.objects.create(slug="news", name="News")
    report = io.StringIO(newline="")

    outcome = import_people(io.BytesIO(b"\n".join(hostile)), news, consent="Paper", report=report)

    named = {int(row["row"]) for row in csv.DictReader(io.StringIO(report.getvalue()), restkey="more")}
    there = set(Subscriber.objects.values_list("address_key", flat=True))
    line, within = 2, []
    for row in hostile[1:]:
        if line not in named and address_of(row) not in there:
            within.append(row)
        if row.startswith(b"healthy."):
            assert address_of(row) in there, (line, row)
        # A line break within a row, whichever it is, begins a new line of the file.
        line += len((row + b"\n").replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")) - 1
    # The rest holds no address, and stands within a quoted cell that a row before it opened.
    kept = report.getvalue() + "".join(
        f"{person.first_name} {person.last_name} {' '.join(map(str, person.attributes.values()))}"
        for person in Subscriber.objects.all()
    )
    words = set(kept.split())
    assert len(within) < 0.02 * ROWS
    for row in within:
        assert not address_of(row)
        assert set(row.decode().strip('"').split()) <= words, row
    counts = outcome.counts()
    assert counts["rows"] == sum(count for name, count in counts.items() if name != "rows")
    assert outcome.odd_count > 100
    assert not any(
        cell.startswith(("=", "@", "\t"))
        for row in csv.reader(io.StringIO(report.getvalue()))
        for cell in row
    )
    for person in Subscriber.objects.all():
        assert "\0" not in f"{person.first_name}{person.last_name}{person.attributes}"
        assert all(sign.isprintable() for sign in person.first_name + person.last_name)


def address_of(row):
    """The key of the address at the beginning of a row, however it is quoted."""
    text = row.decode("utf-8", "replace")
    for cell in (text.partition(",Suite")[0], text.partition(",")[0]):
        try:
            return fold(cell.strip("\u200f\u200e\ufeff\u00a0"))
        except Invalid:
            continue
    return ""


def test_a_quotation_mark_that_never_closes_does_not_swallow_the_file():
    news = List.objects.create(slug="news", name="News")
    rows = [f"p{number}@example.org,Name {number}" for number in range(1_000)]
    rows[10] = 'p10@example.org,"Name 10'
    rows[500] = '"p500@example.org,Name'

    outcome = import_people(io.BytesIO("\n".join(["email,name", *rows]).encode()), news, consent="Paper")

    assert (outcome.added, outcome.refused) == (998, 2)
    assert [(one.row, one.reason) for one in outcome.first_refused] == [
        (12, "A quotation mark has no closing quotation mark."),
        (502, "A quotation mark has no closing quotation mark."),
    ]


def test_a_note_of_several_lines_belongs_to_its_row_wherever_the_address_stands():
    news = List.objects.create(slug="news", name="News")
    text = 'note,email,name\n"Two\nlines",ada@example.org,Ada\n"a\n\nb",bob@example.org,"B\nob"\nx,cy@example.org,Cy\n'

    outcome = import_people(io.BytesIO(text.encode()), news, consent="Paper")

    assert (outcome.added, outcome.refused) == (3, 0)
    ada = Subscriber.objects.get(address_key="ada@example.org")
    assert (ada.first_name, ada.attributes) == ("Ada", {"note": "Two\nlines"})


def test_a_quoted_cell_that_holds_an_address_and_a_line_end_hides_nobody():
    news = List.objects.create(slug="news", name="News")
    text = 'name,email\n"Ada,ada@example.org\nBob",bob@example.org\nCy,cy@example.org\n'

    outcome = import_people(io.BytesIO(text.encode()), news, consent="Paper")

    assert [(one.row, one.reason) for one in outcome.first_refused] == [
        (2, "A quotation mark has no closing quotation mark.")
    ]
    assert set(Subscriber.objects.values_list("address", flat=True)) == {"bob@example.org", "cy@example.org"}


@pytest.mark.postgresql_full
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "windows-1252", "utf-32"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_any_encoding_delimiter_and_line_end_is_read(encoding, delimiter, line_end):
    news = List.objects.create(slug="news", name="News")
    rows = [
        ["Prénom", "E-Mail", "Größe"],
        ["Zoë", "zoe@example.org", "groß"],
        ["Ada", "ada@example.org", ""],
    ] * 20
    text = line_end.join(delimiter.join(row) for row in rows[:3] + rows[4:6])

    outcome = import_people(io.BytesIO(text.encode(encoding)), news, consent="Paper")

    assert (outcome.added, outcome.duplicates, outcome.odd_count) == (2, 2, 0)
    zoe = Subscriber.objects.get(address_key="zoe@example.org")
    assert (zoe.first_name, zoe.attributes) == ("Zoë", {"grosse": "groß"})


def test_rows_in_another_encoding_are_read_and_named():
    news = List.objects.create(slug="news", name="News")
    text = "email,name\nzoe@example.org,Zoë\n".encode() + "a@example.org,Änne\n".encode("windows-1252")

    outcome = import_people(io.BytesIO(text), news, consent="Paper")

    assert (outcome.odd_count, outcome.odd_rows) == (1, [3])
    assert Subscriber.objects.get(address_key="a@example.org").first_name == "Änne"


@pytest.mark.parametrize(
    ("first_row", "says"),
    [
        ("email," + "x" * 140_000, "The first row is longer than"),
        ("x" * 140_000, "The first row is longer than"),
        ('email,"' + "x" * 140_000 + '"', "The first row is longer than"),
        ("email," + "y" * 300_000, "The first row is longer than"),
        ("email" + ",a" * 40_000, "The first row has 40,001 cells"),
    ],
)
def test_a_first_row_that_nobody_could_read_is_refused_in_a_sentence(first_row, says):
    news = List.objects.create(slug="news", name="News")
    file = io.BytesIO(f"{first_row}\nada@example.org,x\n".encode())
    with pytest.raises(Invalid, match=says):
        import_people(file, news, consent="Paper")
    assert not Subscriber.objects.exists()


def test_a_cell_that_is_too_long_further_down_costs_its_own_row():
    news = List.objects.create(slug="news", name="News")
    long = "x" * 140_000
    file = io.BytesIO(f"email,name\nada@example.org,{long}\nbob@example.org,Bob\n".encode())
    outcome = import_people(file, news, consent="Paper")
    assert outcome.refused == 1
    assert Subscriber.objects.get().address == "bob@example.org"


def test_flags_and_what_else_does_not_show_stay_in_names_and_controls_go(db):
    flag = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
    assert clean_cells.name(f"\ufeffAda {flag}\u200e", "first_name") == f"Ada {flag}"
    assert clean_cells.name("Zo\u00adra \u2066(x)\u2069", "first_name") == "Zo\u00adra (x)"
    assert clean_cells.name("B\x1ben\x00\r\nBcc: a", "first_name") == "Ben Bcc: a"
    assert clean_cells.name("\u2060\u200b", "first_name") == ""
    assert clean_cells.attribute(f"\u202ared {flag}\x07\nblue\u202c ", "colour") == f"red {flag}\nblue"
