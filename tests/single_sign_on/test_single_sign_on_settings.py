"""The settings of single sign-on: a wrong one is refused with a sentence that names it."""

import subprocess
import sys

import pytest

from newsletter.environment import read_environment
from newsletter.errors import Invalid
from newsletter.secret_keys import secrets_of

ALL = {
    "NEWSLETTER_OIDC_ISSUER": "https://login.example.org/realms/staff",
    "NEWSLETTER_OIDC_CLIENT_ID": "newsletter",
    "NEWSLETTER_OIDC_CLIENT_SECRET": "from the provider",
    "NEWSLETTER_OIDC_ROLES": "Chiefs=editor",
}


def read(monkeypatch, **more):
    for name, value in {**ALL, **more}.items():
        monkeypatch.setenv(name, value)
    return read_environment()


def test_values_keep_their_case_and_may_hold_an_equals_sign(monkeypatch):
    found = read(monkeypatch, NEWSLETTER_OIDC_ROLES="News Editors=editor, cn=chiefs=approver@weekly")
    assert found.oidc_roles == (("News Editors", "editor", ""), ("cn=chiefs", "approver", "weekly"))
    assert found.oidc_issuer == ALL["NEWSLETTER_OIDC_ISSUER"]
    assert "from the provider" in secrets_of(found)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("ISSUER", "http://login.example.org", "write an address such as https://"),
        ("ISSUER", "https://me:pw@login.example.org", "write an address such as https://"),
        ("ISSUER", "login.example.org", "write an address such as https://"),
        ("CLIENT_SECRET", "", "single sign-on also needs NEWSLETTER_OIDC_CLIENT_SECRET"),
        ("ROLES", "", "single sign-on also needs NEWSLETTER_OIDC_ROLES"),
        ("ROLES", "chiefs=boss", "boss is not a role. The roles are author, editor"),
        ("ROLES", "chiefs", "“chiefs” must have the form value=role"),
        ("ROLES", "=editor", "must have the form value=role"),
        ("ROLES", "chiefs=editor@", "must have the form value=role"),
        ("SCOPE", "email", "NEWSLETTER_OIDC_SCOPE is not valid"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(monkeypatch, name, value, sentence):
    with pytest.raises(Invalid) as refused:
        read(monkeypatch, **{f"NEWSLETTER_OIDC_{name}": value})
    assert sentence in str(refused.value)


def test_the_library_for_proofs_is_not_loaded_before_somebody_logs_in_by_a_provider(tmp_path):
    script = (
        "import django, sys; django.setup(); from django.urls import get_resolver; get_resolver().url_patterns; "
        "import newsletter.web.desk.single_sign_on.provider_pages; print('jwt' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script],
        env={"NEWSLETTER_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "newsletter.settings", **ALL},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert ran.stdout.strip() == "False"
