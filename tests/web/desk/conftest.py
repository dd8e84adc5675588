"""Who comes to the desk: Ada sets up, Amir approves, Ruth composes, Sam has an account and no role."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from pydantic import SecretStr

from newsletter.accounts.actor import Role, acting_as
from newsletter.accounts.users import actor_of, add_user
from newsletter.issues.compose import compose
from tests.fakes.openid_provider import CLIENT, SECRET, openid_provider

PASSWORD = "ebb and flow at the quay"
ROLES = {
    "ada": [Role.ADMINISTRATOR],
    "amir": [Role.EDITOR, Role.APPROVER, Role.SENDER],
    "ruth": [Role.EDITOR],
}


def make_accounts():
    for name, roles in ROLES.items():
        add_user(name, password=PASSWORD, roles=roles)
    get_user_model().objects.create_user("sam", password=PASSWORD)


@pytest.fixture
def accounts(request, accounts):
    return make_accounts if "people" in request.fixturenames else accounts


@pytest.fixture
def people(request, kept_tables):
    """Every account, with the actor that each is."""
    if "publication" in request.fixturenames:
        request.getfixturevalue("publication")  # which makes them as well
    else:
        kept_tables.fill("accounts", make_accounts)
    return {user.username: actor_of(user) for user in get_user_model().objects.all()}


@pytest.fixture
def desk_of(people):
    """A browser of somebody who is logged in: `desk_of("ruth")`; `desk_of("")` is nobody's."""

    def browser(name):
        client = Client()
        if name:
            client.force_login(get_user_model().objects.get(username=name))
        return client

    return browser


@pytest.fixture
def just_logged_in(people):
    """A browser in which somebody has just logged in: `just_logged_in("ada")`."""

    def browser(name):
        client = Client()
        answer = client.post("/desk/log-in/", {"username": name, "password": PASSWORD})
        assert answer.status_code == 302
        return client

    return browser


@pytest.fixture
def ada(desk_of, publication):
    """Ada’s browser, at a desk with a publication."""
    return desk_of("ada")


@pytest.fixture
def mailing_list(publication):
    return publication.mailing_list


@pytest.fixture
def ruths_draft(publication, people, amara):
    """An issue that Ruth composed, for a list with one reader."""
    with acting_as(people["ruth"]):
        return compose(publication)


@pytest.fixture
def ruth(desk_of, ruths_draft):
    """Ruth’s browser, at a desk with her draft."""
    return desk_of("ruth")


@pytest.fixture
def provider(settings, people):
    """A provider of single sign-on that this installation uses."""
    with openid_provider() as there:
        settings.NEWSLETTER = settings.NEWSLETTER.model_copy(
            update={
                "oidc_issuer": there.issuer,
                "oidc_client_id": CLIENT,
                "oidc_client_secret": SecretStr(SECRET),
                "oidc_name": "Acme",
                "oidc_roles": (("news-editors", "editor", ""), ("chiefs", "administrator", "")),
                "fetch_allow_hosts": ("127.0.0.1",),
            }
        )
        yield there
