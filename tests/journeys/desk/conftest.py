"""A desk in a real browser: one draft that Ruth composed, Amir who approves, and Adele who may do everything."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.test import Client

from newsletter.accounts.actor import Role, acting_as
from newsletter.accounts.users import actor_of, add_user
from newsletter.articles.fetch_sources import fetch_sources
from newsletter.articles.sources import active_sources
from newsletter.issues.compose import compose
from newsletter.issues.load_publication import load_publication
from subscribers.consent_by_editor import add_by_editor
from subscribers.consent_log import ConsentSource
from subscribers.models import SourceKind
from tests.journeys.conftest import is_local
from tests.web.desk.second_factors import just_now

EXAMPLE = Path(__file__).parents[3] / "examples" / "publication.toml"
PASSWORD = "ebb and flow at the quay"


def make_the_draft():
    publication = load_publication(EXAMPLE)
    publication.hotlink_pictures = True
    publication.save()
    fetch_sources(list(active_sources()))
    by = ConsentSource(SourceKind.EDITOR, "Ruth")
    add_by_editor(publication.mailing_list, "amara@example.com", by, consent="She asked at the open day.")
    add_user("adele", password=PASSWORD, roles=[Role.ADMINISTRATOR])
    add_user("amir", password=PASSWORD, roles=[Role.EDITOR, Role.APPROVER, Role.SENDER])
    with acting_as(actor_of(add_user("ruth", password=PASSWORD, roles=[Role.EDITOR]))):
        compose(publication)


@pytest.fixture
def desk_url(live_server, kept_tables, home):
    """The address of the desk. The time is fixed, and nothing is fetched from example.org."""
    with time_machine.travel(datetime(2026, 11, 23, 9, 0, tzinfo=UTC)):
        kept_tables.fill("the draft", make_the_draft)
        yield f"{live_server.url}/desk/"


@pytest.fixture
def page_as(live_server, open_page):
    """Open a page as somebody who is logged in: `page_as("ada", "/desk/")`. `page.errors` has the errors of scripts."""

    def open_it(name, path, **how):
        client = Client()
        client.force_login(get_user_model().objects.get(username=name))
        page = open_page("about:blank", **how)
        cookie = client.cookies["sessionid"]
        page.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.goto(f"{live_server.url}{path}")
        return page

    return open_it


@pytest.fixture
def desk_page(desk_url, open_page):
    """Open a page of the desk as somebody who is logged in: `desk_page("issues/harbour-letter/1/", "ruth")`.

    `recently` means that they have just entered their password, so no page asks for it again.
    `page.complaints` has what the browser complained about: errors of scripts, and what the policy blocked.
    """

    def open_it(path="", name="adele", *, recently=False, **options):
        page = open_page("about:blank", **options)
        client = Client()
        client.force_login(get_user_model().objects.get(username=name))
        if recently:
            just_now(client)
        cookie = client.cookies["sessionid"]
        page.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": desk_url}])
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on(
            "console",
            lambda said: (
                page.complaints.append(said.text)
                if said.type == "error" and is_local(said.location["url"])
                else None
            ),
        )
        page.goto(desk_url + path)
        return page

    return open_it
