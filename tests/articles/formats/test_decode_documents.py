import gzip

import pytest

from newsletter.articles.formats.decode_documents import decoded
from newsletter.errors import Invalid

TEXT = '<?xml version="1.0" encoding="{}"?><rss><title>Ænglisc naïve café — “quoted”</title></rss>'


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_a_document_is_read_in_the_encoding_that_it_is_in(encoding):
    text = TEXT.format(encoding)
    assert decoded(text.encode(encoding)).lstrip("\ufeff") == text


@pytest.mark.parametrize(
    "claim", ["iso-8859-1", "us-ascii", "shift_jis", "no-such-thing", "utf-16", "utf-7", "idna"]
)
def test_utf_8_is_recognised_whatever_the_document_claims(claim):
    assert "naïve café" in decoded(TEXT.format(claim).encode(), f"text/xml; charset={claim}")


def test_latin_1_means_what_windows_means_by_it():
    assert "“quoted”" in decoded(TEXT.format("iso-8859-1").encode("cp1252"))


def test_the_server_is_believed_where_the_document_is_silent():
    assert (
        decoded("<rss>Привет, мир</rss>".encode("koi8-r"), "text/xml; charset=koi8-r")
        == "<rss>Привет, мир</rss>"
    )


def test_a_few_bytes_of_windows_do_not_spoil_utf_8():
    data = "<rss>café naïve Ænglisc".encode() * 20 + b" it\x92s</rss>"
    assert decoded(data).endswith("café naïve Ænglisc it’s</rss>")


def test_japanese_in_an_encoding_with_shifts_is_read():
    text = '<?xml version="1.0" encoding="iso-2022-jp"?><rss>日本語</rss>'
    assert decoded(text.encode("iso-2022-jp")) == text


def test_a_packed_answer_is_unpacked_even_where_it_breaks_off():
    packed = gzip.compress(TEXT.format("utf-8").encode() * 50)
    assert decoded(packed).startswith("<?xml")
    assert decoded(packed[:-10]).startswith("<?xml")


def test_what_unpacks_without_end_is_refused():
    with pytest.raises(Invalid, match="100 MB"):
        decoded(gzip.compress(b"\0" * 101_000_000))


def test_what_only_looks_packed_is_refused():
    with pytest.raises(Invalid, match="damaged"):
        decoded(b"\x1f\x8bnot at all")


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "L’été dernier, le club a réparé le bateau grâce à la région où il est né."),
        ("cp1252", "Não há informação sobre a situação da população em São Paulo."),
        ("cp1252", "Året derpå rejste børnene på fjerne øer."),
        ("cp1250", "Zażółć gęślą jaźń, wczoraj odbyło się spotkanie w Łodzi."),
        ("cp1254", "Dün sağlık üzerine bir toplantı düzenlendi, çok kişi katıldı."),
        ("cp1251", "Вчера в Москве прошла конференция."),
        ("koi8-r", "Вчера в Москве прошла конференция."),
        ("cp1255", "אתמול התקיים בירושלים כנס"),
        ("iso8859-7", "Χθες στην Αθήνα έγινε συνέδριο."),
    ],
)
@pytest.mark.parametrize("before", ["", "<p>Plain words without any accent.</p>" * 3_000])
def test_an_encoding_that_nobody_declared_is_judged_on_the_whole_document(encoding, text, before):
    assert decoded(f"{before}<p>{text}</p>".encode(encoding)).endswith(f"<p>{text}</p>")


@pytest.mark.parametrize("claim", ["cp-1251", "win-1251", "x-cp1251", "windows1251"])
def test_the_name_of_an_encoding_is_understood_however_it_is_spelt(claim):
    text = f'<?xml version="1.0" encoding="{claim}"?><rss><title>Гавань</title></rss>'
    assert decoded(text.encode("cp1251")) == text
