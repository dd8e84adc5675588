"""Issues that ask whether their article was useful, or whose facts readers can question."""

import pytest
from django.test import Client

from newsletter.accounts.actor import Role
from newsletter.accounts.users import add_user
from newsletter.feedback.models import ReaderCase
from newsletter.rendering.render_email import render_email
from newsletter.sending.batches import send_next_batch
from tests.feedback.reader_forms import link_in, send_form, send_mails
from tests.sending.conftest import (  # noqa: F401 - fixtures of a stage before
    issue,
    join,
    publication,
    way_out,
)
from tests.sending.planned_mailing import planned_mailing


@pytest.fixture
def asking(publication, issue):  # noqa: F811
    """The issue of a publication that asks."""
    publication.ask_useful = True
    publication.save()
    issue.publication.refresh_from_db()
    assert render_email(issue).html.count("*|USEFUL_URL|*") == 2
    return issue


@pytest.fixture
def posts(asking, join, way_out):  # noqa: F811
    """The posts of its mailing to Ana, Ben and Cem."""
    join("ana", "ben", "cem")
    planned_mailing(asking)
    while send_next_batch():
        pass
    return way_out.posts


@pytest.fixture
def board(db):
    """Beth, who is on the review board."""
    return add_user(
        "beth", password="a long password for beth", address="beth@example.org", roles=[Role.BOARD]
    )


@pytest.fixture
def questioned(publication, issue, join, way_out, board):  # noqa: F811
    """The issue of a publication that takes questions. It was sent."""
    publication.takes_questions = True
    publication.save()
    issue.publication.refresh_from_db()
    join("ana")
    planned_mailing(issue)
    while send_next_batch():
        pass
    issue.refresh_from_db()
    return issue


@pytest.fixture
def article(questioned):
    """Its article."""
    return questioned.items.get().article


@pytest.fixture
def question_form(article):
    """The path of the form about its article."""
    return f"/ask/harbour/{article.pk}/"


@pytest.fixture
def asks(question_form):
    """Somebody questions a fact, and the case is returned: `asks("dora@example.org")`."""

    def ask(address="", text="It was 40 per cent.", path=question_form, **options):
        response = send_form(path, text=text, address=address, **options)
        assert response.status_code == 303, response.content.decode()
        return ReaderCase.objects.latest("pk")

    return ask


@pytest.fixture
def complains(asks):
    """Somebody complains about data protection, and the case is returned."""

    def complain(address="dora@example.org", text="You wrote to my old address.", **options):
        return asks(address, text, path="/ask/harbour/data-protection/", **options)

    return complain


@pytest.fixture
def confirms(mailoutbox):
    """The owner of a mailbox confirms a case by the link in the newest email to them."""

    def confirm(case):
        send_mails()
        mail = next(each for each in reversed(mailoutbox) if each.to == [case.address])
        path = link_in(mail)
        assert Client().post(path, {"case": [str(case.pk)]}).status_code == 303
        case.refresh_from_db()
        send_mails()
        return path

    return confirm
