"""A source that changes shape: its new articles wait until it is as before or a person accepts the change."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.articles.add_source import add_source
from newsletter.articles.fetch_sources import fetch_sources
from newsletter.articles.models import Article, Source
from newsletter.articles.pause_articles_of_redesigned_sources import accept_change, waiting_articles
from newsletter.errors import Refused
from newsletter.issues.compose import compose
from newsletter.issues.edit_issue_articles import add
from newsletter.issues.item_order import items_to_print
from newsletter.issues.recompose import recompose_issue
from tests.fakes.source import feed
from tests.issues.conftest import make_publication  # noqa: F401 - a fixture of the next stage

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
DAY = timedelta(days=1)
LONG = "The harbour has a new lifeboat, and everybody may look at it. " * 12


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def publish(site, clock):
    """Serve entries as the feed of one source, and fetch it an hour later."""

    def publish_and_fetch(entries):
        site.serve("/feed", feed(entries))
        source = Source.objects.first() or add_source(site.url("/feed"), name="charity")
        clock.shift(timedelta(hours=1))
        [report] = fetch_sources([source])
        assert report.error == ""
        return report

    return publish_and_fetch


def entry(number, *, host="charity.example", path="news", guid=None, title=None, text=None, day=None):
    """One entry; number 20 is published later than number 1."""
    date = NOW - 40 * DAY + (number if day is None else day) * DAY
    slug = f"what-happened-in-story-{number}"
    parts = [
        f"<title>{f'Story number {number}' if title is None else title}</title>",
        f"<link>https://{host}/{path}/{slug}</link>",
        f'<guid isPermaLink="false">{guid or f"guid-{number}"}</guid>',
        "" if day == 0 else f"<pubDate>{date:%a, %d %b %Y %H:%M:%S} +0000</pubDate>",
        f"<description><![CDATA[{f'<p>{number}. {LONG}</p>' if text is None else text}]]></description>",
    ]
    return f"<item>{''.join(parts)}</item>"


def entries(*numbers, **changes):
    return [entry(number, **changes) for number in sorted(numbers, reverse=True)]


USUAL = range(1, 11)
NEXT = range(2, 12)


def another(number):
    """An old piece that has another title, address, GUID and text after the redesign."""
    return entry(
        number,
        path="archive",
        guid=f"new-{number}",
        title=f"{number} retold",
        text=f"<p>Retold {number}. {LONG}</p>",
    ).replace("what-happened-in-story", "retold")


REDESIGNS = {
    "no longer have any text": entries(*NEXT, text=""),
    "no longer have a date": entries(*NEXT, day=0),
    "same title": entries(*NEXT, title="Harbour news"),
    "much shorter than before": [entry(number, text=f"<p>{number}. {LONG[:300]}</p>") for number in NEXT],
    "We do not have most of these articles yet": [another(number) for number in USUAL],
    "addresses of articles that we fetched earlier": [
        entry(number, host="new.example", path="stories", guid=f"new-{number}") for number in NEXT
    ],
}


@pytest.mark.parametrize("sentence", REDESIGNS)
def test_after_a_redesign_new_articles_wait_and_known_ones_stay_as_they_were(publish, sentence):
    publish(entries(*USUAL))
    before = list(Article.objects.order_by("pk").values())
    report = publish(REDESIGNS[sentence])
    source = Source.objects.get()
    assert sentence in source.change
    assert source.changed_since
    assert report.counts.added == report.counts.waiting == waiting_articles(source).count() > 0
    assert list(Article.objects.filter(waiting_since=None).order_by("pk").values()) == before


@pytest.mark.parametrize("sentence", REDESIGNS)
def test_a_source_stays_changed_until_it_is_as_before(publish, sentence):
    publish(entries(*USUAL))
    publish(REDESIGNS[sentence])
    since = Source.objects.get().changed_since
    publish([*REDESIGNS[sentence], entry(0, text="", title="Harbour news", guid="x")])
    assert Source.objects.get().changed_since == since
    publish(entries(*NEXT))
    source = Source.objects.get()
    assert (source.change, source.changed_since) == ("", None)
    assert Article.objects.get(title="Story number 11", waiting_since=None).body_html


@pytest.mark.parametrize("sentence", REDESIGNS)
def test_an_accepted_change_is_how_the_source_usually_is(publish, sentence):
    publish(entries(*USUAL))
    publish(REDESIGNS[sentence])
    assert accept_change(Source.objects.get()) > 0
    publish(REDESIGNS[sentence])
    publish(REDESIGNS[sentence][1:])
    source = Source.objects.get()
    assert (source.change, source.changed_since) == ("", None)
    assert not waiting_articles(source).exists()


HARMLESS = {
    "three entries": (
        [entry(1), entry(2), entry(3)],
        [entry(4, text=""), entry(5, text=""), entry(6, text="")],
    ),
    "never a date": (entries(*USUAL, day=0), entries(*NEXT, day=0)),
    "a quiet week": (entries(*USUAL), entries(*USUAL)),
    "one piece": (entries(*USUAL), entries(*NEXT)),
    "a burst of news": (entries(*USUAL), entries(*range(11, 31))),
    "a burst of shorter news": (
        entries(*USUAL),
        [
            *(entry(number, text=f"<p>{number}. {LONG[:250]}</p>") for number in range(11, 17)),
            *entries(*range(7, 11)),
        ],
    ),
    "full texts": (
        [entry(number, text=f"<p>{number}. {LONG[:200]}</p>") for number in USUAL],
        entries(*NEXT),
    ),
    "https": (entries(*USUAL), [each.replace("https:", "http:") for each in entries(*NEXT)]),
    "fewer entries": (entries(*USUAL), entries(*range(6, 12))),
    "the same day": (entries(*USUAL, day=30), entries(*range(11, 21), day=30)),
    "dates at last": (entries(*USUAL, day=0), entries(*NEXT)),
    "one text missing": (entries(*USUAL), [entry(11, text=""), *entries(*USUAL)]),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_any_source_may_do_is_no_change(publish, name):
    first, second = HARMLESS[name]
    publish(first)
    publish(second)
    assert (Source.objects.get().change, waiting_articles(Source.objects.get()).count()) == ("", 0)


def test_a_source_without_dates_may_have_a_week_of_news_alone(publish):
    publish(entries(*USUAL, day=0))
    publish(entries(*range(11, 21), day=0))
    assert Source.objects.get().change == ""


def test_a_source_whose_documents_always_bring_other_old_articles_may_do_so(publish):
    publish(entries(*range(1, 21)))
    for start in (21, 25, 29):
        publish([*entries(*range(1, 5)), *entries(*range(start, start + 6))])
    for start in (40, 50):
        publish(entries(*range(start, start + 10), day=1))
        assert Source.objects.get().change == ""


def test_texts_that_are_lost_one_entry_at_a_time_are_noticed(publish):
    publish(entries(*USUAL))
    for newest in range(11, 21):
        bare = [entry(number, text="") for number in range(newest, 10, -1)]
        publish([*bare, *entries(*range(newest - 9, 11))])
    assert "no longer have any text" in Source.objects.get().change


def test_guids_that_are_new_in_each_document_are_how_that_source_is(publish):
    for round_number in range(4):
        publish([entry(number, guid=f"{round_number}-{number}") for number in USUAL])
        assert Source.objects.get().change == ""


def test_addresses_that_are_new_in_each_document_are_how_that_source_is(publish):
    for round_number in range(4):
        each = [entry(number).replace("</link>", f"?session={round_number}</link>") for number in USUAL]
        publish([re.sub("<guid.*?</guid>", "", one) for one in each])
        assert Source.objects.get().change == ""
    assert Article.objects.count() == len(USUAL)


def test_new_guids_alone_are_noticed_where_they_used_to_stay(publish):
    publish(entries(*USUAL))
    publish(entries(*NEXT))
    publish([entry(number, guid=f"urn:{number}") for number in range(3, 13)])
    assert "identifiers (GUIDs)" in Source.objects.get().change


@pytest.mark.parametrize("host", ["charity.example", "new.example"])
@pytest.mark.parametrize("count", [2, 12])
def test_a_site_that_moved_and_cut_its_texts_brings_no_article_again(publish, host, count):
    publish(entries(*range(1, count + 1)))
    publish(
        [
            entry(
                number,
                host=host,
                path="2026/stories",
                guid=f"new-{number}",
                text=f"<p>In short, {number}.</p>",
            )
            for number in range(1, count + 1)
        ]
    )
    assert Article.objects.count() == count


def test_an_old_article_that_nothing_recognises_is_not_news_once_the_change_is_accepted(publish):
    publish(entries(*USUAL))
    publish([another(number) for number in USUAL])
    accept_change(Source.objects.get())
    assert all(
        article.found_at == article.published_at for article in Article.objects.filter(guid__startswith="new")
    )


@pytest.mark.parametrize("day", [None, 0])
def test_no_issue_has_old_articles_again_after_a_redesign(publish, make_publication, clock, day):  # noqa: F811
    weekly = make_publication()
    publish(entries(*range(25, 40), day=day))
    publish(entries(*range(26, 41), day=day))
    compose(weekly)
    redesigned = [another(number) for number in range(26, 41)]
    if day == 0:
        redesigned = [re.sub("<pubDate>.*?</pubDate>", "", each) for each in redesigned]
    publish(redesigned)
    with pytest.raises(Refused, match="15 articles are waiting for somebody to check their source"):
        compose(weekly)
    accept_change(Source.objects.get())
    publish(redesigned)
    with pytest.raises(Refused, match="not find any new articles"):
        compose(weekly)
    clock.shift(3 * DAY)
    publish([entry(41, path="archive", day=42), *redesigned])
    assert [item.article.title for item in items_to_print(compose(weekly))] == ["Story number 41"]


def titles_of(issue):
    return [item.article.title for item in items_to_print(issue)]


@pytest.mark.parametrize(
    "sentence", [each for each in REDESIGNS if "We do not have most of these" not in each]
)
def test_what_waited_during_an_issue_is_in_the_next_one_after_acceptance(
    publish,
    make_publication,  # noqa: F811
    clock,
    sentence,
):
    weekly = make_publication()
    publish(entries(*USUAL))
    publish(REDESIGNS[sentence])
    [waiting] = waiting_articles(Source.objects.get())
    assert waiting.title not in titles_of(compose(weekly))
    clock.shift(DAY)
    accept_change(Source.objects.get())
    assert titles_of(compose(weekly)) == [waiting.title]
    clock.shift(DAY)
    publish(REDESIGNS[sentence])
    with pytest.raises(Refused, match="not find any new articles"):
        compose(weekly)


@pytest.mark.parametrize(
    "sentence", [each for each in REDESIGNS if "We do not have most of these" not in each]
)
def test_what_waited_during_an_issue_is_in_the_next_one_when_the_source_is_as_before(
    publish,
    make_publication,  # noqa: F811
    sentence,
):
    weekly = make_publication()
    publish(entries(*USUAL))
    publish(REDESIGNS[sentence])
    [waiting] = waiting_articles(Source.objects.get())
    compose(weekly)
    publish(entries(*NEXT))
    assert [item.article_id for item in items_to_print(compose(weekly))] == [waiting.pk]
    publish(entries(*NEXT))
    with pytest.raises(Refused, match="not find any new articles"):
        compose(weekly)


def test_a_new_article_among_old_ones_under_new_addresses_is_in_the_next_issue(
    publish,
    make_publication,  # noqa: F811
    clock,
):
    weekly = make_publication()
    publish(entries(*range(25, 40)))
    publish(entries(*range(26, 41)))
    clock.shift(DAY)
    publish([entry(41, path="archive", day=40.5), *(another(number) for number in range(26, 41))])
    assert waiting_articles(Source.objects.get()).count() == 16
    compose(weekly)
    clock.shift(DAY)
    accept_change(Source.objects.get())
    assert titles_of(compose(weekly)) == ["Story number 41"]


def test_old_articles_stay_old_news_when_the_change_ends_by_itself(publish, make_publication):  # noqa: F811
    weekly = make_publication()
    publish(entries(*range(25, 40)))
    publish(entries(*range(26, 41)))
    compose(weekly)
    retold = [another(number) for number in range(26, 41)]
    publish(retold)
    publish([*entries(*range(26, 41)), *retold[:5]])
    assert Source.objects.get().change == ""
    with pytest.raises(Refused, match="not find any new articles"):
        compose(weekly)


def test_a_weekly_title_is_another_article_each_week(publish):
    def thread(number):
        return (
            entry(number, title="Open thread")
            .replace(f"story-{number}", "thread")
            .replace("/news/", f"/{number}/")
        )

    publish([thread(number) for number in range(1, 6)])
    publish([thread(number) for number in range(6, 11)])
    assert Article.objects.count() == 10


def test_only_an_editor_accepts_and_only_what_has_changed(publish):
    publish(entries(*USUAL))
    source = Source.objects.get()
    with pytest.raises(Refused, match="has not changed"):
        accept_change(source)
    publish(REDESIGNS["no longer have any text"])
    with acting_as(Actor("guest")), pytest.raises(Refused, match="editor"):
        accept_change(source)
    with acting_as(Actor("ruth", frozenset({Role.EDITOR}))):
        assert accept_change(source) == 1


def test_no_draft_takes_what_waits_unless_an_editor_adds_it(publish, make_publication):  # noqa: F811
    publish(entries(*USUAL))
    publish(REDESIGNS["no longer have any text"])
    [waiting] = waiting_articles(Source.objects.get())
    issue = compose(make_publication())
    assert waiting.pk not in [item.article_id for item in items_to_print(issue)]
    add(issue, waiting.pk)
    recompose_issue(issue)
    assert waiting.pk in [item.article_id for item in items_to_print(issue)]


def test_an_editor_accepts_a_change_in_the_browser(publish, admin_client):
    publish(entries(*USUAL))
    publish(REDESIGNS["no longer have any text"])
    address = "/admin/newsletter/source/"
    assert "no longer have any text" in admin_client.get(address).content.decode()
    chosen = {"action": "accept_changes", "_selected_action": [Source.objects.get().pk]}
    answer = admin_client.post(address, chosen, follow=True).content.decode()
    assert "can now be used in issues: 1." in answer
    assert Source.objects.get().change == ""


def test_commands_show_the_change_and_accept_it(publish, cli):
    publish(entries(*USUAL))
    publish(REDESIGNS["no longer have a date"])
    assert "accept-change charity" in cli("sources", "list").out
    assert "no longer have a date" in cli("sources", "show", "charity").out
    assert "waiting" in cli("articles", "list").out
    assert "can now be used in issues: 1." in cli("sources", "accept-change", "charity").out
    assert "accept-change" not in cli("sources", "list").out
    assert "nothing to accept" in cli("sources", "accept-change", "charity").err
