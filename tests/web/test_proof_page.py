"""The page behind a proof link: what it shows, what it stores, and what it never tells."""

import re
from html import unescape

import pytest

from newsletter.issues.edit_issue_articles import set_headline
from newsletter.logs import RedactingFormatter
from newsletter.proof.models import ProofComment, Signature
from newsletter.proof.proof_links import make_proof_link, revoke_proof_link
from tests.scheduling.conftest import by, ruth  # noqa: F401 - the editor


@pytest.fixture
def link(draft, ruth, by):  # noqa: F811
    return by(ruth, make_proof_link, draft, "Dr Okafor").link


@pytest.fixture
def page(link):
    return f"/proof/{link.token}/"


@pytest.fixture
def article(draft):
    return f"article-{draft.items.get(lead=True).article_id}"


def form_of(html, part, act):
    """The hidden fields of a form on the page, as a browser sends them, with the button `act`."""
    for form in re.findall(r"(?s)<form.*?</form>", html):
        fields = {
            unescape(name): unescape(value)
            for name, value in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form)
        }
        if f'value="{act}"' in form and fields.get("part") == part:
            return {**fields, "act": act}
    raise AssertionError(f"The page has no form for {act} of {part}.")


def test_the_page_shows_the_email_and_its_parts_to_the_named_person(client, page, draft, article):
    response = client.get(page)
    html = response.content.decode()
    assert response.status_code == 200
    assert "Hello <bdi>Dr Okafor</bdi>" in html
    assert f'src="{page}email/"' in html
    assert f'id="part-{article}"' in html
    assert client.get(f"{page}email/").content.decode().startswith("<!DOCTYPE html>")
    assert draft.items.get(lead=True).article.title in client.get(f"{page}text/").content.decode()


@pytest.mark.parametrize("path", ["", "email/", "text/"])
def test_no_page_is_indexed_cached_or_told_to_other_sites(client, page, path):
    response = client.get(page + path)
    assert "noindex" in response["X-Robots-Tag"]
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]
    assert "script" not in response["Content-Security-Policy"].replace("script-src 'self'", "")
    assert not response.cookies
    if not path:
        assert '<meta name="robots" content="noindex, nofollow">' in response.content.decode()


def test_the_email_has_no_link_that_outlives_the_proof_link(client, page):
    html = client.get(f"{page}email/").content.decode()
    assert "trial=" not in html
    assert page in html


def test_a_comment_on_a_sentence_with_other_words(client, page, article):
    html = client.get(page).content.decode()
    address = unescape(re.search(rf'href="(\?part={article}&amp;field=blurb&amp;sentence=1)#write"', html)[1])
    written = client.get(page + address).content.decode()
    fields = form_of(written, article, "comment")
    assert fields["quote"] in unescape(written)
    sent = {**fields, "text": "Too sure.", "suggestion": "It may help."}
    for _ in range(2):
        response = client.post(page, sent)
        assert (response.status_code, response["Location"]) == (303, f"{page}?done=comment&at={article}#done")
    row = ProofComment.objects.get()
    assert (row.quote, row.suggestion, row.text) == (fields["quote"], "It may help.", "Too sure.")
    shown = client.get(response["Location"]).content.decode()
    assert "It may help." in shown
    assert "Your comment was saved" in shown


def test_what_was_typed_stays_after_an_error(client, page, article):
    html = client.get(f"{page}?part={article}").content.decode()
    response = client.post(page, {**form_of(html, article, "comment"), "text": "x" * 2001})
    assert response.status_code == 422
    assert "x" * 2001 in response.content.decode()
    assert "Enter up to 2,000 characters" in response.content.decode()
    assert "<title>Error: " in response.content.decode()


def test_a_reply(client, page, article):
    html = client.get(f"{page}?part={article}").content.decode()
    client.post(page, {**form_of(html, article, "comment"), "text": "Why?"})
    number = ProofComment.objects.get().pk
    html = client.get(f"{page}?reply_to={number}").content.decode()
    fields = form_of(html, article, "comment")
    assert fields["reply_to"] == str(number)
    assert client.post(page, {**fields, "text": "Because."})["Location"].startswith(f"{page}?done=reply")
    assert "Because." in client.get(page).content.decode()


@pytest.mark.parametrize("number", ["999999999", "9" * 40, "-1", "one", "٣"])
def test_a_reply_to_nothing_is_refused(client, page, article, number):
    response = client.post(page, {"act": "comment", "part": article, "reply_to": number, "text": "Hm"})
    assert response.status_code in {404, 409}
    assert not ProofComment.objects.exists()


def test_a_signature_and_its_end(client, page, draft, article):
    fields = form_of(client.get(page).content.decode(), article, "sign")
    assert client.post(page, fields)["Location"] == f"{page}?done=sign&at={article}#done"
    html = client.get(f"{page}?done=sign&at={article}").content.decode()
    assert "signed this part" in html
    # The page is long, so it says what came of an act in the part that it was about.
    assert html.count('id="done"') == html.split(f'id="part-{article}"')[1].count('id="done"') == 1
    set_headline(draft, int(article.removeprefix("article-")), "Another headline")
    html = client.get(page).content.decode()
    assert "signed an earlier version" in html
    refused = client.post(page, fields)
    assert refused.status_code == 409
    assert "<strong>Error:</strong>" in refused.content.decode().split(f'id="part-{article}"')[1]
    client.post(page, form_of(html, article, "sign"))
    client.post(page, form_of(client.get(page).content.decode(), article, "withdraw"))
    assert not Signature.objects.exists()


def test_scripts_in_comments_are_text(client, page, article):
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    client.post(page, {"act": "comment", "part": article, "text": hostile})
    html = client.get(page).content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


@pytest.mark.parametrize(
    "fields",
    [
        {"act": "comment", "part": "no-such-part", "text": "x"},
        {"act": "comment", "part": "email", "field": "blurb", "quote": "not there", "text": "x"},
        {"act": "sign", "part": "email", "seen": "0" * 64},
        {"act": "sign", "part": "\0", "seen": ""},
        {"act": "nonsense"},
        {},
    ],
)
def test_a_forged_form_stores_nothing(client, page, fields):
    response = client.post(page, fields)
    assert response.status_code in {409, 422}
    assert not ProofComment.objects.exists()
    assert not Signature.objects.exists()


def test_guessed_links_all_get_the_same_page_until_they_have_to_wait(client, page):
    guesses = [client.get(f"/proof/A{number:043}/") for number in range(6)]
    assert [each.status_code for each in guesses] == [404] * 5 + [429]
    assert len({each.content for each in guesses[:5]}) == 1
    assert "noindex" in guesses[0]["X-Robots-Tag"]
    assert client.get(page).status_code == 200


def test_a_revoked_link_says_so_and_nothing_about_the_issue(client, page, link, draft, ruth, by):  # noqa: F811
    by(ruth, revoke_proof_link, draft, link.pk)
    for path in (page, f"{page}email/", f"{page}text/"):
        response = client.get(path)
        html = response.content.decode()
        assert response.status_code == 410
        assert "has revoked it" in html
        for secret in (draft.subject, draft.publication.name, link.name, "ruth"):
            assert secret not in html
    written = {
        "act": "comment",
        "part": "email",
        "text": "<b>Too sure",
        "quote": "?",
        "suggestion": "It may help",
    }
    response = client.post(page, written)
    assert response.status_code == 410
    assert "&lt;b&gt;Too sure\n\nIt may help" in response.content.decode()
    assert not ProofComment.objects.exists()


def test_a_flood_of_comments_is_told_to_wait(client, page, monkeypatch):
    monkeypatch.setattr("newsletter.proof.reviewer_limits.ACTS_OF_LINK", 1)
    client.post(page, {"act": "comment", "part": "email", "text": "One"})
    response = client.post(page, {"act": "comment", "part": "email", "text": "Two"})
    assert response.status_code == 429
    assert "Two" in response.content.decode()
    assert ProofComment.objects.count() == 1


def test_a_flood_of_pages_is_told_to_wait(client, page, monkeypatch):
    monkeypatch.setattr("newsletter.proof.reviewer_limits.VIEWS_OF_LINK", 1)
    assert client.get(page).status_code == 200
    response = client.get(page)
    assert (response.status_code, response["Retry-After"]) == (429, "3600")


def test_no_log_has_the_token(page, link):
    line = RedactingFormatter().without_secrets(f"GET {page}?part=email 500")
    assert link.token not in line


def test_an_email_that_cannot_be_made_is_said_without_details(client, page, draft):
    type(draft.publication).objects.update(accent_colour="#nope")
    response = client.get(page)
    assert response.status_code == 200
    assert "cannot show the email at the moment" in response.content.decode()
    assert client.get(f"{page}email/").status_code == 503
