"""Who asks, behind proxies that are believed and before everybody else."""

import re
from pathlib import Path

import pytest

from newsletter.web.trusted_proxies import THROUGH_A_PROXY, trust_proxies
from tests.web.desk.permissions_table import table

ROOT = Path(__file__).resolve().parents[2]

CLAIM = {"HTTP_X_FORWARDED_FOR": "198.51.100.9, 192.0.2.7", "HTTP_X_FORWARDED_PROTO": "https"}


@pytest.fixture
def asked(settings):
    """What the application learns of a request: `asked("10.0.0.7", proxy_count=1)`."""

    def ask(peer, *, headers=CLAIM, **configured):
        settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update=configured)
        learnt = {}

        def application(environ, _start_response):
            learnt.update(environ)
            return []

        environ = {"REMOTE_ADDR": peer, "wsgi.url_scheme": "http", "SERVER_PORT": "8000", **headers}
        trust_proxies(application)(environ, lambda *_: None)
        return learnt

    return ask


def test_without_proxies_nobody_is_believed(asked):
    learnt = asked("127.0.0.1", proxy_count=0)
    assert (learnt["REMOTE_ADDR"], learnt["wsgi.url_scheme"]) == ("127.0.0.1", "http")
    assert "HTTP_X_FORWARDED_FOR" not in learnt
    assert learnt[THROUGH_A_PROXY]


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "172.18.0.1", "10.0.0.7", "fd00::7", "::ffff:10.0.0.7"])
def test_a_proxy_near_by_is_believed_as_far_as_its_own_word_goes(asked, peer):
    learnt = asked(peer, proxy_count=1)
    assert (learnt["REMOTE_ADDR"], learnt["wsgi.url_scheme"]) == ("192.0.2.7", "https")


@pytest.mark.parametrize("peer", ["8.8.8.8", "2606:4700::1111", "localhost", ""])
def test_somebody_from_the_internet_who_reaches_the_port_is_not_believed(asked, peer):
    learnt = asked(peer, proxy_count=1)
    assert (learnt["REMOTE_ADDR"], learnt["wsgi.url_scheme"]) == (peer, "http")


@pytest.mark.parametrize(
    ("peer", "seen"),
    [
        ("10.0.0.7", "192.0.2.7"),
        ("2606:4700::7", "192.0.2.7"),
        ("10.0.0.8", "10.0.0.8"),
        ("127.0.0.1", "127.0.0.1"),
    ],
)
def test_where_proxies_are_named_only_they_are_believed(asked, peer, seen):
    learnt = asked(peer, proxy_count=1, proxy_addresses=("10.0.0.7", "2606:4700::/32"))
    assert learnt["REMOTE_ADDR"] == seen


def test_other_addresses_to_the_left_do_not_make_somebody_else(asked):
    seen = {
        asked("127.0.0.1", proxy_count=1, headers={"HTTP_X_FORWARDED_FOR": f"10.9.8.{number}, 192.0.2.7"})[
            "REMOTE_ADDR"
        ]
        for number in range(50)
    }
    assert seen == {"192.0.2.7"}


def test_a_wrong_network_is_a_sentence(monkeypatch):
    from newsletter.environment import read_environment
    from newsletter.errors import Invalid

    monkeypatch.setenv("NEWSLETTER_PROXY_ADDRESSES", "10.0.0.0/8, nginx")
    with pytest.raises(
        Invalid, match="NEWSLETTER_PROXY_ADDRESSES is not valid: “nginx” is not an address or a network"
    ):
        read_environment()


def test_the_log_of_the_documented_proxy_has_no_token_of_a_link():
    document = (ROOT / "docs" / "operations" / "install-on-a-server.md").read_text()
    rules = [
        (re.compile(pattern.replace("(?<", "(?P<")), re.sub(r"\$(\w+)", r"{\1}", shown))
        for pattern, shown in re.findall(r"^    ~(\^\S+) (\S+);$", document, re.MULTILINE)
    ]

    def logged(address):
        found = next(((rule.search(address), shown) for rule, shown in rules if rule.search(address)), None)
        return found[1].format(**found[0].groupdict()) if found else address

    token = "Afx3-9_2b"
    public = [route for route in table() if "<str:token>" in route]
    assert len(public) >= 7
    for route in public:
        address = "/" + re.sub(r"<[\w:]+>", "1", route.replace("<str:token>", token))
        assert token not in logged(address), address
    for page in ("invitation", "forgotten-password/new", "confirm-address", "start"):
        for query in (f"token={token}", f"a=b&token={token}&c=d"):
            assert logged(f"/desk/{page}/?{query}") == f"/desk/{page}/?(token)"
    assert logged("/desk/issues/?q=token") == "/desk/issues/?q=token"
