"""A host is one, however it is written, and two hosts are never taken for one: IDNA 2008, as for mail addresses."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.articles.incoming_article import IncomingArticle
from newsletter.articles.ingest import pass_steps
from newsletter.articles.steps.identity_keys import add_keys
from newsletter.errors import Invalid
from newsletter.http.clean_urls import absolute, followable
from newsletter.http.web_addresses import host_of, normalise_url, url_key
from newsletter.rendering.render_markdown import markdown_html
from newsletter.rendering.safe_urls import safe_link_url, safe_web_url
from newsletter.tracking.clean_clicked_urls import plain_link
from subscribers.email_addresses import parse

SPELLINGS = [
    ("https://bäcker.example/brot", "xn--bcker-gra.example"),
    ("https://B\u00c4CKER.example/brot", "xn--bcker-gra.example"),
    ("https://ba\u0308cker.example/brot", "xn--bcker-gra.example"),
    ("https://b%C3%A4cker.example/brot", "xn--bcker-gra.example"),
    ("https://XN--BCKER-GRA.example/brot", "xn--bcker-gra.example"),
    ("https://bäcker\u3002example/brot", "xn--bcker-gra.example"),
    ("https://faß.example/brot", "xn--fa-hia.example"),
    ("https://fass.example/brot", "fass.example"),
    ("https://हिन्दी.example/brot", "xn--j2bd4cyah0f.example"),
    ("https://i❤.example/brot", "xn--i-7iq.example"),
    ("https://r3---sn-x.example/brot", "r3---sn-x.example"),
]


@pytest.mark.parametrize(("written", "host"), SPELLINGS)
def test_fetching_links_and_identity_have_one_host_for_all_spellings(written, host):
    plain = f"https://{host}/brot"
    assert normalise_url(written) == absolute(written) == followable(written) == plain
    if "%" not in written:
        assert normalise_url(written.removeprefix("https://")) == plain
    assert host_of(written) == host
    assert url_key(written) == url_key(plain) == f"{host}/brot"


def article(url):
    found = pass_steps(IncomingArticle(url=url, title="Brot", html=f'<p>See <a href="{url}">it</a>.</p>'))
    add_keys(found, 1)
    return found


@pytest.mark.parametrize(("written", "host"), SPELLINGS)
def test_an_article_is_one_and_links_to_its_host(written, host):
    found, plain = article(written), article(f"https://{host}/brot")
    assert (found.url_key, found.url, found.body_html) == (plain.url_key, plain.url, plain.body_html)
    assert f'href="https://{host}/brot"' in found.body_html
    assert f'href="https://{host}/brot"' in markdown_html(f"See [it]({written}).").replace("&amp;", "&")


@pytest.mark.parametrize(("written", "host"), SPELLINGS)
def test_links_of_editors_and_clicks_have_the_same_host(written, host):
    assert safe_link_url(written) == safe_web_url(written) == plain_link(written) == f"https://{host}/brot"


def test_two_hosts_are_two_articles():
    assert article("https://faß.example/brot").url_key != article("https://fass.example/brot").url_key


NOT_HOSTS = {
    "https://xn--zzzzzzzzzzzz99999999.example/": "xn--zzzzzzzzzzzz99999999",
    "https://xn--bcker-gra-.example/": "xn--bcker-gra-",
    "https://xn--bacher-.example/": "xn--bacher-",
    "https://-ü.example/": "-ü",
    f"https://{'ü' * 70}.example/": "ü" * 70,
    f"https://{'u' * 70}.example/": "u" * 70,
    "https://ü..example/": "“”",
    "https://u..example/": "“”",
    "https://u\u0640❤ü.example/": "u\u0640❤ü",
}


@pytest.mark.parametrize("address", NOT_HOSTS)
def test_a_label_that_no_host_can_have_is_named(address):
    with pytest.raises(Invalid, match="not allowed in a host name") as refusal:
        normalise_url(address)
    assert NOT_HOSTS[address] in str(refusal.value)
    assert absolute(address) == followable(address) == url_key(address) == host_of(address) == ""


@given(st.text(alphabet="aßςüİıſﬁＡ例え\u0301ö-", min_size=1, max_size=12))
def test_web_and_mail_agree_on_every_domain_that_mail_can_go_to(label):
    try:
        key = parse(f"ada@{label}.example").key
    except Invalid:
        return
    host = key.partition("@")[2]
    for form in ("NFC", "NFD"):
        assert host_of(f"https://{unicodedata.normalize(form, label)}.example/") == host
    assert host_of(f"https://{host}/") == host
