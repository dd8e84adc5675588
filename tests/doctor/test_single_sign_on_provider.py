"""What the doctor says about single sign-on."""

import pytest
from pydantic import SecretStr

from newsletter.doctor.check_inputs import Installation
from newsletter.doctor.doctor_finding import Level
from newsletter.doctor.single_sign_on_provider import check
from tests.fakes.openid_provider import CLIENT, SECRET, openid_provider


@pytest.fixture
def provider():
    with openid_provider() as there:
        yield there


@pytest.fixture
def findings(settings, provider, db):
    def of(**values):
        given = {
            "oidc_issuer": provider.issuer,
            "oidc_client_id": CLIENT,
            "oidc_client_secret": SecretStr(SECRET),
            "oidc_roles": (("chiefs", "editor", "gone"),),
            "fetch_allow_hosts": ("127.0.0.1",),
        }
        settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={**given, **values})
        return list(check(Installation(settings.NEWSLETTER, None, database_is_ready=True)))

    return of


def test_it_says_what_to_register_and_which_publications_do_not_exist(findings):
    well, about_slugs = findings()
    assert well.level is Level.OK
    assert "redirect URI there: http://localhost:8000/desk/log-in/provider/answer/" in well.sentence
    assert about_slugs.level is Level.WARNING
    assert about_slugs.sentence == "NEWSLETTER_OIDC_ROLES names publications that do not exist: gone."


def test_a_provider_that_does_not_answer_well_is_said(findings, provider):
    provider.answers["/keys"] = (200, b'{"keys": []}')
    assert findings()[0].sentence == f"{provider.issuer}/keys does not list any keys."
    provider.answers["/.well-known/openid-configuration"] = (404, b"")
    (wrong,) = findings()
    assert wrong.level is Level.WRONG
    assert "responded with 404" in wrong.sentence


def test_nothing_is_said_without_a_provider(findings):
    assert findings(oidc_issuer="") == []
