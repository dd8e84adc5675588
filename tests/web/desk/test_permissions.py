"""Every address of the desk and of the public pages, asked by every role, against docs/reference/permissions.md.

Each person has one role for one publication. An address that has no row there fails, and so does a row that has no
address. Every request is undone, so that each finds the same.
"""

import copy
import re
from http import HTTPStatus

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver

from newsletter.accounts.actor import Role, acting_as
from newsletter.accounts.users import actor_of, add_user
from newsletter.articles.models import Article, Correction, Source
from newsletter.backups.models import StoredBackup
from newsletter.errors import Refused
from newsletter.issues import edit_issue_articles, edit_issue_texts
from newsletter.issues.compose import compose
from newsletter.issues.draft_new_issue import draft_empty
from newsletter.issues.models import Issue, Publication
from newsletter.notifications.models import Webhook, WebhookDelivery
from newsletter.scheduling.add_or_change_series import add_series
from newsletter.sending.batches import send_next_batch
from tests.sending.planned_mailing import planned_mailing
from tests.web.desk import valid_forms
from tests.web.desk.permissions_table import table

ALL = "chief"
PEOPLE = (*map(str, Role), ALL)
ANYBODY, ANY_ROLE, PUBLIC = "any account", "any role", "everybody"
# What Django's administration answers, which superusers alone can open, is not walked.
APART = "admin/"
# The sentence of an error, and not that of a button which is off.
NEEDS = re.compile(
    r'(role="alert".{0,400}?|"sentence":"[^"]*)Only an? (?:author|editor|approver|sender|board member|administrator)',
    re.DOTALL,
)
ANSWERS_NOT = HTTPStatus.METHOD_NOT_ALLOWED
PARTS = re.compile(r"<(?:\w+:)?(\w+)>")


def routes(patterns=None, before=""):
    for each in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(each.pattern)
        if isinstance(each, URLPattern):
            yield route
        elif route != APART:
            yield from routes(each.url_patterns, route)


ROUTES = sorted({route for route in routes() if not route.startswith(APART)})


@pytest.fixture
def own(publication, amara):
    """The publication for which everybody has their role, with an issue and a series. The chief administers all."""
    compose(publication)
    add_series(publication, "every Tuesday at 07:30", name="weekly")
    for role in Role:
        add_user(str(role), password="ebb and flow", roles=[], publication_roles=[(publication.pk, role)])
    add_user(ALL, password="ebb and flow", roles=[Role.ADMINISTRATOR])
    valid_forms.add_posted_webhook()
    valid_forms.add_stored_backup()
    return publication


@pytest.fixture
def other(own):
    """A publication for which only the chief has a role."""
    found = Publication.objects.get(pk=own.pk)
    found.pk, found.slug, found.name = None, "other", "The Other Letter"
    found.save()
    compose(found, again=True)
    add_series(found, "every Tuesday at 07:30", name="weekly")
    return found


def browser(name):
    client = Client(raise_request_exception=False)
    if name:
        client.force_login(get_user_model().objects.get(username=name))
    return client


def first_key(model):
    """Return the primary key of the first row, or 1 if there is none."""
    return str(getattr(model.objects.first(), "pk", 1))


def path_in(route, publication, **more):
    """Return the address of a route in a publication. `more` has parts of it, if they are not the first of all."""
    values = {
        "slug": publication.slug,
        "number": str(next((it for part, it in valid_forms.NUMBERS.items() if route.startswith(part)), 1)),
        "name": "weekly",
        "article": first_key(Article),
        "correction": str(getattr(Correction.objects.exclude(made_at=None).first(), "pk", 1)),
        "source": first_key(Source),
        "person": first_key(get_user_model()),
        "group": "receives",
        "version": "1",
        "token": "x" * 20,
        "kind": "xml",
        "answer": "yes",
        "key": "new",
        "language": "de",
        "backup": first_key(StoredBackup),
        "webhook": first_key(Webhook),
        "delivery": first_key(WebhookDelivery),
    }
    values |= {name: str(value) for name, value in more.items()}
    return "/" + PARTS.sub(lambda part: values.get(part[1], "1"), route)


def ask(client, method, path, form=dict):
    """Return the answer, and undo what the request did.

    `form` prepares what the request needs, and returns its fields. `path` may be a function of them.
    """
    cookies = copy.deepcopy(client.cookies)
    with transaction.atomic():
        fields = form()
        address = path(fields) if callable(path) else path
        if address.endswith("/field/"):  # which says who typed it
            fields["account"] = client.session.get("_auth_user_id", "")
        answer = client.get(address) if method == "GET" else client.post(address, fields)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer, body.decode(errors="replace")


def found_by(clients, method, route, own):
    """Return in words who gets through: the roles, or everybody. A POST that has a complete form must succeed."""
    through, hidden = [], []
    form = valid_forms.FORMS.get(route) if method == "POST" else None
    for name, client in clients.items():
        answer, body = ask(
            client, method, lambda fields: path_in(route, own, **parts_of(route, fields)), form or dict
        )
        assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR, (name, method, route)
        if form and name == ALL and route not in valid_forms.WITHOUT_SUCCESS:
            assert answer.status_code < HTTPStatus.BAD_REQUEST, (route, answer.status_code, said_in(body))
        if answer.status_code == ANSWERS_NOT and name == ALL:
            return "–"
        # What refuses a complete form, with which the chief succeeds, is the check of roles.
        complete = form and route not in valid_forms.WITHOUT_SUCCESS
        refused = answer.status_code >= HTTPStatus.BAD_REQUEST and (complete or NEEDS.search(body))
        if not refused and not is_led_to_log_in(answer, body):
            through.append(name)
            hidden += [name] if answer.status_code == HTTPStatus.NOT_FOUND else []
    # What only some people do not find is hidden from them.
    if ALL in through and ALL not in hidden:
        through = [name for name in through if name not in hidden]
    if "" in through:
        return PUBLIC
    if "sam" in through:
        return ANYBODY
    if through == list(PEOPLE):
        return ANY_ROLE
    return ", ".join(through).replace(ALL, "administrator for all publications") or "nobody"


def parts_of(route, fields):
    return {name: fields[name] for name in PARTS.findall(route) if name in fields}


def said_in(body):
    """Return the sentence of an error page or message."""
    said = re.search(r'(role="alert"|"sentence":).{0,600}', body, re.DOTALL)
    return re.sub(r"<[^>]*>|\s+", " ", said[0]) if said else body[:300]


def is_led_to_log_in(answer, body):
    location = answer.get("Location", "")
    without_role = answer.status_code == HTTPStatus.FORBIDDEN and "you do not have a role" in body
    form = answer.status_code in {HTTPStatus.FORBIDDEN, HTTPStatus.UNAUTHORIZED} and "password" in body
    return "/desk/log-in/" in location or without_role or form


@pytest.fixture
def clients(own, people):
    return {name: browser(name) for name in ("", "sam", *PEOPLE)}


def test_every_address_has_a_row_and_every_row_an_address():
    assert sorted(table()) == ROUTES


@pytest.fixture
def sent_and_sending(own):
    """The issues 2, which was sent, and 3, which is being sent."""
    for number in (valid_forms.SENT, valid_forms.MAILING):
        issue = draft_empty(own)
        issue.items.create(article=Article.objects.first(), position=1)
        assert issue.number == number
        mailing = planned_mailing(issue)
        while number == valid_forms.SENT and send_next_batch(mailing.pk):
            pass
    valid_forms.corrected()


@pytest.mark.full
@pytest.mark.usefixtures("sent_and_sending")
def test_every_address_answers_each_role_as_the_document_says(own, clients):
    found = {
        route: (found_by(clients, "GET", route, own), found_by(clients, "POST", route, own))
        for route in ROUTES
    }
    documented = table()
    wrong = [
        f"{route}: {found[route]} not {documented[route]}"
        for route in ROUTES
        if found[route] != documented[route]
    ]
    assert not wrong, "\n".join(wrong)


OF_A_PUBLICATION = [route for route in ROUTES if route.startswith("desk/") and "slug:slug" in route]


def test_what_belongs_to_another_publication_looks_as_if_it_did_not_exist(own, other, clients):
    for route in OF_A_PUBLICATION:
        for name in (Role.ADMINISTRATOR, Role.AUTHOR):
            path = path_in(route, other)
            answer, body = ask(clients[name], "POST", path)
            assert answer.status_code in {HTTPStatus.NOT_FOUND, ANSWERS_NOT}, (name, path, answer.status_code)
            assert other.name not in body
            answer, body = ask(clients[name], "GET", path)
            # The address of an act leads to the page of the issue, which is not there either.
            assert answer.status_code in {HTTPStatus.NOT_FOUND, HTTPStatus.SEE_OTHER}, (name, path)
            assert other.name not in body


def test_an_author_changes_the_texts_of_a_draft_and_nothing_else(own, clients):
    issue, author = Issue.objects.get(), clients["author"]
    page = f"/desk/issues/{own.slug}/{issue.number}/"
    assert 'name="subject"' in author.get(f"{page}details/").content.decode()
    edit_issue_texts.set_subject(issue, "Before")
    with acting_as(actor_of(get_user_model().objects.get(username="author"))):
        edit_issue_texts.set_subject(issue, "Written by an author")
        with pytest.raises(
            Refused,
            match=r"for The Harbour Letter can .*\. amir, editor and ruth can do this\. You are an author\.",
        ):
            edit_issue_articles.pin(issue, issue.items.first().article_id)
    issue.refresh_from_db()
    assert issue.subject == "Written by an author"
