"""A Ghost site as a source: its Content API, and the key that nobody sees."""

import json

from pytest import fixture, mark, raises

from newsletter.articles.add_source import add_source
from newsletter.articles.fetch_sources import fetch_named, fetch_sources
from newsletter.articles.models import Article, Source
from newsletter.articles.sources import find_source
from newsletter.articles.store_articles import Counts
from newsletter.errors import Invalid, NewsletterError
from newsletter.issues.models import AuditEntry

pytestmark = mark.django_db
KEY = "22444f78447824223cefc48062"
POSTS = "/ghost/api/content/posts/?include=authors,tags&limit=100"
JSON = {"Content-Type": "application/json"}


def post(number, **changes):
    return {
        "uuid": f"uuid-{number}",
        "title": f"Piece {number}",
        "html": f"<p>What piece {number} says is told here.</p>",
        "url": f"https://charity.example/piece-{number}/",
        "visibility": "public",
        "access": True,
        "published_at": f"2026-10-{number:02d}T09:00:00.000+00:00",
        "custom_excerpt": None,
        "excerpt": "What piece",
        "feature_image": "https://charity.example/content/images/harbour.jpg",
        "feature_image_alt": "The harbour",
        "authors": [{"name": "Ann Lee"}, {"name": "Bo Kim"}],
        "tags": [
            {"name": "Harbours", "visibility": "public"},
            {"name": "#carousel", "visibility": "internal"},
        ],
    } | changes


def answer(posts, following=None):
    meta = {"pagination": {"page": 1, "limit": 100, "pages": 2, "next": following, "prev": None}}
    return json.dumps({"posts": posts, "meta": meta}).encode()


@fixture
def ghost(site):
    site.serve(f"{POSTS}&key={KEY}", answer([post(28), post(27)], 2), headers=JSON | {"ETag": '"1"'})
    site.serve(f"{POSTS}&page=2&key={KEY}", answer([post(26)]), headers=JSON)
    return site


def with_key(site, path="/", key=KEY):
    return site.url(path).replace("http://", f"http://{key}@")


def test_a_site_and_its_key_are_enough_and_all_pages_are_read(ghost):
    source = add_source(with_key(ghost), name="ghost", kind="ghost")
    source.refresh_from_db()
    assert (source.kind, source.location, source.credentials) == ("ghost", ghost.url(POSTS), KEY)
    assert fetch_sources([source])[0].counts == Counts(added=3)
    article = Article.objects.get(title="Piece 28")
    assert (article.authors, article.topics) == (["Ann Lee", "Bo Kim"], ["Harbours"])
    assert article.image_alt == "The harbour"
    assert article.standfirst == "What piece 28 says is told here."


def test_the_address_of_the_api_is_enough_and_is_kept_without_the_key(ghost):
    address = ghost.url(f"/ghost/api/content/posts/?key={KEY}")
    source = add_source(address, name="ghost")
    assert (source.kind, source.location, source.credentials) == ("ghost", ghost.url(POSTS), KEY)
    assert find_source(address) == source
    assert fetch_named([address])[0].counts.added == 3


@mark.parametrize(
    "hiding",
    [{"visibility": "members"}, {"visibility": "paid"}, {"visibility": "tiers"}, {"visibility": None},
     {"access": False}, {"email_only": True}, {"status": "sent"}, {"published_at": "2999-01-01T00:00:00Z"}],
)  # fmt: skip
def test_a_post_that_is_not_for_everybody_is_not_read_and_withdrawn_if_it_was(ghost, hiding):
    source = add_source(with_key(ghost), kind="ghost")
    fetch_sources([source])
    ghost.serve(f"{POSTS}&key={KEY}", answer([post(28, **hiding), post(27)]), headers=JSON)
    (report,) = fetch_sources([Source.objects.get()])
    assert report.counts.withdrawn == 1
    assert Article.objects.get(title="Piece 28").withdrawn_at


def test_a_key_that_ghost_refuses_is_asked_for_in_one_sentence(site):
    site.fail(f"{POSTS}&key={KEY}", 401)
    with raises(NewsletterError, match=r"does not accept the Content API key \(401\)") as refused:
        add_source(with_key(site), kind="ghost")
    assert KEY not in str(refused.value)


def test_without_a_key_the_sentence_says_where_to_find_one(site):
    with raises(Invalid, match="Settings, then Integrations"):
        add_source(site.url("/"), kind="ghost")
    assert not site.requests


def test_a_new_key_replaces_the_old_one_after_it_was_tried(ghost):
    add_source(with_key(ghost), name="ghost", kind="ghost")
    with raises(NewsletterError):
        add_source(with_key(ghost, key="wrong"), kind="ghost")
    assert Source.objects.get().credentials == KEY
    ghost.serve(f"{POSTS}&key=other", answer([post(28)]), headers=JSON)
    add_source(with_key(ghost, key="other"), kind="ghost")
    assert Source.objects.get().credentials == "other"


def test_a_redirect_that_repeats_the_key_keeps_it_out_of_the_address(ghost):
    ghost.redirect(f"{POSTS}&key={KEY}", f"/news{POSTS}&key={KEY}", status=301)
    ghost.serve(f"/news{POSTS}&key={KEY}", answer([post(28)]), headers=JSON)
    assert add_source(with_key(ghost), kind="ghost").location == ghost.url(f"/news{POSTS}")


def test_another_host_never_gets_the_key(ghost, web_ipv6, configured):
    configured(fetch_allow_hosts=("127.0.0.1", "::1"))
    ghost.redirect(f"{POSTS}&key={KEY}", web_ipv6.url(f"{POSTS}&key={KEY}"))
    web_ipv6.answers.serve(POSTS, answer([post(28)]), headers=JSON)
    add_source(with_key(ghost), kind="ghost")
    assert [path for path, _headers in web_ipv6.answers.requests] == [POSTS]


def test_no_command_log_or_audit_entry_shows_the_key(ghost, cli, caplog):
    caplog.set_level("DEBUG")
    address = ghost.url(f"/ghost/api/content/posts/?key={KEY}")
    said = [cli("sources", "add", address, "--name", "ghost"), cli("sources", "add", address)]
    said += [cli("sources", "show", "ghost", "--json"), cli("sources", "list"), cli("sources", "export")]
    said += [cli("articles", "fetch", "ghost"), cli("articles", "fetch", address)]
    ghost.fail(f"{POSTS}&key={KEY}", 500)
    said += [cli("articles", "fetch", address), cli("sources", "show", "ghost"), cli("articles", "fetch")]
    said += [cli("sources", "remove", address), cli("sources", "remove", address)]
    said += [cli("sources", "add", f"nowhere.example/ghost/api/content/posts/?key={KEY}")]
    said += [cli("sources", "add", f"ftp://x.example/ghost/api/content/posts/?key={KEY}")]
    text = "".join(each.out + each.err for each in said) + caplog.text
    text += "".join(f"{each.sentence}{each.changes}" for each in AuditEntry.objects.all())
    assert "ghost/api" in text
    assert KEY not in text
