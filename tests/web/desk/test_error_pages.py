"""Whatever goes wrong at the desk, the page says so in the desk's look and has a way on."""

import pytest
from django.db import OperationalError, connection

from newsletter.web.error_pages import failed


def text(answer):
    return answer.content.decode()


def ways_on(answer):
    return 'href="/desk/"' in text(answer) and "newsletter/desk/tokens.css" in text(answer)


def test_an_address_with_nothing_behind_it_has_a_page_of_the_desk(desk_of):
    for browser in (desk_of("ruth"), desk_of("")):
        answer = browser.get("/desk/nothing/here/")
        assert answer.status_code == 404
        assert "<h1>Page not found</h1>" in text(answer)
        assert ways_on(answer)


def test_an_address_of_the_readers_keeps_their_page(client, db):
    answer = client.get("/nothing/here/at/all/")
    assert answer.status_code == 404
    assert "tokens.css" not in text(answer)


def test_an_unknown_publication_is_not_answered_with_a_command(desk_of, ruths_draft):
    answer = desk_of("ruth").get("/desk/publications/nothing/series/")
    assert answer.status_code == 404
    assert "We could not find this newsletter. Choose one on the Home page." in text(answer)


def test_a_method_that_an_address_does_not_answer_is_a_page(desk_of, ruths_draft):
    answer = desk_of("ruth").delete("/desk/issues/harbour-letter/1/approve/")
    assert answer.status_code == 405
    assert ways_on(answer)


def test_the_page_says_how_to_go_back_to_where_somebody_came_from(desk_of, ruths_draft):
    ruth, here = desk_of("ruth"), "/desk/issues/harbour-letter/1/"
    answer = ruth.get("/desk/nothing/", headers={"Referer": f"http://testserver{here}?view=phone"})
    assert f'href="{here}">Go back</a>' in text(answer)
    for elsewhere in (
        "https://elsewhere.example/desk/",
        "http://testserver/desk/nothing/",
        "http://testserver/",
    ):
        assert "Go back" not in text(ruth.get("/desk/nothing/", headers={"Referer": elsewhere}))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_failure_has_a_page_that_asks_nothing_of_the_database(rf, django_assert_num_queries, db, method):
    request = rf.generic(method, "/desk/issues/harbour-letter/1/approve/")
    with django_assert_num_queries(0):
        answer = failed(request)
    assert answer.status_code == 500
    assert ways_on(answer)
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    again = "/desk/issues/harbour-letter/1/approve/" if method == "GET" else "/desk/"
    assert f'href="{again}">Try again</a>' in text(answer)


def test_the_desk_without_its_database_has_a_page(desk_of, ruths_draft):
    def away(*_arguments):
        raise OperationalError("the database is away")

    ruth = desk_of("ruth")
    ruth.raise_request_exception = False
    with connection.execute_wrapper(away):
        answer = ruth.get("/desk/")
    assert answer.status_code == 500
    assert "<h1>Something went wrong</h1>" in text(answer)
    assert "the database is away" not in text(answer)
    assert ways_on(answer)


@pytest.mark.parametrize("host", ["elsewhere.example", "", "local host"])
def test_a_page_asked_for_under_another_name_says_which_address_is_right(client, db, settings, host):
    answer = client.get("/desk/", headers={"Host": host, "Referer": "http://elsewhere.example/desk/"})
    assert answer.status_code == 400
    assert f"Open {settings.NEWSLETTER.root_url}/desk/ instead." in text(answer)
    assert "elsewhere.example" not in text(answer)
