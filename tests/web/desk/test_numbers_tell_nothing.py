"""A number in an address tells nothing to people who lack the right: a row that exists and one that does not answer the
same. They would otherwise learn how many webhooks, backups or people there are.

What belongs to a publication is asked in test_permissions.py.
"""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone
from lxml import html

from newsletter.accounts.actor import SYSTEM, Role, acting_as
from newsletter.accounts.invitations import invite
from newsletter.accounts.users import add_user, find_user
from newsletter.articles.models import Article, Source
from newsletter.background_jobs.models import BackgroundJob
from newsletter.backups.models import StoredBackup
from newsletter.feedback.models import ReaderCase
from newsletter.issues.compose import compose
from newsletter.issues.models import Publication
from newsletter.issues.saved_segments import add_segment
from newsletter.notifications.models import Webhook, WebhookDelivery
from newsletter.people_acts.kinds_of_people_acts import ACT
from newsletter.people_files.export_files import EXPORT
from newsletter.people_files.models import ImportedFile
from subscribers.models import ImportRecord, Subscriber, Wording
from tests.fakes.software_passkey import SoftwarePasskey
from tests.web.desk import valid_forms
from tests.web.desk.permissions_table import table
from tests.web.desk.test_permissions import ask

MISSING = 999_999_999
NUMBER = re.compile(r"<int:(\w+)>")
ROUTES = [
    route
    for route in table()
    if route.startswith("desk/") and NUMBER.search(route) and "<slug:slug>" not in route
]
# Everybody who has a role sees all articles with their corrections, and all sources, so their numbers are no secret.
SHARED = ("desk/articles/", "desk/corrections/", "desk/sources/")
NOBODY, WITHOUT_ROLE = "", "sam"
# The roles of a single publication: what is asked here belongs to all of them.
ALWAYS, SELDOM = (Role.EDITOR, Role.ADMINISTRATOR), (Role.AUTHOR, Role.APPROVER, Role.SENDER, Role.BOARD)


@pytest.fixture
def numbers(publication, people, amara):
    """The numbers of rows that exist, by the part of the address, or by how the address begins."""
    compose(publication)
    valid_forms.add_posted_webhook()
    valid_forms.add_stored_backup()
    now = timezone.now()
    with acting_as(SYSTEM):
        invitation = invite("jo@example.org", [Role.EDITOR])
        segment = add_segment(publication.mailing_list, "New", "joined in last 90 days")
    jobs = {
        kind: BackgroundJob.objects.create(kind=kind, asked_by="Ada", asked_at=now, arguments={})
        for kind in (ACT, EXPORT)
    }
    wording = Wording.objects.create(list=publication.mailing_list, version=999, text="A sheet")
    record = ImportRecord.objects.create(
        list=publication.mailing_list, name="people.csv", state="finished", wording=wording
    )
    SoftwarePasskey(find_user("ada"))
    return {
        "webhook": Webhook.objects.get().pk,
        "delivery": WebhookDelivery.objects.get().pk,
        "backup": StoredBackup.objects.get().pk,
        "person": people["ada"].account,
        "pk": Authenticator.objects.get().pk,
        "invitation": invitation.pk,
        "subscriber": Subscriber.objects.first().pk,
        "file": ImportedFile.objects.create(name="people.csv", size=9, began_at=now, changed_at=now).pk,
        "article": Article.objects.first().pk,
        "case": question_to_another(publication),
        "correction": Article.objects.first()
        .corrections.create(corrected_on=now.date(), text="It was 12.")
        .pk,
        "reference": Article.objects.first().references.create(citation="A study").pk,
        "source": Source.objects.first().pk,
        "desk/subscribers/act/": jobs[ACT].pk,
        "desk/subscribers/export/": jobs[EXPORT].pk,
        "desk/subscribers/imports/": record.pk,
        "desk/subscribers/segments/": segment.pk,
    }


def question_to_another(publication):
    """A question to a newsletter for which only people with a role for all of them have one."""
    other = Publication.objects.get(pk=publication.pk)
    other.pk, other.slug = None, "other"
    other.save()
    case = ReaderCase.objects.get(pk=valid_forms.question()["case"])
    ReaderCase.objects.update(publication=other)
    return case.pk


def number_in(route, part, numbers):
    """Return the number of a row that exists. Fails for a new address, which needs a row above."""
    if part in numbers:
        return numbers[part]
    return next(number for begins, number in numbers.items() if route.startswith(begins))


def said(client, method, path):
    """Return everything that an answer says, without the number that was asked for."""
    answer, body = ask(client, method, path)
    text = " ".join(html.fromstring(body).text_content().split()) if body.strip() else ""
    location = re.sub(r"\d+", "N", answer.get("Location", ""))
    return answer.status_code, location, re.sub(r"\b\d+\b", "N", text)


@pytest.mark.parametrize(
    "name", [NOBODY, WITHOUT_ROLE, *ALWAYS, *(pytest.param(each, marks=pytest.mark.full) for each in SELDOM)]
)
def test_an_existing_and_a_missing_number_answer_the_same(name, numbers, publication):
    client = Client(raise_request_exception=False)
    if name in set(Role):
        add_user(name, password="ebb and flow", roles=[], publication_roles=[(publication.pk, Role(name))])
    if name:
        client.force_login(get_user_model().objects.get(username=name))
    told = []
    for route in ROUTES:
        if name in set(Role) and route.startswith(SHARED):
            continue
        there = NUMBER.sub(lambda part, route=route: str(number_in(route, part[1], numbers)), route)
        missing = NUMBER.sub(str(MISSING), route)
        told += [
            (method, route, one[0], other[0])
            for method in ("GET", "POST")
            if (one := said(client, method, f"/{there}")) != (other := said(client, method, f"/{missing}"))
        ]
    assert told == []
