"""The inbox of articles in the desk, one article, and its acts."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from newsletter.accounts.actor import acting_as
from newsletter.articles.models import Article, Source
from newsletter.articles.write_article_in_desk import WrittenText, write_article
from newsletter.issues.models import Item
from tests.web.desk.reading import links_in, tags_in

HOSTILE = (
    '<p onclick="alert(1)">Words<script>alert(2)</script></p><img src=x onerror=alert(3) alt=\'" onload="x\'>'
    '<a href="javascript:alert(4)">here</a><style>body{display:none}</style><iframe src="//evil.example"></iframe>'
    '<form action="//evil.example"><input name="password"></form><svg/onload=alert(5)><h1 id="main">Big</h1>'
    '<p style="position:fixed;inset:0">over everything</p>'
)


@pytest.fixture
def ruth(desk_of):
    return desk_of("ruth")


@pytest.fixture
def add(db):
    def add(title="A lifeboat", **fields):
        source = Source.objects.get_or_create(
            name="harbour", defaults={"location": "https://h.example/feed"}
        )[0]
        number = Article.objects.count()
        usual = {"published_at": datetime(2026, 11, 1, tzinfo=UTC) - timedelta(hours=number)}
        usual |= {"found_at": datetime(2026, 11, 1, tzinfo=UTC), "identity": f"{number}", "content_hash": "x"}
        return Article.objects.create(title=title, source=source, **(usual | fields))

    return add


def page(client, address, status=200):
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


def act(client, **fields):
    return client.post("/desk/articles/act/", fields, follow=True)


def test_the_list_says_how_to_begin_when_there_is_nothing(ruth):
    assert "No articles yet" in page(ruth, "/desk/articles/")
    assert "No articles found" in page(ruth, "/desk/articles/?q=zebra")


def test_the_list_names_what_the_layout_asks_for_and_an_article_lacks(ruth, add):
    add(standfirst="A summary", image_url="https://h.example/1.jpg")
    assert "missing" not in page(ruth, "/desk/articles/")
    add("Bare", published_at=None)
    assert "No picture, no summary, no date" in page(ruth, "/desk/articles/")


def test_withdrawn_edited_and_excluded_articles_are_marked_and_found(ruth, add):
    now = datetime(2026, 11, 2, tzinfo=UTC)
    add("Gone", withdrawn_at=now)
    add("Mended", edited_at=now)
    add("Unwanted", excluded=True)
    add("Waiting", waiting_since=now)
    for shown, title, mark in (
        ("withdrawn", "Gone", "Withdrawn by its source"),
        ("excluded", "Unwanted", "Excluded"),
        ("waiting", "Waiting", "Waiting for somebody to check its source"),
    ):
        found = page(ruth, f"/desk/articles/?show={shown}")
        assert (title in found, mark in found, found.count('class="tick"')) == (True, True, 1)
    assert ">Edited<" in page(ruth, "/desk/articles/?q=mended")


@pytest.mark.parametrize(
    "query", ["q=%00", "q=%22", "after=x", "from=x&to=9999-12-31", "period=x", "show=x", "topic=%F0%9F%8C%8A"]
)
def test_no_address_breaks_the_list(ruth, add, query):
    add()
    page(ruth, f"/desk/articles/?{query}")


def test_older_articles_are_on_further_pages_with_the_same_filters(ruth, add):
    for number in range(55):
        add(f"Piece {number}")
    first = page(ruth, "/desk/articles/?q=piece")
    (older,) = [link for link in links_in(first) if link.rel == "next"]
    second = page(ruth, older.href)
    assert (first.count('class="tick"'), second.count('class="tick"')) == (50, 5)


def test_a_selection_is_excluded_and_undone(ruth, add):
    one, two = add("One"), add("Two")
    response = act(ruth, act="exclude", article=[one.pk, two.pk], next="/desk/articles/?q=o")
    assert response.redirect_chain[0] == (f"/desk/articles/?q=o#article-{one.pk}", 303)
    assert "2 articles were excluded." in response.content.decode()
    assert Article.objects.filter(excluded=True).count() == 2
    act(ruth, act="include", articles=f"{one.pk},{two.pk}")
    assert not Article.objects.filter(excluded=True).exists()


def test_the_button_of_one_article_acts_on_that_one_alone(ruth, add):
    one, two = add("One"), add("Two")
    act(ruth, one=f"exclude:{two.pk}", article=[one.pk])
    assert list(Article.objects.filter(excluded=True)) == [two]


def test_articles_go_into_the_chosen_draft_and_out_again(ruth, ruths_draft):
    item = ruths_draft.items.filter(dropped=False).last()
    Item.objects.filter(pk=item.pk).delete()
    where = f"{ruths_draft.publication.slug}/{ruths_draft.number}"
    response = act(ruth, act="add", issue=where, article=[item.article_id])
    assert "1 article was added to" in response.content.decode()
    assert ruths_draft.items.filter(article=item.article_id, dropped=False).exists()
    act(ruth, act="take", issue=where, articles=item.article_id)
    assert not ruths_draft.items.filter(article=item.article_id, dropped=False).exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"act": "exclude"},
        {"act": "x", "article": "1"},
        {"act": "add", "article": "1", "issue": "x"},
        {"one": "exclude:x"},
    ],
)
def test_a_senseless_act_says_what_to_do_and_changes_nothing(ruth, add, fields):
    add()
    response = act(ruth, **fields)
    assert response.status_code in {409, 422}
    assert "Error: Articles" in response.content.decode()
    assert not Article.objects.filter(excluded=True).exists()


def test_an_act_never_leads_away_from_the_desk(ruth, add):
    article = add()
    response = ruth.post(
        "/desk/articles/act/", {"act": "exclude", "article": article.pk, "next": "//evil.example"}
    )
    assert response.headers["Location"] == f"/desk/articles/#article-{article.pk}"


def test_a_hostile_article_does_nothing_on_any_page(ruth, add):
    article = add(
        '<script>alert(0)</script>"><img src=x>',
        body_html=HOSTILE,
        standfirst='<img src=x onerror="alert(6)">',
        topics=['"><script>alert(7)</script>'],
        authors=["<b>x</b>"],
        url="https://h.example/1?a=%22%3E",
    )
    for address in (
        "/desk/articles/",
        f"/desk/articles/{article.pk}/",
        f"/desk/articles/{article.pk}/clicks/",
    ):
        tags = tags_in(page(ruth, address).partition("<main")[2])
        assert not {name for name, _given in tags} & {"script", "style", "iframe", "object", "embed", "img"}
        for name, given in tags:
            assert not [each for each in given if each.startswith("on") or each == "style"], (name, given)
            assert "evil.example" not in "".join(map(str, given.values()))
            assert not str(given.get("href", "")).startswith("javascript:")
            assert given.get("id") != "main"


def test_an_article_shows_everything_that_hangs_on_it(ruth, sent_issue):
    article = sent_issue.items.filter(dropped=False).first().article
    article.references.create(kind="study", citation="Smith 2026", doi="10.1/x")
    article.corrections.create(
        corrected_on=datetime(2026, 11, 2, tzinfo=UTC).date(), text="The dose was wrong."
    )
    shown = page(ruth, f"/desk/articles/{article.pk}/")
    for words in ("Smith 2026", "The dose was wrong.", f"No. {sent_issue.number}", "First seen", "Sent"):
        assert words in shown
    assert "no clicks" in page(ruth, f"/desk/articles/{article.pk}/clicks/")


def test_a_headline_is_changed_for_good_and_undone(ruth, add):
    article = add("At the site", standfirst="Summary")
    shown = page(ruth, f"/desk/articles/{article.pk}/").partition('<section id="change"')[2]
    seen = shown.partition('name="seen" value="')[2].partition('"')[0]
    fields = {"title": "Ours", "standfirst": "Summary", "seen": seen}
    response = ruth.post(f"/desk/articles/{article.pk}/change/", fields, follow=True)
    text = response.content.decode()
    assert "The headline of this article was changed" in text
    assert "On the site: <span" in text
    ruth.post(f"/desk/articles/{article.pk}/put-back/", {"field": "title"})
    article.refresh_from_db()
    assert (article.title, article.as_on_site) == ("At the site", None)


def test_a_conflict_keeps_what_was_typed(ruth, add):
    article = add("At the site")
    response = ruth.post(f"/desk/articles/{article.pk}/change/", {"title": "Typed by me", "seen": "old"})
    assert response.status_code == 409
    assert "Typed by me" in response.content.decode()
    assert "Error: " in response.content.decode().partition("<title>")[2][:10]


def test_writing_shows_errors_beside_their_fields_and_keeps_the_text(ruth):
    response = ruth.post("/desk/articles/write/", {"title": "", "markdown": "My long text"})
    shown = response.content.decode()
    assert response.status_code == 422
    assert "My long text" in shown
    assert 'id="title-error"' in shown
    response = ruth.post("/desk/articles/write/", {"title": "Mine", "markdown": "My long text"}, follow=True)
    assert response.status_code == 200
    assert Article.objects.get().title == "Mine"


def test_two_people_who_edit_one_text_see_both(ruth, people):
    with acting_as(people["ruth"]):
        article = write_article(WrittenText(title="One", markdown="Hers"))
    response = ruth.post(
        f"/desk/articles/{article.pk}/edit/", {"title": "One", "markdown": "His", "seen": "old"}
    )
    shown = response.content.decode()
    assert (response.status_code, "Hers" in shown, "His" in shown) == (409, True, True)


@pytest.mark.parametrize("path", ["act", "1/change", "1/put-back", "1/picture", "1/fetch-picture"])
def test_a_get_on_the_address_of_an_act_leads_to_its_page(ruth, path):
    assert ruth.get(f"/desk/articles/{path}/").status_code == 303


def test_nobody_without_a_role_sees_articles(desk_of, add):
    article = add()
    for address in (
        "/desk/articles/",
        f"/desk/articles/{article.pk}/",
        "/desk/sources/",
        "/desk/articles/add/",
    ):
        assert desk_of("").get(address).status_code == 302
        assert desk_of("sam").get(address).status_code == 403


@pytest.mark.parametrize(
    "address",
    ["/desk/articles/", "/desk/articles/?q=piece&show=unused", "/desk/sources/", "/desk/articles/{}/"],
)
def test_the_pages_take_the_same_queries_for_one_article_and_for_fifty(ruth, add, address):
    first = add("Piece")
    address = address.format(first.pk)
    ruth.get(address)
    few = _queries(ruth, address)
    for number in range(49):
        add(f"Piece {number}")
        Source.objects.create(name=f"s{number}", location=f"https://s{number}.example/feed")
    assert _queries(ruth, address) == few <= 30


def _queries(client, address):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page(client, address)
    return len(queries)


def test_a_short_article_that_was_written_here_shows_its_text_once(desk_of, people):
    with acting_as(people["ruth"]):
        short = write_article(WrittenText(title="One", markdown="Come to the quay."))
        own = write_article(
            WrittenText(title="Two", markdown="Come to the quay.", standfirst="Our own words.")
        )
    assert (
        desk_of("ruth").get(f"/desk/articles/{short.pk}/").content.decode().count("<p>Come to the quay.") == 1
    )
    assert 'class="standfirst"' not in desk_of("ruth").get(f"/desk/articles/{short.pk}/").content.decode()
    assert 'class="standfirst"' in desk_of("ruth").get(f"/desk/articles/{own.pk}/").content.decode()


def test_an_act_on_the_page_of_an_article_stays_on_that_page(ruth, add):
    article = add()
    page = f"/desk/articles/{article.pk}/"
    assert f'name="next" value="{page}"' in ruth.get(page).content.decode()
    for act in ("exclude", "include"):
        answer = ruth.post("/desk/articles/act/", {"act": act, "articles": article.pk, "next": page})
        assert answer.url == page
