"""Fixtures for tests that fetch: a web of one server, and the right to fetch from it."""

import socket

from pytest import fixture

from tests.fakes.source import running


@fixture
def web():
    """A server on loopback that nothing may fetch from."""
    with running() as server:
        yield server


@fixture
def web_ipv6():
    """The same on IPv6."""
    with running(socket.AF_INET6, "::1") as server:
        yield server


@fixture
def configured(settings):
    """Change settings of the press: `configured(fetch_timeout_seconds=0.5)`."""

    def change(**values):
        settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update=values)

    return change


@fixture
def site(web, configured):
    """What the server answers, with the server's address allowed."""
    configured(fetch_allow_hosts=(f"127.0.0.1:{web.port}",))
    web.answers.url = web.url
    return web.answers
