"""An erased address is found however it was spelt, and nothing beside it is touched."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.domain_names import in_ascii
from subscribers.email_addresses import parse
from subscribers.find_address_in_text import Spellings
from subscribers.models import Subscriber

SCRIPTS = [
    "İİİİ",
    "ŉ",
    "ﬃ",
    "ẞß",
    "ΐΰ",
    "ǰ",
    "Ω",
    "الأخبار",
    "हिन्दी",
    "日本語",
    "👩‍👩‍👧",
    "e\u0301\u0323",
    "\u0345",
    "K",
    "@",
    "İ@",
]
ADDRESSES = [
    "ada@example.org",
    "jürgen.groß@bücher.example",
    "Ἀθηνᾶ@παράδειγμα.gr",
    "İnci@example.org",
    "δ.ϊ@例え.jp",
]


def spelt(address):
    """The spellings that people give an address, and their programs."""
    found = parse(address)
    local, _at, domain = found.address.rpartition("@")
    return {
        found.address,
        found.key,
        f"{local}@{in_ascii(domain)}",
        *(change(found.address) for change in (str.upper, str.title, str.swapcase, str.casefold)),
        *(unicodedata.normalize(form, found.address) for form in ("NFC", "NFD", "NFKC")),
        "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in found.address),
    }


def subscriber_at(address):
    found = parse(address)
    return Subscriber(address=found.address, address_key=found.key)


texts = st.lists(st.one_of(st.sampled_from(SCRIPTS), st.text(max_size=6)), max_size=4).map(" ".join)


@given(st.sampled_from(ADDRESSES), st.lists(texts, min_size=2, max_size=4), st.data())
def test_every_spelling_is_cut_out_of_any_text_and_the_rest_stays(address, around, data):
    spellings = Spellings(subscriber_at(address))
    used = [data.draw(st.sampled_from(sorted(spelt(address)))) for _ in around[1:]]
    around = [f"{text} " for text in around]
    text = around[0] + "".join(f"{one} {after}" for one, after in zip(used, around[1:], strict=True))

    assert spellings.are_in(text)
    assert spellings.without(text, "(erased)") == around[0] + "".join(
        f"(erased) {after}" for after in around[1:]
    )


@given(texts)
def test_text_without_the_address_stays_as_it_is(text):
    spellings = Spellings(subscriber_at("ada@example.org"))
    assert not spellings.are_in(text)
    assert spellings.without(text, "(erased)") == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("İİİİ wrote ada@example.org", "İİİİ wrote (erased)"),
        ("<mailto:ADA@EXAMPLE.ORG>, ada@example.org.", "<mailto:(erased)>, (erased)."),
        ("ada@example.orgada@example.org", "(erased)(erased)"),
        ("ada@example.or", "ada@example.or"),
        ("?who=Ada%40example.org&n=1", "?who=(erased)&n=1"),
    ],
)
def test_what_is_left_of_some_texts(text, left):
    assert Spellings(subscriber_at("ada@example.org")).without(text, "(erased)") == left
