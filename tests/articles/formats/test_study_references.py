"""Feeds of PubMed, arXiv, bioRxiv and journals: an entry rests on its study, with authors, journal and DOI."""

import json
from datetime import UTC, datetime

from pytest import mark

from newsletter.articles.add_source import add_source
from newsletter.articles.choose_format import read_document
from newsletter.articles.fetch_sources import fetch_sources
from newsletter.articles.ingest import prepare
from newsletter.articles.models import Article
from newsletter.http.fetched_document import Document

RSS = """<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom"
xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/"><channel><title>Studies</title>{}</channel></rss>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:prism="http://purl.org/rss/1.0/modules/prism/">
<channel rdf:about="https://www.biorxiv.org"><title>Crabs</title><prism:publicationName>bioRxiv</prism:publicationName>
</channel>{}</rdf:RDF>"""
PUBMED = """<item><title>Tides and sleep</title>
<link>https://pubmed.ncbi.nlm.nih.gov/39512345/?utm_source=Other&amp;fc=None&amp;ff=20261103</link>
<description>CONCLUSIONS: People slept as well at spring tide. The cohort was small.</description>
<guid isPermaLink="false">pubmed:39512345</guid><pubDate>Tue, 03 Nov 2026 06:00:00 -0500</pubDate>
<dc:creator>Ann B Lee</dc:creator><dc:creator>Bo Kim</dc:creator><dc:creator>Cy Ng</dc:creator>
<dc:creator>Dee Fox</dc:creator><dc:source>Journal of harbour medicine</dc:source>{identifiers}</item>"""
DOI = "<dc:identifier>doi:10.1000/jhm.2026.45</dc:identifier>"
PMID = "<dc:identifier>pmid:39512345</dc:identifier>"
ARXIV = """<item><title>Sleep stages</title><link>https://arxiv.org/abs/2611.01234</link>
<description>arXiv:2611.01234v1 Announce Type: new
Abstract: We classify sleep stages.</description><guid isPermaLink="false">oai:arXiv.org:2611.01234v1</guid>
<pubDate>Tue, 03 Nov 2026 00:00:00 -0500</pubDate><dc:creator>Ada Lovelace, Bo Kim</dc:creator>{journal}</item>"""
BIORXIV = """<item rdf:about="https://www.biorxiv.org/content/10.1101/2026.11.01.123456v2?rss=1">
<title>Tidal rhythms in the crab</title>
<link>https://www.biorxiv.org/content/10.1101/2026.11.01.123456v2?rss=1</link>
<description>Crabs keep time.</description>
<dc:creator>Lee, A. B., Kim, B., van der Ng, C.</dc:creator><dc:date>2026-11-02</dc:date>{identifier}</item>"""
JOURNAL = """<item><title>Weirs: are they &lt;i&gt;safe&lt;/i&gt;?</title>
<link>https://journal.example/doi/full/10.1002/jot.123?af=R</link><guid isPermaLink="false">10.1002/jot.123</guid>
<pubDate>Tue, 03 Nov 2026 00:00:00 GMT</pubDate><dc:creator>Ann Lee</dc:creator>
<prism:publicationName>Journal of Tides</prism:publicationName><prism:volume>12</prism:volume>
<prism:number>3</prism:number><prism:startingPage>45</prism:startingPage><prism:endingPage>50</prism:endingPage></item>"""
NATURE = """<item><title>Tides in towns</title><link>https://www.nature.com/articles/s41586-1</link>
<dc:creator>Ann Lee</dc:creator><dc:identifier>doi:10.1038/s41586-1</dc:identifier><dc:date>2026-11-03</dc:date>
<dc:source>Nature, Published online: 2026-11-03; | doi:10.1038/s41586-1</dc:source></item>"""


def article(text):
    (found,) = prepare(read_document(Document(data=text.encode(), url="https://charity.example/feed")))
    return found


def study(text):
    (found,) = article(text).references
    assert found.kind == "study"
    return found


@mark.parametrize("identifiers", [PMID + DOI, DOI + PMID])
def test_a_study_of_pubmed(identifiers):
    text = RSS.format(PUBMED.format(identifiers=identifiers))
    found = study(text)
    assert (found.doi, found.url) == ("10.1000/jhm.2026.45", "")
    assert found.citation == (
        "Ann B Lee, Bo Kim, Cy Ng et al. Tides and sleep. Journal of harbour medicine 2026. doi:10.1000/jhm.2026.45"
    )
    assert article(text).url == "https://pubmed.ncbi.nlm.nih.gov/39512345/"
    assert article(text).standfirst == "People slept as well at spring tide. The cohort was small."


def test_a_study_of_pubmed_without_a_doi_leads_to_pubmed():
    found = study(RSS.format(PUBMED.format(identifiers=PMID)))
    assert (found.doi, found.url) == ("", "https://pubmed.ncbi.nlm.nih.gov/39512345/")


def test_a_preprint_of_arxiv_has_the_doi_of_arxiv():
    found = study(RSS.format(ARXIV.format(journal="")))
    assert found.doi == "10.48550/arXiv.2611.01234"
    assert found.citation == "Ada Lovelace, Bo Kim. Sleep stages. arXiv 2026. doi:10.48550/arXiv.2611.01234"


def test_a_preprint_of_arxiv_that_was_published_has_its_journal():
    journal = "<arxiv:journal_reference>J. Tides 12 (2026) 45</arxiv:journal_reference>"
    journal += "<arxiv:DOI>10.1000/t.12</arxiv:DOI>"
    found = study(RSS.format(ARXIV.format(journal=journal)))
    assert found.citation == "Ada Lovelace, Bo Kim. Sleep stages. J. Tides 12 (2026) 45. doi:10.1000/t.12"


@mark.parametrize("identifier", ["<dc:identifier>doi:10.1101/2026.11.01.123456</dc:identifier>", ""])
def test_a_preprint_of_biorxiv_names_each_author_alone(identifier):
    text = RDF.format(BIORXIV.format(identifier=identifier))
    assert article(text).authors == ("A. B. Lee", "B. Kim", "C. van der Ng")
    assert study(text).doi == "10.1101/2026.11.01.123456"
    assert study(text).citation.startswith(
        "A. B. Lee, B. Kim, C. van der Ng. Tidal rhythms in the crab. bioRxiv 2026."
    )


def test_an_article_of_a_journal_has_volume_number_and_pages():
    found = study(RSS.format(JOURNAL))
    assert (
        found.citation
        == "Ann Lee. Weirs: are they safe? Journal of Tides 2026;12(3):45–50. doi:10.1002/jot.123"
    )


def test_the_journal_of_nature_is_named_without_date_and_doi():
    assert study(RSS.format(NATURE)).citation == "Ann Lee. Tides in towns. Nature 2026. doi:10.1038/s41586-1"


@mark.parametrize(
    "link", ["https://charity.example/doi", "https://charity.example/2026/10.1000-people", "https://arxiv.org/list/cs"]
)  # fmt: skip
def test_other_entries_rest_on_no_study(link):
    text = f"<item><title>On doi:10.1000/x</title><link>{link}</link><description>doi:10.1000/x</description></item>"
    assert article(RSS.format(text)).references == ()


@mark.django_db
def test_the_study_is_stored_with_the_article(site):
    site.serve("/feed", RSS.format(PUBMED.format(identifiers=DOI)).encode())
    fetch_sources([add_source(site.url("/feed"))])
    (reference,) = Article.objects.get().references.all()
    assert (reference.kind, reference.link) == ("study", "https://doi.org/10.1000/jhm.2026.45")
    assert fetch_sources([Article.objects.get().source], force=True)[0].counts.unchanged == 1


WORK = {
    "DOI": "10.1000/JOT.123",
    "URL": "https://doi.org/10.1000/jot.123",
    "title": ["Weirs and <i>bream</i>"],
    "container-title": ["Journal of Tides"],
    "author": [{"given": "Ann", "family": "Lee"}, {"name": "Weir Group"}, {"family": "Kim"}],
    "published": {"date-parts": [[2026, 11, 3]]},
    "volume": "12",
    "issue": "3",
    "page": "45-50",
    "abstract": "<jats:title>Abstract</jats:title><jats:p>Bream pass <jats:italic>most</jats:italic> weirs.</jats:p>",
    "subject": ["Ecology"],
}


def works(*items):
    return json.dumps({"status": "ok", "message-type": "work-list", "message": {"items": items}})


def test_a_work_of_crossref_is_an_article_on_its_study():
    found = article(works(WORK))
    assert (found.title, found.url) == ("Weirs and bream", "https://doi.org/10.1000/jot.123")
    assert found.authors == ("Ann Lee", "Weir Group", "Kim")
    assert found.published_at == datetime(2026, 11, 3, tzinfo=UTC)
    assert found.standfirst == "Bream pass most weirs."
    (reference,) = found.references
    assert reference.doi == "10.1000/JOT.123"
    assert reference.citation == (
        "Ann Lee, Weir Group, Kim. Weirs and bream. Journal of Tides 2026;12(3):45-50. doi:10.1000/JOT.123"
    )


@mark.parametrize(
    ("date", "expected"),
    [([[2026]], datetime(2026, 1, 1, tzinfo=UTC)), ([[2026, 13]], None), ([[None]], None), ([], None), ("x", None)],
)  # fmt: skip
def test_a_work_may_have_part_of_a_date_or_none(date, expected):
    assert article(works({"title": ["One"], "published": {"date-parts": date}})).published_at == expected


def test_works_without_a_title_are_left_out():
    text = works({"DOI": "10.1000/1"}, {"title": []}, "x", WORK)
    assert (
        len(read_document(Document(data=text.encode(), url="https://api.crossref.org/works")).articles) == 1
    )
