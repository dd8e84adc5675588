import pytest
from email_validator import validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from subscribers.email_addresses import fold, parse, plain
from subscribers.errors import Invalid


@pytest.mark.parametrize(
    ("spelt", "key"),
    [
        ("Ada@Example.ORG", "ada@example.org"),
        (" ada@example.org\t", "ada@example.org"),
        ("\u00a0ada@example.org\u2003", "ada@example.org"),
        ("mailto:Ada@example.org?subject=Hello", "ada@example.org"),
        ("MAILTO:ada%2Bnews@example.org", "ada+news@example.org"),
        ("<ada@example.org>", "ada@example.org"),
        ("Ada Byron <ada@example.org>", "ada@example.org"),
        ('"Byron, Ada" <ada@example.org>', "ada@example.org"),
        ("a.d.a+list@example.org", "a.d.a+list@example.org"),
        ("ada@bücher.example.org", "ada@xn--bcher-kva.example.org"),
        ("ada@BU\u0308CHER.example.org", "ada@xn--bcher-kva.example.org"),
        ("ada@xn--bcher-kva.example.org", "ada@xn--bcher-kva.example.org"),
        ("JOSE\u0301@example.org", "jos\u00e9@example.org"),
        ("STRASSE@example.org", "strasse@example.org"),
        ("stra\u00dfe@example.org", "stra\u00dfe@example.org"),
        ("ada@example.test", "ada@example.test"),
    ],
)
def test_spellings_of_one_address_have_one_key(spelt, key):
    assert fold(spelt) == key


def test_dots_and_plus_signs_tell_people_apart():
    assert len({fold(a) for a in ("ab@example.org", "a.b@example.org", "a+b@example.org")}) == 3


def test_the_address_is_kept_as_it_was_given():
    address = parse(" Ada Byron <Ada.Byron@Example.org> ")
    assert (address.address, address.name) == ("Ada.Byron@example.org", "Ada Byron")


@pytest.mark.parametrize(
    ("spelt", "name"),
    [
        ("Zoë Müller <zoe@example.org>", "Zoë Müller"),
        ('"Müller, Zoë" <zoe@example.org>', "Müller, Zoë"),
        ("Müller, Zoë <zoe@example.org>", "Müller, Zoë"),
        (r'"Zoë \"Zo\" Müller" <zoe@example.org>', 'Zoë "Zo" Müller'),
        ("Dr. Ada B. Lovelace (London) <zoe@example.org>", "Dr. Ada B. Lovelace (London)"),
        ("李小龍 <zoe@example.org>", "李小龍"),
        ("mailto:<zoe@example.org>", ""),
    ],
)
def test_a_display_name_is_read_as_mail_programs_show_it(spelt, name):
    assert (parse(spelt).key, parse(spelt).name) == ("zoe@example.org", name)


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "ada", "ada@", "@example.org", "ada@example", "ada@@example.org", "ada byron@example.org",
        "ada@-example.org", "ada@example..org", ".ada@example.org", "ada.@example.org", "a..da@example.org",
        "ada@example.org\n.evil.org", "ada\x00@example.org", "ada@exam\x00ple.org", "=cmd|' /C calc'!A0",
        "ada@localhost", "ada@[127.0.0.1]", "x" * 65 + "@example.org", "ada@" + "x" * 64 + ".org",
        "ada@example.org, bob@example.org", "ada@example.org\u202egro.live", "a" * 2_000_000 + "@example.org",
        "mailto:", "<>", "Ada <>", "A\nBcc: b@example.org <ada@example.org>", "Ada\u202e <ada@example.org>",
        "Ada <ada@example.org> <bob@example.org>",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_with_a_sentence(text):
    with pytest.raises(Invalid) as refused:
        parse(text)
    sentence = str(refused.value)
    assert sentence.endswith(".")
    assert len(sentence) < 300


local = st.text("abcxyzABCZ0189._+-", min_size=1, max_size=70)
label = st.text("abcxyzABC019-", min_size=1, max_size=66)
domain = st.lists(label, min_size=1, max_size=4).map(".".join)


@given(st.builds("{}@{}".format, local, domain) | st.from_regex(r"[\w.+-]{1,66}@[\w.-]{1,70}\n?"))
@example("a@b.test")
@example("a@x.local")
@example("a@ab--cd.org")
@example("a@xn--zz.org")
@example("\u212a@example.org")
@example("ada@example.or\u212a")
@example("ada@example.org\n")
@example("a" * 64 + "@" + ".".join(["b" * 61] * 3) + ".org")
@example("a" * 64 + "@" + ".".join(["b" * 63] * 3) + ".org")
def test_what_is_recognised_as_plain_the_library_accepts_with_the_same_key(text):
    if plain(text):
        found = validate_email(text, check_deliverability=False)
        assert fold(text) == f"{found.local_part.casefold()}@{found.ascii_domain}" == text.lower()


@given(st.text(max_size=60) | st.from_regex(r".{0,20}@.{0,20}"))
def test_any_text_is_an_address_or_refused_and_folding_twice_changes_nothing(text):
    try:
        key = fold(text)
    except Invalid:
        return
    assert fold(key) == key


@pytest.mark.parametrize(
    ("one", "other"), [("straße", "strasse"), ("ſophie", "sophie"), ("ﬁona", "fiona"), ("ŉeal", "ʼneal")]
)
def test_two_mailboxes_are_never_one_person(one, other):
    assert fold(f"{one}@example.org") != fold(f"{other}@example.org")


def test_capitals_beyond_ascii_make_no_other_person():
    assert fold("STRAẞE@example.org") == fold("straße@example.org")
    assert fold("Zoë@example.org") == fold("ZOË@example.org")
