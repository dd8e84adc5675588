"""A fetch takes up to half a minute. What others do to the row of its source meanwhile stays done."""

import threading
from contextlib import contextmanager

from django.db import connection
from pytest import fixture, mark, raises

from newsletter.articles.add_source import add_source
from newsletter.articles.fetch_sources import fetch_sources
from newsletter.articles.models import Article, Source
from newsletter.articles.sources import describe_source, remove_source
from newsletter.errors import Invalid, NotFound
from newsletter.issues.load_publication import load_publication_file
from newsletter.issues.models import Publication
from tests.fakes.source import feed, item

pytestmark = mark.django_db(transaction=True)
BODY = feed([item(1), item(2)])
PUBLICATION = """
slug = "weekly"
name = "Weekly"
organisation = "Charity"
website = "https://charity.example/"
postal_address = "1 Street"
sender_name = "Charity"
sender_address = "news@charity.example"
"""


@fixture
def source(site):
    site.serve_with_validators("/feed", BODY)
    return add_source(site.url("/feed"), name="charity")


@fixture
def meanwhile(site):
    """Do something by another connection while the source is asked: `with meanwhile(act):`."""

    @contextmanager
    def while_asked(act):
        troubles = []
        done = threading.Event()

        def by_another_connection():
            if done.is_set():
                return
            try:
                act()
            except Exception as error:  # noqa: BLE001 - told in the test's own thread
                troubles.append(error)
            finally:
                done.set()
                connection.close()

        site.before_answering = by_another_connection
        yield
        site.before_answering = lambda: None
        assert done.is_set()
        assert not troubles

    return while_asked


def test_a_source_removed_while_it_says_that_nothing_changed_stays_removed(source, meanwhile):
    fetch_sources([source])
    Article.objects.all().delete()
    with meanwhile(lambda: remove_source("charity")):
        (report,) = fetch_sources([Source.objects.get()])
    assert "was removed while we were fetching it" in report.error
    assert not Source.objects.exists()


@mark.parametrize("unchanged", [True, False])
def test_a_source_retired_while_it_is_fetched_stays_retired(source, meanwhile, unchanged):
    if unchanged:
        fetch_sources([source])

    def retire():
        Source.objects.filter(name="charity").update(active=False, name="charity-removed-1")

    with meanwhile(retire):
        (report,) = fetch_sources([Source.objects.get()])
    assert "was removed while we were fetching it" in report.error
    retired = Source.objects.get()
    assert (retired.active, retired.name, retired.error, retired.failures) == (
        False,
        "charity-removed-1",
        "",
        0,
    )
    assert Article.objects.count() == (2 if unchanged else 0)


def test_a_source_that_fails_after_it_was_retired_counts_no_failure(site, source, meanwhile):
    site.fail("/feed", 500)
    with meanwhile(lambda: Source.objects.update(active=False)):
        fetch_sources([source])
    assert (Source.objects.get().failures, Source.objects.get().next_attempt_at) == (0, None)


def test_a_source_gets_no_language_that_does_not_exist_and_keeps_its_own(source):
    with raises(Invalid, match="“xx-nonsense” is not a language tag"):
        describe_source(Source.objects.get(), title="By hand", language="xx-nonsense")
    Source.objects.update(language="xx-nonsense")
    describe_source(Source.objects.get(), title="By hand", language="xx-nonsense")
    assert Source.objects.get().title == "By hand"


def test_the_title_and_language_given_during_a_fetch_stay(source, meanwhile):
    def describe():
        describe_source(Source.objects.get(), title="By hand", language="cy")

    with meanwhile(describe):
        (report,) = fetch_sources([Source.objects.get()])
    assert report.counts.added == 2
    assert (report.source.title, report.source.language) == ("By hand", "cy")
    edited = Source.objects.get()
    assert (edited.title, edited.language, edited.error) == ("By hand", "cy", "")
    assert edited.fetched_at


def test_a_neighbour_removed_during_a_fetch_leaves_this_source_to_be_read_again(site, source, meanwhile):
    """Both have the same pieces. Those of the removed one are this one's now, which must not answer 304 for them."""
    site.serve("/same", BODY)
    neighbour = add_source(site.url("/same"), name="neighbour")
    fetch_sources([neighbour])
    fetch_sources([source])
    with meanwhile(lambda: remove_source("neighbour")):
        fetch_sources([Source.objects.get(name="charity")])
    fetch_sources([Source.objects.get()])
    assert Article.objects.filter(source=source).count() == 2


def test_credentials_are_not_given_to_a_source_that_moved_while_it_was_asked(site, source, meanwhile):
    elsewhere = site.url("/feed").replace("127.0.0.1", "localhost")
    with (
        meanwhile(lambda: Source.objects.update(location=elsewhere)),
        raises(NotFound, match="changed or removed"),
    ):
        add_source(site.url("/feed").replace("//", "//name:secret@"))
    assert Source.objects.get().credentials == ""


def test_a_publication_edited_while_its_sources_are_looked_at_keeps_the_edit(site, meanwhile, tmp_path):
    site.serve("/feed", BODY)
    file = tmp_path / "weekly.toml"
    file.write_text(PUBLICATION)
    load_publication_file(file)
    with file.open("a") as more:
        more.write(f'[[sources]]\nlocation = "{site.url("/feed")}"\n')
    with meanwhile(lambda: Publication.objects.update(tagline="By hand")):
        load_publication_file(file)
    assert Publication.objects.get().tagline == "By hand"
    assert Source.objects.exists()
