"""Logging in by an OpenID Connect provider as a browser does."""

from urllib.parse import parse_qs, urlsplit

from django.test import Client

from newsletter.single_sign_on.provider_identity_model import SignInIdentity

BEGIN, ANSWER, LINK = "/desk/log-in/provider/", "/desk/log-in/provider/answer/", "/desk/log-in/provider/link/"


def use(settings, **values):
    settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update=values)


def at_provider(provider, client, begin=BEGIN):
    """Go to the provider as a browser does. The answer is the query with which it leads back."""
    there = client.get(begin)
    assert there.status_code == 302, there.content.decode()
    query = {name: values[0] for name, values in parse_qs(urlsplit(there["Location"]).query).items()}
    back = urlsplit(provider.authorize(query))
    return {name: values[0] for name, values in parse_qs(back.query).items()}


def log_in_there(provider, client=None, begin=BEGIN):
    client = client or Client()
    return client, client.get(ANSWER, at_provider(provider, client, begin))


def text_of(answer):
    return " ".join(answer.content.decode().split())


def subjects():
    return dict(SignInIdentity.objects.values_list("subject", "user__username"))
