"""A form that makes something makes it once, however often it arrives: pressed twice, or repeated by a proxy."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from newsletter.accounts.form_idempotency import AlreadyMadeError, UsedFormKey, once
from newsletter.articles.models import Article, Source
from newsletter.issues.models import Issue, IssueBlock, Publication
from newsletter.scheduling.models import Series
from newsletter.sending.models import ProofGroup
from newsletter.sending.web_page_models import WebPageChange
from tests.web.desk.test_contents import HERE, document

ISSUE = "harbour-letter"
FORMS = {
    "an article": ("/desk/articles/write/", {"title": "A new lifeboat", "markdown": "She is here."}, Article),
    "an article of an issue": (
        f"{HERE}add/write/",
        {"title": "A new lifeboat", "markdown": "She is here."},
        Article,
    ),
    "a block": (f"{HERE}add-block/?kind=notice", {"title": "Open day", "body": "Come."}, IssueBlock),
    "an issue of the latest articles": ("/desk/issues/new/", {"how": "latest", "at_most": "1"}, Issue),
    "an issue like another": ("/desk/issues/new/", {"how": "like"}, Issue),
    "an empty issue": ("/desk/issues/new/", {"how": "empty"}, Issue),
    "a recurring issue": (
        f"/desk/publications/{ISSUE}/series/?phrase=every+Tuesday+at+07:30",
        {"mode": "draft"},
        Series,
    ),
    "a proof group": (f"{HERE}send/", {"name": "Trustees", "addresses": "tom@example.net"}, ProofGroup),
}


def form_with(page, fields):
    """Return the address and the fields of the form of a page that has these fields, filled in."""
    for form in document(page).forms:
        given = {name: value for name, value in form.fields.items() if value is not None}
        hidden = {each.get("name"): each.get("value") for each in form.xpath(".//input[@type='hidden']")}
        fits = all(
            name in given and (name not in hidden or hidden[name] == text) for name, text in fields.items()
        )
        if fits and form.method == "POST" and {"form_key", "seen"} & set(given):
            return form.action or "", {**given, **fields}
    pytest.fail(f"No form has {', '.join(fields)}.")


@pytest.fixture
def draft(ruths_draft):
    """Ruth's draft, and an article that has come since."""
    Article.objects.create(
        source=Source.objects.first(),
        title="A new quay",
        url="https://example.org/quay",
        identity="quay",
        content_hash="quay",
        published_at=timezone.now(),
        found_at=timezone.now(),
    )
    return ruths_draft


@pytest.mark.parametrize("thing", FORMS)
def test_a_form_that_is_sent_twice_makes_one(desk_of, draft, thing):
    ada = desk_of("ada")
    page, fields, model = FORMS[thing]
    action, sent = form_with(ada.get(page), fields)
    path = action or page.partition("?")[0]
    before = model.objects.count()
    first, second = ada.post(path, sent), ada.post(path, sent)
    assert model.objects.count() == before + 1, first.content.decode()
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.url == second.url


def test_a_form_that_is_changed_before_it_is_sent_again_makes_another(desk_of, draft):
    ruth = desk_of("ruth")
    path, sent = form_with(
        ruth.get("/desk/articles/write/"), {"title": "A new lifeboat", "markdown": "Here."}
    )
    ruth.post(path, sent)
    ruth.post(path, sent | {"title": "An old lifeboat"})
    assert Article.objects.filter(title__endswith="lifeboat").count() == 2


def test_a_form_that_was_refused_can_be_corrected_and_sent_again(desk_of, draft):
    ruth = desk_of("ruth")
    path, sent = form_with(ruth.get("/desk/articles/write/"), {"title": "A new lifeboat", "url": "nowhere"})
    assert ruth.post(path, sent).status_code == 422
    assert ruth.post(path, sent).status_code == 422
    assert not UsedFormKey.objects.exists()


def test_a_correction_of_a_web_page_is_made_once(desk_of, sent_issue):
    ada, page = desk_of("ada"), reverse("desk:web-page", args=[ISSUE, sent_issue.number])
    path, sent = form_with(ada.get(page), {"note": "The date was wrong.", "old": "", "new": ""})
    for _ in range(2):
        assert ada.post(path, sent).status_code == 303
    assert WebPageChange.objects.count() == 1


def test_the_first_run_makes_one_publication(desk_of):
    ada = desk_of("ada")
    typed = {
        "organisation": "Harbour",
        "name": "The Harbour Letter",
        "website": "https://example.org",
        "sender_address": "letter@example.org",
        "postal_address": "1 Quay",
    }
    path, sent = form_with(ada.get("/desk/start/publication/"), typed)
    for _ in range(2):
        assert ada.post(path, sent).status_code == 303
    assert Publication.objects.count() == 1


def test_the_first_run_makes_one_issue(desk_of, publication):
    ada = desk_of("ada")
    path, sent = form_with(ada.get("/desk/start/articles/"), {})
    assert path == reverse("desk:start-issue")
    first, second = ada.post(path, sent), ada.post(path, sent)
    assert first.url == second.url
    assert Issue.objects.count() == 1


# SQLite has one writer, and the one of the tests in memory does not wait for it: there, requests cannot meet.
@pytest.mark.postgresql
def test_of_ten_requests_at_once_one_makes_the_thing(transactional_db):
    together = Barrier(10)

    def request(number):
        together.wait(30)
        try:
            with transaction.atomic(), once("a key") as form:
                form.made = str(Source.objects.create(name=f"s{number}", kind="feed", location="x").pk)
        except AlreadyMadeError as earlier:
            return earlier.made, False
        else:
            return form.made, True
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(request, range(10)))
    assert sum(is_new for _made, is_new in answers) == 1
    assert {made for made, _is_new in answers} == {str(Source.objects.get().pk)}
