"""A provider of single sign-on that lies, fails or cannot be reached gives a sentence and no session."""

import jwt
import pytest
from django.test import Client
from pydantic import SecretStr

from tests.fakes.openid_provider import CLIENT, SECRET
from tests.web.desk.provider_log_ins import ANSWER, BEGIN, at_provider, log_in_there, subjects, text_of, use
from tests.web.desk.second_factors import is_in

LIES = {
    "wrong key": ({"signed_by": "other"}, "has an invalid signature"),
    "audience": ({"wrong": {"aud": "somebody-else"}}, "is meant for another program"),
    "authorised party": ({"wrong": {"azp": "somebody-else"}}, "is meant for another program"),
    "several audiences": ({"wrong": {"aud": [CLIENT, "other"]}}, "is meant for another program"),
    "expired": ({"wrong": {"exp": 1_000_000_000}}, "has expired"),
    "future": ({"wrong": {"iat": 9_000_000_000, "exp": 9_000_000_900}}, "has a time in the future"),
    "issuer": ({"wrong": {"iss": "https://evil.example"}}, "is from another provider"),
    "nonce": ({"wrong": {"nonce": "replayed"}}, "belongs to another login"),
    "no nonce": ({"drop": ("nonce",)}, "belongs to another login"),
    "no end": ({"drop": ("exp",)}, "could not be read"),
    "nobody": ({"wrong": {"sub": " "}}, "does not identify anyone"),
    "no proof": ({"token": 7}, "is missing"),
    "rubbish": ({"token": "a.b.c"}, "could not be read"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_gives_a_sentence_and_no_session(provider, lie):
    told, sentence = LIES[lie]
    for name, value in told.items():
        setattr(provider, name, provider.other_key if value == "other" else value)
    client, answer = log_in_there(provider)
    assert answer.status_code == 403
    assert f"the response from Acme {sentence}" in text_of(answer)
    assert not is_in(client)
    assert subjects() == {}


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [("", "none"), (SECRET * 3, "HS256")],
    ids=["unsigned", "signed with the client secret"],
)
def test_a_proof_without_a_private_key_is_refused(provider, key, algorithm):
    client = Client()
    query = at_provider(provider, client)
    claims = jwt.decode(provider.proof(provider.queries[-1]), options={"verify_signature": False})
    provider.token = jwt.encode(claims, key or None, algorithm=algorithm, headers={"kid": "1"})
    answer = client.get(ANSWER, query)
    assert "is not signed securely" in text_of(answer)
    assert not is_in(client)


def test_userinfo_about_somebody_else_is_refused(provider):
    provider.userinfo = {"sub": "u-2", "email": "ada@example.org", "email_verified": True}
    client, answer = log_in_there(provider)
    assert "confirmed a different person" in text_of(answer)
    assert not is_in(client)


def test_an_answer_without_the_state_of_this_browser_or_used_twice_is_refused(provider):
    client = Client()
    query = at_provider(provider, client)
    stranger = Client()
    assert "has expired, or it was started in another tab" in text_of(stranger.get(ANSWER, query))
    assert client.get(ANSWER, {**query, "state": "other"}).status_code == 403
    # The state is used up, even by a wrong one.
    assert client.get(ANSWER, query).status_code == 403
    assert not is_in(client)
    assert provider.asked["/token"] == 0


def test_an_answer_in_the_name_of_another_issuer_or_with_an_error_is_refused(provider):
    client = Client()
    query = at_provider(provider, client)
    answer = client.get(ANSWER, {**query, "iss": "https://evil.example"})
    assert "did not come from Acme" in text_of(answer)
    state = at_provider(provider, client)["state"]
    answer = client.get(ANSWER, {"state": state, "error": "access_denied"})
    assert "You did not log in with Acme" in text_of(answer)
    assert provider.asked["/token"] == 0


def test_a_provider_that_fails_gives_a_sentence(provider, settings):
    provider.answers["/token"] = (500, b"oh")
    client, answer = log_in_there(provider)
    assert answer.status_code == 503
    assert "responded with 500" in text_of(answer)
    provider.answers["/token"] = (200, b"[]")
    assert log_in_there(provider)[1].status_code == 503
    use(settings, oidc_client_secret=SecretStr("other"))
    provider.answers.clear()
    assert "NEWSLETTER_OIDC_CLIENT_SECRET" in text_of(log_in_there(provider)[1])
    use(settings, fetch_timeout_seconds=0.2)
    provider.hangs.add("/.well-known/openid-configuration")
    answer = client.get(BEGIN)
    assert answer.status_code == 503
    assert "did not respond within 0.2 seconds" in text_of(answer)


def test_a_provider_that_cannot_be_reached_or_names_another_issuer_gives_a_sentence(provider, settings):
    provider.discovery["issuer"] = "https://evil.example"
    assert "names a different issuer" in text_of(Client().get(BEGIN))
    provider.discovery = {"token_endpoint": "file:///etc/passwd"}
    assert "usable address called token_endpoint" in text_of(Client().get(BEGIN))
    use(settings, fetch_allow_hosts=())
    answer = Client().get(BEGIN)
    assert "NEWSLETTER_FETCH_ALLOW_HOSTS" in text_of(answer)
    use(settings, fetch_allow_hosts=("127.0.0.1",), oidc_issuer="http://127.0.0.1:9")
    answer = Client().get(BEGIN)
    assert answer.status_code == 503
    assert "you can log in with your password" in text_of(answer)
