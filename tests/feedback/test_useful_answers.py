"""“Was this useful?” counts what a reader of the email confirmed, once a person and article, and nothing else."""

import re
from html import unescape

import pytest
from django.test import Client

from newsletter.feedback.models import UsefulAnswer
from newsletter.feedback.useful_answers import ArticleAnswers, answers_about
from newsletter.rendering.merge_tags import fill_tags
from newsletter.rendering.render_email import render_email
from newsletter.sending.preview_email import preview_of
from newsletter.sending.send_test_emails import current_emails, preview_for_anyone, send_test_emails
from newsletter.tracking.clean_clicked_urls import plain_link
from subscribers import erasure
from subscribers.consent_log import ConsentSource
from subscribers.models import SourceKind, Subscriber, Subscription

pytestmark = pytest.mark.django_db
LINK = re.compile(r'href="([^"]*/useful/[^"]*)"')


def links_in(email):
    return [unescape(link).removeprefix("http://localhost:8000") for link in LINK.findall(email.html)]


@pytest.fixture
def links(posts):
    """The two links in the email of somebody: `links("Ana")["yes"]`."""

    def of(name):
        [envelope] = [each for post in posts for each in post.envelopes if each.person.first_name == name]
        found = links_in(fill_tags(posts[0].email, envelope.person))
        return {link.rstrip("/").rpartition("/")[2]: link for link in found}

    return of


@pytest.fixture
def reader():
    """A browser, which is given no cookie."""
    return Client(enforce_csrf_checks=True)


def answers():
    return dict(UsefulAnswer.objects.values_list("subscriber__first_name", "useful"))


def test_an_email_asks_only_if_the_publication_does(issue):
    email = render_email(issue)
    assert "USEFUL" not in email.html + email.text
    assert "useful" not in email.html + email.text


def test_every_reader_has_links_of_their_own_in_both_versions(posts, links):
    assert set(links("Ana")) == {"yes", "no"}
    assert links("Ana")["yes"] != links("Ben")["yes"]
    [envelope] = [each for post in posts for each in post.envelopes if each.person.first_name == "Ana"]
    text = fill_tags(posts[0].email, envelope.person).text
    assert links("Ana")["yes"] in text
    assert links("Ana")["no"] in text
    assert "*|" not in text


def test_opening_a_link_counts_nothing_and_shows_the_answer_chosen(links, reader):
    for _ in range(3):
        page = reader.get(links("Ana")["no"])
    assert page.status_code == 200
    assert re.search(r'value="no" checked', page.content.decode())
    assert "Tides explained" in page.content.decode()
    assert page["X-Robots-Tag"] == "noindex"
    assert not page.cookies
    assert reader.head(links("Ana")["yes"]).status_code == 200
    assert answers() == {}


def test_a_confirmed_answer_counts_once_and_can_be_changed(asking, links, reader):
    for _ in range(2):
        page = reader.post(links("Ana")["yes"], {"answer": "yes"})
        assert "We have recorded that you found this useful." in page.content.decode()
    reader.post(links("Ben")["yes"], {"answer": "yes"})
    assert answers() == {"Ana": True, "Ben": True}
    reader.post(links("Ana")["yes"], {"answer": "no"})
    assert answers() == {"Ana": False, "Ben": True}
    assert answers_about(asking) == [ArticleAnswers("Tides explained", yes=1, no=1)]


def test_confirming_without_another_choice_gives_the_answer_of_the_link(links, reader):
    reader.post(links("Ana")["no"])
    assert answers() == {"Ana": False}


def test_an_unknown_answer_is_asked_again(links, reader):
    page = reader.post(links("Ana")["no"], {"answer": "perhaps"})
    assert "Confirm your answer" in page.content.decode()
    assert answers() == {}


@pytest.mark.parametrize("change", [("/yes/", "/perhaps/"), ("/useful/harbour/1/", "/useful/harbour/2/")])
def test_a_changed_link_leads_to_nothing(links, reader, change):
    assert reader.post(links("Ana")["yes"].replace(*change), {"answer": "yes"}).status_code in {404, 410}
    assert answers() == {}


def test_a_token_that_was_changed_or_is_for_another_purpose_is_refused(links, reader):
    address = links("Ana")["yes"]
    token = address.split("/")[4]
    other = token[:-1] + ("A" if token[-1] != "A" else "B")
    assert reader.post(address.replace(token, other), {"answer": "yes"}).status_code == 404
    assert answers() == {}


def test_tests_and_previews_ask_but_count_nothing(asking, posts, reader, way_out):
    test_posts = len(way_out.posts)
    send_test_emails(asking, ["ana@example.org", "stranger@example.org"])
    emails = [fill_tags(post.email, post.envelopes[0].person) for post in way_out.posts[test_posts:]]
    emails.append(preview_for_anyone(current_emails(asking).main, asking))
    emails.append(preview_of(asking, Subscription.objects.get(subscriber__first_name="Ana")).email)
    for email in emails:
        assert "*|" not in email.html
        [yes, _no] = links_in(email)
        for page in (reader.get(yes), reader.post(yes, {"answer": "yes"})):
            assert page.status_code == 200
            assert "This was a test email, so your answer is not counted." in page.content.decode()
    assert answers() == {}


def test_only_readers_who_got_the_issue_can_answer(links, reader, posts):
    from newsletter.sending.models import Recipient

    Recipient.objects.filter(subscriber__first_name="Ana").update(state=Recipient.State.REJECTED)
    assert reader.post(links("Ana")["yes"], {"answer": "yes"}).status_code == 410
    assert answers() == {}


def test_an_answer_is_erased_with_the_person_and_in_their_export(links, reader):
    reader.post(links("Ana")["yes"], {"answer": "yes"})
    ana = Subscriber.objects.get(first_name="Ana")
    assert erasure.export_person(ana)["answers"][0]["useful"] is True
    erasure.erase(ana, ConsentSource(SourceKind.EDITOR, "Ruth"))
    assert not UsefulAnswer.objects.exists()
    assert reader.get(links("Ben")["yes"]).status_code == 200


def test_reports_of_clicks_do_not_keep_the_token(links):
    found = plain_link(f"http://localhost:8000{links('Ana')['yes']}")
    assert re.fullmatch(r"http://localhost:8000/useful/harbour/1/…/\d+/yes/", found)


@pytest.mark.parametrize(
    ("language", "words"),
    [("ar", "هل كان هذا مفيدًا؟"), ("cy", "A oedd hyn yn ddefnyddiol?"), ("de", "War das hilfreich?")],
)
def test_the_email_and_the_page_are_in_the_language_of_the_publication(
    asking, publication, join, way_out, reader, language, words
):
    from newsletter.sending.batches import send_next_batch
    from tests.sending.planned_mailing import planned_mailing

    publication.language = language
    publication.save()
    join("ana")
    planned_mailing(asking)
    while send_next_batch():
        pass
    [post] = way_out.posts
    email = fill_tags(post.email, post.envelopes[0].person)
    assert words in email.html
    assert words in email.text
    page = reader.get(links_in(email)[0]).content.decode()
    assert words in page
    assert f'<html lang="{language}"' in page


def test_an_old_link_gives_nobody_else_s_answer_after_a_rollback(links, reader):
    address = links("Ana")["yes"]
    Subscriber.objects.filter(first_name="Ana").update(link_nonce=1)
    assert reader.post(address, {"answer": "yes"}).status_code == 410
    assert answers() == {}
