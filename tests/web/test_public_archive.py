"""What anybody can read: the issues that went out, and nothing else."""

import pytest

from newsletter.accounts.first_account_link import new_setup_token
from newsletter.issues.models import Issue, Publication
from newsletter.sending.models import Variant
from subscribers import signed_links
from subscribers.signed_links import Purpose

pytestmark = pytest.mark.django_db


def test_the_front_page_leads_to_every_publication(client, sent_issue):
    page = client.get("/").content.decode()
    assert sent_issue.publication.name in page
    assert f"/{sent_issue.publication.slug}/{sent_issue.number}/" in page


def test_the_front_page_without_publications_says_so_and_leads_to_the_log_in(client, django_user_model):
    django_user_model.objects.create_user("ada")
    page = client.get("/").content.decode()
    assert "nothing to read here yet" in page
    assert 'href="/desk/log-in/"' in page


@pytest.mark.parametrize("path", ["/", "/desk/", "/desk/log-in/", "/desk/issues/"])
def test_while_nobody_has_an_account_every_first_page_says_how_to_begin_and_shows_no_token(client, path):
    token = new_setup_token()
    answer = client.get(path, follow=True)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "it prints a setup link" in page
    assert "<form" not in page.partition("<main")[2].partition("</main>")[0]
    assert token not in page


def test_a_publication_shows_its_issues(client, sent_issue):
    page = client.get(f"/{sent_issue.publication.slug}/").content.decode()
    assert sent_issue.subject in page


def test_a_draft_can_not_be_read(client, draft):
    assert client.get(f"/{draft.publication.slug}/{draft.number}/").status_code == 404
    assert draft.subject not in client.get(f"/{draft.publication.slug}/").content.decode()


def test_an_issue_is_read_without_a_name_by_somebody_unknown(client, sent_issue):
    page = client.get(f"/{sent_issue.publication.slug}/{sent_issue.number}/")
    assert page.status_code == 200
    assert "*|" not in page.content.decode()
    assert f"/lists/{sent_issue.publication.mailing_list.slug}/" in page.content.decode()
    assert "default-src 'none'" in page["Content-Security-Policy"]


def test_a_reader_finds_their_own_links(client, sent_issue, amara):
    token = signed_links.make_token(Purpose.READ_ONLINE, amara)
    page = client.get(f"/{sent_issue.publication.slug}/{sent_issue.number}/?reader={token}")
    assert signed_links.make_url(Purpose.PREFERENCES, amara) in page.content.decode()
    assert page["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("token", ["nonsense", "", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"])
def test_a_wrong_reader_reads_as_somebody_unknown(client, sent_issue, amara, token):
    page = client.get(f"/{sent_issue.publication.slug}/{sent_issue.number}/", {"reader": token})
    assert page.status_code == 200
    assert signed_links.make_url(Purpose.PREFERENCES, amara) not in page.content.decode()


def test_a_token_for_another_purpose_opens_nothing(client, sent_issue, amara):
    token = signed_links.make_token(Purpose.PREFERENCES, amara)
    page = client.get(f"/{sent_issue.publication.slug}/{sent_issue.number}/?reader={token}")
    assert signed_links.make_url(Purpose.PREFERENCES, amara) not in page.content.decode()


def test_reading_changes_nothing(client, sent_issue):
    before = Issue.objects.values().get(pk=sent_issue.pk)
    for method in (client.get, client.head):
        method(f"/{sent_issue.publication.slug}/{sent_issue.number}/")
    assert client.post(f"/{sent_issue.publication.slug}/{sent_issue.number}/").status_code == 405
    assert Issue.objects.values().get(pk=sent_issue.pk) == before


def test_an_address_where_nothing_is_gets_a_page_that_helps(client, db):
    page = client.get("/no-such-newsletter/")
    assert page.status_code == 404
    assert "no-such-newsletter" in page.content.decode()
    assert 'href="/"' in page.content.decode()
    assert client.get("/a/b/c/").status_code == 404


@pytest.mark.parametrize(
    ("path", "archive", "status", "sentence"),
    [
        ("/{slug}/1/", "subscribers", 403, "Die Ausgaben sind Abonnentinnen und Abonnenten vorbehalten."),
        ("/{slug}/999999999/", "public", 404, "Wenn Sie den Link kopiert haben"),
        ("/no-such-newsletter/", "public", 404, "Wenn Sie den Link kopiert haben"),
        ("/ask/{slug}/999999999/", "public", 404, "diesem Newsletter zurzeit keine Fragen schicken"),
    ],
)
def test_a_page_that_cannot_be_shown_says_so_in_the_language_of_the_reader(
    client, sent_issue, path, archive, status, sentence
):
    Publication.objects.update(language="de", archive=archive)
    page = client.get(path.format(slug=sent_issue.publication.slug), headers={"Accept-Language": "de"})
    assert page.status_code == status
    assert sentence in page.content.decode()
    assert "We could not find" not in page.content.decode()


@pytest.mark.parametrize("changes", [{"subject": "Tampered"}, {"unknown": "x"}])
def test_an_email_that_is_not_the_approved_one_or_cannot_be_read_is_not_shown(client, sent_issue, changes):
    variant = Variant.objects.get(mailing__issue=sent_issue)
    variant.email |= changes
    variant.save()
    page = client.get(f"/{sent_issue.publication.slug}/{sent_issue.number}/")
    assert page.status_code == 404
    assert "We cannot show issue" in page.content.decode()
