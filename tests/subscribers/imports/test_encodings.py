"""A file that does not declare its encoding is UTF-8, else Windows-1252 unless another is clearly better."""

import io

import pytest

from subscribers.imports.guess_encoding import guess_encoding
from subscribers.imports.run_import import import_people
from subscribers.models import List, Subscriber

PEOPLE = [
    ("windows-1252", "Müller\nWeiß"),
    ("windows-1252", "Müller\nNúñez\nBjörk\nFrançoise\nÅse\nÞóra\nZoë"),
    ("windows-1252", "MÜLLER\nGÜNTER"),
    ("windows-1252", "Zoë"),
    ("windows-1252", "Þórður\nGuðrún"),
    ("windows-1252", "d’Arc\nŒuvre\nL’Haÿ"),
    ("windows-1252", "5 € – ok"),
    ("cp1250", "Wiśniewska\nŁukasz\nŻółtowski"),
    ("cp1250", "Dvořák\nJiří\nŽofie"),
    ("cp1250", "Szőke\nGyörgy\nKűrti"),
    ("cp1254", "Işıl\nÇağrı\nGüneş"),
    ("cp1257", "Bērziņš\nJānis"),
    ("cp1251", "Наталья Кузнецова"),
    ("koi8-r", "Наталья Кузнецова"),
    ("cp866", "Наталья Кузнецова"),
    ("cp1253", "Αθηνά Παπαδοπούλου"),
    ("cp1255", "רחל כהן\nדוד לוי"),
    ("cp1256", "فاطمة الزهراء"),
    ("cp874", "สมชาย ใจดี"),
    ("cp932", "田中花子\n髙橋一郎\nさくら"),
    ("gb18030", "王小明\n李建国\n张伟"),
    ("big5", "王小明\n陳怡君"),
    ("cp949", "김민준\n박서연"),
    ("mac-roman", "Müller\nGroß"),
    ("cp850", "Müller\nGroße Straße"),
]


@pytest.mark.parametrize(("encoding", "names"), PEOPLE)
def test_the_encoding_is_guessed_by_the_letters(encoding, names):
    text = f"Email;First name\n{names}\n"
    data = text.encode(encoding)

    assert data.decode(guess_encoding(data), "replace") == text


@pytest.mark.parametrize(
    ("encoding", "heading"),
    [("cp1251", "Имя"), ("cp932", "名"), ("gb18030", "姓名"), ("cp1253", "Όνομα"), ("cp1250", "Příjmení")],
)
def test_a_known_heading_tells_the_encoding(encoding, heading):
    text = f"Email,{heading}\nada@example.org,Ada\n"

    assert text.encode(encoding).decode(guess_encoding(text.encode(encoding))) == text


@pytest.mark.django_db
@pytest.mark.parametrize(("encoding", "name"), [("cp1251", "Наталья"), ("windows-1252", "Zoë")])
def test_people_beyond_ascii_who_come_late_in_a_file_tell_its_encoding(encoding, name):
    rows = "".join(f"{number}@,Pat\n" for number in range(40_000))
    data = f"Email,First name\n{rows}ada@example.org,{name}\nbob@example.org,{name}\n".encode(encoding)

    import_people(io.BytesIO(data), List.objects.create(slug="news", name="News"), consent="Sheet")

    assert set(Subscriber.objects.values_list("first_name", flat=True)) == {name}


@pytest.mark.django_db
def test_lines_of_an_old_mac_in_its_own_encoding_are_read():
    data = "Email;First name\rada@example.org;Zoë\rbob@example.org;Jürgen\r".encode("mac-roman")

    import_people(io.BytesIO(data), List.objects.create(slug="news", name="News"), consent="Sheet")

    assert set(Subscriber.objects.values_list("first_name", flat=True)) == {"Zoë", "Jürgen"}
