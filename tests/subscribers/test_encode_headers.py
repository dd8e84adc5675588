"""Text in headers: every reader gets back exactly what was typed, on lines that every server takes."""

from email.utils import parseaddr

import pytest

from subscribers.clean_text import name_on_one_line, on_one_line, why_not_one_line
from subscribers.encode_headers import list_id_value, mailbox_value, text_value, written_address
from subscribers.errors import Invalid
from tests import full
from tests.hostile_text import CLUSTERS, INJECTIONS, WORD, a_text, decoded, decoded_by_python, dice

HOW_MANY = [400, pytest.param(full.share_of(100_000), marks=pytest.mark.full)]


def lines_of(header, value):
    return f"{header}: {value}".split("\n")


def assert_lines_are_good(header, value):
    for number, line in enumerate(lines_of(header, value)):
        words = WORD.findall(line)
        assert len(line) <= (76 if words else 78), line
        assert line.isascii()
        assert line.isprintable()
        assert number == 0 or (line[0] == " " and line[1] != " "), line
    for word in WORD.finditer(value):
        assert len(word[0]) <= 75
        decoded(word[0])  # no character is split between two words


@pytest.mark.parametrize("how_many", HOW_MANY)
def test_subjects_of_twenty_scripts_arrive_as_they_were_typed(how_many):
    random = dice()
    for _ in range(how_many):
        subject = a_text(random)
        value = text_value("Subject", subject)
        assert decoded(value) == subject, full.SEED
        assert decoded_by_python(value) == subject, full.SEED
        assert_lines_are_good("Subject", value)


@pytest.mark.parametrize("how_many", HOW_MANY)
def test_names_of_twenty_scripts_arrive_as_they_were_typed(how_many):
    random = dice()
    for _ in range(how_many):
        name = a_text(random, longest=6)
        header = random.choice(["From", "To"])
        value = mailbox_value(header, name, "ana@example.org")
        shown, address = parseaddr(value.replace("\n", ""))
        assert address == "ana@example.org"
        assert decoded(shown) == name, full.SEED
        assert decoded_by_python(shown) == name, full.SEED
        assert_lines_are_good(header, value)


@pytest.mark.parametrize(
    "subject",
    [
        "Łódź ürgent Łódź ürgent Łódź ürgent Łódź ürgent Łódź ürgent",
        "NHS can’t men’s “voices” letter new — can’t",
        *CLUSTERS,
        *(text for text in INJECTIONS if not why_not_one_line(text)),
        "",
        " ends and  doubled   spaces ",
        "x" * 300,
        "潮" * 2_000,
    ],
)
def test_odd_subjects_arrive_as_they_were_typed(subject):
    value = text_value("Subject", subject)
    assert decoded(value) == subject
    assert decoded_by_python(value) == subject
    assert_lines_are_good("Subject", value)


def test_text_that_is_plain_stays_legible():
    assert text_value("Subject", "Tides explained: 100% of them") == "Tides explained: 100% of them"
    assert mailbox_value("From", "Harbour Trust", "news@example.org") == "Harbour Trust <news@example.org>"
    assert mailbox_value("From", 'Harbour, "the" Trust', "n@e.org") == '"Harbour, \\"the\\" Trust" <n@e.org>'
    assert list_id_value("Readers", "readers.example.org") == "Readers <readers.example.org>"


@pytest.mark.parametrize("sign", ["x", "潮", "\N{REMINDER RIBBON}", '"'])
def test_a_long_name_of_a_list_leaves_its_list_id_on_one_line(sign):
    value = list_id_value(sign * 200, "readers." + "x" * 60 + ".example.org")
    assert value.endswith(f" <readers.{'x' * 60}.example.org>")
    assert len(f"List-Id: {value}") <= 998


def test_text_that_looks_like_an_encoded_word_is_not_left_to_be_decoded():
    typed = "=?utf-8?q?x=0d=0aBcc:_evil?="
    for value in (text_value("Subject", typed), mailbox_value("To", typed, "a@example.org")):
        assert "=0d=0a" not in value
        assert decoded(value.removesuffix(" <a@example.org>")) == typed


@pytest.mark.parametrize(
    "sign", ["\r", "\n", "\0", "\x1f", "\x7f", "\x85", "\u2028", "\u2029", "\ud800", "\uffff"]
)
def test_a_control_character_is_never_written(sign):
    with pytest.raises(Invalid, match="Subject: "):
        text_value("Subject", f"a{sign}b")
    with pytest.raises(Invalid, match="To: "):
        mailbox_value("To", f"a{sign}b", "a@example.org")
    assert why_not_one_line(f"a{sign}b")
    assert on_one_line(f"a{sign}b") == "a b"


def test_what_turns_the_direction_goes_from_names_and_marks_stay():
    assert name_on_one_line("Ana\u202e@evil\u202c \u2066x\u2069") == "Ana@evil x"
    assert name_on_one_line("\u200fעדה\u200f") == "\u200fעדה\u200f"
    assert on_one_line("\u2067עדה\u2069 reads") == "\u2067עדה\u2069 reads"


@pytest.mark.parametrize("text", [*CLUSTERS, "Quoi\u00a0?", "news\u00adletter", "\u3000新聞\u3000新"])
def test_joiners_tags_and_other_spaces_are_text(text):
    assert why_not_one_line(text) == ""
    assert on_one_line(text) == text.strip()


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("ana@example.org", "ana@example.org"),
        ("o'neil+a=b?c@example.org", "o'neil+a=b?c@example.org"),
        ('"x\\"y"@example.com', '"x\\"y"@example.com'),
        ('"a b"@example.com', '"a b"@example.com'),
        ("a b@example.com", '"a b"@example.com'),
        ('a"b@example.com', '"a\\"b"@example.com'),
        ("a..b@example.com", '"a..b"@example.com'),
        ("jörg@bücher.example", "jörg@xn--bcher-kva.example"),
    ],
)
def test_an_odd_address_is_quoted_exactly_once(address, written):
    assert written_address(address) == written
    assert written_address(written) == written
    assert mailbox_value("To", "Ana", address) == f"Ana <{written}>"


@pytest.mark.parametrize(
    "address",
    [
        "a@b\r\nBcc: x@example.org",
        "a@" + "x" * 70 + ".org",
        "a b\n@example.org",
        "@example.org",
        "a@",
        "a",
        "a@b c.org",
        "=?utf-8?q?x=0d=0ay?=@example.org",
        "a@ex=?ample.org",
        "a@<b>.org",
        "a" * 400 + "@example.org",
    ],
)
def test_what_no_header_can_hold_is_not_written_as_an_address(address):
    with pytest.raises(Invalid):
        written_address(address)
