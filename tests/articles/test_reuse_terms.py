"""The terms of articles: read from each format, kept apart from what editors enter, and what they allow."""

from dataclasses import replace

import pytest

from newsletter.articles.article_terms import ArticleTerms, terms_of
from newsletter.articles.choose_format import read_document
from newsletter.articles.formats.markdown import read_markdown
from newsletter.articles.incoming_article import IncomingArticle
from newsletter.articles.ingest import pass_steps, prepare
from newsletter.articles.models import Article, Source
from newsletter.articles.reuse_terms import (
    forbidden_for,
    forbids_mailing,
    licence_name,
    picture_line,
    text_line,
)
from newsletter.http.fetched_document import Document
from newsletter.issues.change_articles_for_all_issues import change_terms
from tests.articles.formats.test_feed import feed, only, rss
from tests.articles.formats.test_web_page import AT, PAGE
from tests.articles.test_store_articles import LATER, NOW, entry, reading, store

BY = "https://creativecommons.org/licenses/by/4.0/"
NO_COPIES = "© 2026 Elsewhere. This article may not be reproduced without written permission."


def test_a_feed_gives_the_licence_and_the_rights_of_each_item():
    spaces = (
        'xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:creativeCommons="http://backend.userland.com/creativeCommonsRssModule"'
    )
    item = f"<item><title>One</title><link>/one</link><creativeCommons:license>{BY}</creativeCommons:license>"
    found = only(feed(rss(f"{item}<dc:rights>© Jane &amp;amp; Joe</dc:rights></item>", attributes=spaces)))
    article = pass_steps(found)
    assert (article.licence, article.rights) == (BY, "© Jane & Joe")


def test_an_atom_entry_links_to_its_licence():
    text = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title><entry><title>One</title><id>1</id>'
        f'<link href="https://charity.example/1"/><link rel="license" href="{BY}"/><rights>© Jo</rights></entry></feed>'
    )
    article = only(feed(text))
    assert (article.licence, article.rights) == (BY, "© Jo")


def in_json(licence):
    told = f'{{"@type": "Article", "headline": "Cells", "license": {licence}}}'
    return f'<script type="application/ld+json">{told}</script>'


@pytest.mark.parametrize(
    "head", [in_json(f'"{BY}"'), in_json(f'{{"url": "{BY}"}}'), f'<link rel="license" href="{BY}">']
)
def test_a_web_page_gives_the_licence(head):
    text = PAGE.replace("</head>", f"{head}</head>", 1)
    assert only(read_document(Document(data=text.encode(), url=AT, content_type="text/html"))).licence == BY


FEED = """<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/" xmlns:dc="http://purl.org/dc/elements/1.1/"
xmlns:cc="http://backend.userland.com/creativeCommonsRssModule"><channel><title>Site</title>{of_feed}
<item><title>One</title><link>https://site.example/a</link>{of_item}</item></channel></rss>"""
OF_FEED = "<copyright>Articles of this feed may not be reproduced or redistributed.</copyright>"


@pytest.mark.parametrize(
    ("of_feed", "of_item", "forbids"),
    [
        (OF_FEED, "", True),
        (OF_FEED, "<dc:rights>© Jo</dc:rights>", True),
        (f"<copyright>{'Words. ' * 9_000}Nachdruck verboten.</copyright>", "", True),
        (OF_FEED, f"<cc:license>{BY}</cc:license>", False),
        ("<copyright>© 2026 Site. All rights reserved.</copyright>", "", False),
        ("<media:copyright>Not for redistribution</media:copyright>", "", True),
        ("", "<media:copyright>May not be reproduced</media:copyright>", True),
        ("", '<media:copyright url="https://site.example/l">May not be reproduced</media:copyright>', True),
        (
            "",
            '<media:content url="/a.jpg"><media:copyright>May not be reproduced</media:copyright></media:content>',
            False,
        ),
    ],
)
def test_rights_of_the_whole_feed_and_of_media_rss_count(of_feed, of_item, forbids):
    text = FEED.format(of_feed=of_feed, of_item=of_item)
    document = Document(data=text.encode(), url=AT, content_type="application/rss+xml")
    (article,) = read_document(document).articles
    assert pass_steps(article).forbids_reuse is forbids
    assert len(article.rights) <= 500
    if "All rights" in of_feed:
        assert article.rights == ""


def test_a_markdown_file_gives_its_terms():
    text = f"---\ntitle: One\nlicense: {BY}\nrights: © Jo\n---\nWords.\n"
    article = read_markdown(text, "one.md")
    assert (article.licence, article.rights) == (BY, "© Jo")


FORBIDDING_WORDS = """
Not for redistribution
Not to be reproduced
No redistribution
Strictly no reproduction without written permission
Copying is not permitted
You may not copy this article
May only be reproduced with permission
Any reproduction requires permission
It may not be used in newsletters
It may not be used without the permission of the author
Permission is required to reproduce this article
Must not be emailed
Nachdruck verboten
Nachdruck nur mit Genehmigung der Redaktion
Vervielfältigung untersagt
Die Texte dürfen ohne Zustimmung nicht vervielfältigt werden
Reproduction interdite
Toute reproduction, même partielle, est interdite
Queda prohibida la distribución
Riproduzione riservata
Reprodução proibida
Overname verboden
Kopiowanie zabronione
Eftertryck förbjudet
This article may not, without permission, be reproduced
It can’t be republished
It mayn’t be reproduced
This article isn’t to be redistributed
Please don't republish this
You need our permission to republish this
You must obtain written consent before you reprint it
Reproduction strictly by permission only
Reproduction by written permission only
Republication is subject to our agreement
Reproduction for any purpose is prohibited
Weiterverwendung nur mit Genehmigung
Abdruck verboten
Niets uit deze uitgave mag worden verveelvoudigd
Zabrania się kopiowania
Får ej återges utan tillstånd
Må ikke gengives
Ne peut être reproduit
No se permite la reproducción
Este texto no puede ser reproducido
Non può essere riprodotto
Não pode ser reproduzido
"""
ALLOWING_WORDS = """
You may copy and redistribute this
You may republish without permission
No permission needed to republish
No rights reserved
Reproduction is not prohibited.
Reproduction permitted without asking for permission
Reproduction autorisée avec mention de la source
Nachdruck mit Quellenangabe gestattet
Free to republish. Do not change the headline.
Please do not hesitate to email us
Not for profit publication of Harbour
Reuse with credit
There is no restriction on reproduction
There is no charge for reproduction
May not be altered, but may be redistributed
You may not reproduce the logo
Reproduction for commercial purposes is prohibited
Kommerzielle Nutzung nur mit Genehmigung
You don’t need permission to republish this
You do not need our permission to reprint it
You never need permission to copy this
"""


@pytest.mark.parametrize(
    ("rights", "forbids"),
    [
        (NO_COPIES, True),
        ("This material may not be published, broadcast, rewritten, or redistributed.", True),
        ("No part of this text shall be reproduced or stored.", True),
        ("Redistribution in any form is prohibited.", True),
        ("Do not republish this.", True),
        ("© 2026 Elsewhere. All rights reserved.", False),
        ("You may reproduce this article if you name the author.", False),
        ("It must not be forgotten who wrote this.", False),
        *((words, True) for words in FORBIDDING_WORDS.strip().splitlines()),
        *((words, False) for words in ALLOWING_WORDS.strip().splitlines()),
        (f"{'We are glad that you read this. ' * 3_000}It may not be reproduced.", True),
        ("We are glad that you read this. " * 3_000, False),
        ("long " * 50_000, True),
        ("", False),
    ],
)
def test_words_that_forbid_distribution_are_understood(rights, forbids):
    assert pass_steps(IncomingArticle(url="https://site.example/a", rights=rights)).forbids_reuse is forbids


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("/licence", "https://site.example/licence"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("<b>CC BY</b> 4.0\x00", "CC BY 4.0"),
        ("https://site.example/" + "x" * 400, ""),
        ("word " * 200, None),
    ],
)
def test_a_hostile_licence_becomes_plain_and_short(given, kept):
    found = pass_steps(IncomingArticle(url="https://site.example/a", licence=given)).licence
    assert len(found) <= 300
    assert kept is None or found == kept
    line = text_line(ArticleTerms(licence=found)) if found else None
    assert line is None or line.url.startswith("https://") or not line.url


@pytest.mark.parametrize(
    ("licence", "name"),
    [
        (BY, "CC BY 4.0"),
        ("http://creativecommons.org/licenses/by-nc-nd/3.0/deed.de", "CC BY-NC-ND 3.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0"),
        ("Open Government Licence", "Open Government Licence"),
        ("https://site.example/licence", "https://site.example/licence"),
    ],
)
def test_licences_have_short_names(licence, name):
    assert licence_name(licence) == name


@pytest.mark.django_db
def test_a_fetch_keeps_what_an_editor_entered_and_forgets_what_the_site_no_longer_says():
    source = Source.objects.create(name="site", location="https://charity.example/feed")
    said = entry(1, licence=BY, rights="© Jo")
    store(source, reading(said, entry(2)), now=NOW)
    assert ArticleTerms.objects.count() == 1
    article = Article.objects.get(guid="guid-1")
    change_terms(article.pk, {"attribution": "Jo Bloggs", "mailing": "yes"})
    store(source, reading(replace(said, rights=NO_COPIES), entry(2)), now=LATER)
    terms = terms_of(article)
    assert (terms.site_rights, terms.site_forbids) == (NO_COPIES, True)
    assert (terms.attribution, terms.mailing) == ("Jo Bloggs", "yes")
    store(source, reading(entry(1), entry(2)), now=LATER)
    terms = terms_of(article)
    assert (terms.site_licence, terms.site_rights, terms.site_forbids) == ("", "", False)
    assert terms.attribution == "Jo Bloggs"


def test_an_article_without_terms_keeps_the_fingerprint_that_it_was_stored_with():
    with_keys = [prepare(reading(entry(1, **fields))) for fields in ({}, {"licence": "", "rights": ""})]
    assert with_keys[0] == with_keys[1]


FORBIDDING = [
    ({"mailing": "no"}, True),
    ({"site_forbids": True, "site_rights": NO_COPIES}, True),
    ({"site_forbids": True, "site_rights": NO_COPIES, "mailing": "yes"}, False),
    ({"site_forbids": True, "site_rights": "© harbour. May not be copied."}, False),
    ({"site_forbids": True, "site_rights": "© Harbourside Hotel. May not be copied."}, True),
    ({"site_forbids": True, "site_rights": "© New_Harbour. May not be copied."}, True),
    ({"site_forbids": True, "site_rights": "May not be copied.\n© HARBOUR"}, False),
    ({"site_rights": "© Elsewhere"}, False),
    ({}, False),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("fields", "forbids"), FORBIDDING)
def test_whether_an_article_may_be_emailed_is_the_same_in_the_database(fields, forbids):
    source = Source.objects.create(name="site", location="https://charity.example/feed")
    article = Article.objects.create(source=source, identity="1", title="A", found_at=NOW)
    terms = ArticleTerms.objects.create(article=article, **fields)
    assert forbids_mailing(terms, "Harbour", "", article.url) is forbids
    assert Article.objects.filter(forbidden_for("Harbour", "")).exists() is forbids


HARBOUR_CHARITY = """
© Harbour Charity
(c) 2026 The Harbour Charity. May not be copied.
Copyright 2019-2026 Harbour Charity Ltd, London
Copyright of Harbour Charity
Harbour Charity 2026. All rights reserved.
All rights reserved. © Harbour Charity (registered charity no. 1)
All rights reserved: Harbour Charity
This text is the property of Harbour Charity.
Articles published by HARBOUR CHARITY | May not be copied
May not be copied.\\n2026 Harbour Charity
© Harbour Charity – all rights reserved
"""
OTHERS = """
© Not Harbour Charity
© New Harbour Charity
© Harbour Charity Shops
© Harbour Charity’s Friends
© Harbour Charity and Elsewhere
© Friends of Harbour Charity
© The Friends of the Harbour Charity Ltd
© St. Harbour Charity
© Harbour-Charity
© Harbour Charity.example
© Harbour Charity-Trust
© Elsewhere. Not for Harbour Charity.
© Elsewhere, funded by Harbour Charity
© Harbour Charity Shop Ltd. May not be reproduced
© Friends of Harbour Charity. May not be reproduced
© Other Trust, with thanks to Harbour Charity. May not be reproduced
Not by Harbour Charity
"""


@pytest.mark.django_db
@pytest.mark.parametrize("organisation", ["Harbour Charity", "Harbour Charity Ltd"])
@pytest.mark.parametrize(
    ("rights", "is_own"),
    [
        *((each, True) for each in HARBOUR_CHARITY.strip().splitlines()),
        *((each, False) for each in OTHERS.strip().splitlines()),
    ],
)
def test_only_rights_of_exactly_the_organisation_are_its_own(organisation, rights, is_own):
    source = Source.objects.create(name="site", location="https://charity.example/feed")
    article = Article.objects.create(source=source, identity="1", title="A", found_at=NOW)
    terms = ArticleTerms.objects.create(
        article=article, site_rights=rights.replace("\\n", "\n"), site_forbids=True
    )
    assert forbids_mailing(terms, organisation, "", article.url) is not is_own
    assert Article.objects.filter(forbidden_for(organisation, "")).exists() is not is_own


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["", "A (new) [home]", "C++", "back\\slash", "Fürs Üben", "$", "50% & more"])
def test_any_name_of_an_organisation_can_be_looked_for_in_rights(name):
    source = Source.objects.create(name="site", location="https://charity.example/feed")
    for number, rights in enumerate(("May not be copied.", f"© {name}. May not be copied.")):
        article = Article.objects.create(source=source, identity=f"{number}", title="A", found_at=NOW)
        terms = ArticleTerms.objects.create(article=article, site_rights=rights, site_forbids=True)
        forbids = not name or number == 0
        assert forbids_mailing(terms, name, "", article.url) is forbids
        assert Article.objects.filter(forbidden_for(name, ""), pk=article.pk).exists() is forbids


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("website", "url", "forbids"),
    [
        ("https://www.harbour.example/", "https://harbour.example/news/1", False),
        ("https://harbour.example", "https://news.Harbour.example:8443?p=1", False),
        ("https://harbour.example/en/", "http://www.harbour.example", False),
        ("https://harbour.example/", "https://elsewhere.example/harbour.example/", True),
        ("https://harbour.example/", "https://notharbour.example/", True),
        ("https://harbour.example/", "https://harbour.example.org/", True),
        ("https://harbour.example/", "https://harbourxexample/", True),
        ("https://harbour.example/", "https://elsewhere.example/?harbour.example/", True),
        ("https://harbour.example/", "", True),
        ("", "https://harbour.example/news/1", True),
        ("https://[", "https://harbour.example/news/1", True),
    ],
)
def test_what_stands_on_its_own_website_an_organisation_may_email(website, url, forbids):
    source = Source.objects.create(name="site", location="https://charity.example/feed")
    article = Article.objects.create(source=source, identity="1", title="A", url=url, found_at=NOW)
    terms = ArticleTerms.objects.create(article=article, site_rights="May not be copied.", site_forbids=True)
    assert forbids_mailing(terms, "Harbour", website, url) is forbids
    assert Article.objects.filter(forbidden_for("Harbour", website)).exists() is forbids


def test_rights_alone_are_not_shown_and_what_an_editor_entered_counts_first():
    assert text_line(ArticleTerms(site_rights="© Elsewhere")) is None
    line = text_line(ArticleTerms(site_rights="© Elsewhere", site_licence=BY))
    assert (line.words, line.url) == ("© Elsewhere, CC BY 4.0", BY)
    line = text_line(ArticleTerms(site_rights="© Elsewhere", site_licence=BY, licence="By permission"))
    assert (line.words, line.url) == ("© Elsewhere, By permission", "")
    assert picture_line(ArticleTerms(licence=BY)) is None
    assert picture_line(ArticleTerms(picture_attribution="Ada")).words == "Ada"
