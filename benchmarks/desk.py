"""Measures every page of the desk with 1,000,000 subscribers, 500 issues and 50,000 articles in SQLite, and in
PostgreSQL if it is installed; also searches, and the counts of segments and audiences.

The pages are found in the URLs of the desk, so a new page takes part by itself. Beside them stands a bare Django page
that only signs in the same user. DESK_SUBSCRIBERS=10000 makes a quick turn. Beside the time by the clock stands that of
the processor, which other work on the machine changes much less.
"""

import gc
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from benchmarks.cpu_seconds import spending
from benchmarks.desk_segments import measure_segments
from benchmarks.verdicts import verdict
from tests.postgres import running, server_programs

if TYPE_CHECKING:
    from django.test import Client

    from benchmarks.big_installation import BigInstallation
    from newsletter.issues.models import Publication

# Home and Review show something of nearly every part; each of their queries reads a few rows.
MILLISECONDS, QUERIES, TURNS = 100.0, 45, 15
# Words that nearly everybody, some and nobody have; and two of which the second decides.
SEARCHES = (
    "subscribers/?q=name",
    "subscribers/?q=family7",
    "subscribers/?q=reader.999",
    "subscribers/?q=no-such-name",
    "subscribers/?q=name+family48",
    "subscribers/?q=example7.org&state=unsubscribed",
    "subscribers/?state=unsubscribed",
    "articles/?q=tides",
    "corrections/?q=tides",
    "find/?q=reader",
)
SUBSCRIBERS = int(os.environ.get("DESK_SUBSCRIBERS", "1000000"))
FILL_HERE = "DESK_FILL_HERE"


@dataclass(frozen=True, slots=True)
class Page:
    """An address of the desk that answers GET, with the figures of its answer."""

    path: str
    milliseconds: float
    cpu: float
    queries: int


def main() -> None:
    """Print the median time and the number of queries of each page, beside a bare page."""
    if os.environ.get(FILL_HERE):
        measure()
        return
    _measure_apart({})
    if programs := server_programs():
        with running(programs) as url:
            _measure_apart({"DATABASE_URL": url})


def _measure_apart(database: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory(prefix="newsletter-desk-") as home:
        environment = {**os.environ, "NEWSLETTER_HOME": home, FILL_HERE: "1"}
        environment.pop("DATABASE_URL", None)
        command = [sys.executable, "-m", "benchmarks", "--in-this-process", "desk"]
        verdict(subprocess.run(command, env={**environment, **database}, check=False).returncode == 0)


def measure() -> None:
    """Fill the database of this process, and measure its pages."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from benchmarks.big_installation import fill

    call_command("migrate", verbosity=0, interactive=False)
    started = time.perf_counter()
    big = fill(subscribers=SUBSCRIBERS)
    filled = time.perf_counter() - started
    print(f"The desk with {SUBSCRIBERS:,} subscribers in {connection.vendor} (filled in {filled:.0f} s)")
    _add_user()
    bare = _bare_milliseconds()
    client = _signed_in()
    # As the web server does when it starts.
    gc.collect()
    gc.freeze()
    print(f"  {bare:6.1f} ms   a bare page that signs in the same user")
    for page in sorted(_pages(client, big), key=lambda page: -page.milliseconds):
        holds = page.milliseconds <= MILLISECONDS and page.queries <= QUERIES
        print(
            f"  {page.milliseconds:6.1f} ms  {page.cpu:6.1f} CPU  {page.queries:3} queries  "
            f"{page.milliseconds / bare:5.1f} times  "
            f"{page.path}  {verdict(holds)}"
        )
    print(f"  At most {MILLISECONDS:.0f} ms and {QUERIES} queries are allowed.")
    measure_segments()


def _add_user() -> None:
    from newsletter.accounts.actor import Role
    from newsletter.accounts.users import add_user

    add_user("ada", password="ebb and flow at the quay", roles=[Role.ADMINISTRATOR])


def _signed_in() -> "Client":
    from django.contrib.auth import get_user_model
    from django.test import Client

    client = Client()
    client.force_login(get_user_model().objects.get(username="ada"))
    return client


def _bare_milliseconds() -> float:
    """Return the median time of a page that only looks up the session and its user."""
    from django.http import HttpRequest, HttpResponse
    from django.test import override_settings
    from django.urls import path

    def bare(request: HttpRequest) -> HttpResponse:
        return HttpResponse(str(request.user))

    class Urls:
        urlpatterns = (path("bare/", bare),)

    middleware = (
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    )
    with override_settings(ROOT_URLCONF=Urls, MIDDLEWARE=middleware):
        return _median(_signed_in(), "/bare/")[0]


def _pages(client: "Client", big: "BigInstallation") -> Iterator[Page]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for path in [*sorted(set(_paths(big))), *(f"/desk/{each}" for each in SEARCHES)]:
        if _get(client, path) != HTTPStatus.OK:
            continue  # an act, which leads to its page
        with CaptureQueriesContext(connection) as captured:
            _get(client, path)
        queries = len(captured)  # before the next request forgets them
        yield Page(path, *_median(client, path), queries)


def _paths(big: "BigInstallation") -> Iterator[str]:
    """Yield every address of the desk, with the draft and with the issue that was sent to everybody."""
    from django.contrib.auth import get_user_model
    from django.urls import NoReverseMatch, reverse

    from newsletter.articles.models import Article, Source
    from newsletter.backups.models import StoredBackup
    from newsletter.notifications.models import Webhook, WebhookDelivery
    from subscribers.models import Subscriber

    common = {
        "slug": big.publication.slug,
        "article": Article.objects.latest("pk").pk,
        "reference": _reference(),
        "case": _case(big.publication),
        "correction": _correction(big),
        "source": Source.objects.latest("pk").pk,
        "list": big.publication.mailing_list.slug,
        "mailing_list": big.publication.mailing_list.slug,
        "subscriber": Subscriber.objects.latest("pk").pk,
        "group": "receives",
        "state": "accepted",
        "person": get_user_model().objects.earliest("pk").pk,
        "backup": StoredBackup.objects.earliest("pk").pk,
        "webhook": Webhook.objects.earliest("pk").pk,
        "delivery": WebhookDelivery.objects.earliest("pk").pk,
    }
    for view, names in _views():
        for issue in (big.draft, big.sent):
            known = {**common, "number": issue.number}
            try:
                yield reverse(f"desk:{view}", kwargs={name: known[name] for name in names})
            except (KeyError, NoReverseMatch):
                print(f"  not measured: {view} needs {', '.join(names)}")
                break


def _case(publication: "Publication") -> int:
    """Return the number of a question about a fact."""
    from django.utils import timezone

    from newsletter.feedback.models import ReaderCase

    now = timezone.now()
    case, _is_new = ReaderCase.objects.get_or_create(
        publication=publication,
        kind=ReaderCase.Kind.QUESTION,
        defaults={"text": "It was 40 per cent.", "received_at": now, "acknowledge_by": now, "answer_by": now},
    )
    return int(case.pk)


def _reference() -> int:
    """Return the number of a reference of the latest article, which gets one."""
    from newsletter.articles.models import Article, Reference

    article = Article.objects.latest("pk")
    return Reference.objects.get_or_create(article=article, citation="Smith A. A study. 2026.")[0].pk


def _correction(big: "BigInstallation") -> int:
    """Return the number of a serious correction to an article of the issue that was sent to everybody."""
    from newsletter.articles.models import Article
    from newsletter.issues.correct_article import CorrectionText, make_correction

    item = big.sent.items.filter(dropped=False).first()
    article = item.article if item else Article.objects.latest("pk")
    if item is None:
        big.sent.items.create(article=article, position=1)
    text = CorrectionText(right="It was 12, not 21.", severity="serious")
    return make_correction(article.pk, text).pk


def _views() -> Iterator[tuple[str, list[str]]]:
    """Yield the name of each view of the desk, and the names in its address."""
    from django.urls import URLPattern

    from newsletter.web.desk.urls import urlpatterns

    def walk(patterns: Any, outer: list[str]) -> Iterator[tuple[str, list[str]]]:
        for each in patterns:
            names = [*outer, *each.pattern.converters]
            if isinstance(each, URLPattern):
                yield str(each.name), names
            else:
                yield from walk(each.url_patterns, names)

    return walk(urlpatterns, [])


def _median(client: "Client", path: str) -> tuple[float, float]:
    """Return the median time of some turns, and the processor's mean time, in milliseconds."""
    turns = []
    with spending() as spent:
        for _ in range(TURNS):
            started = time.perf_counter()
            _get(client, path)
            turns.append((time.perf_counter() - started) * 1_000)
    return statistics.median(turns), spent.cpu * 1_000 / TURNS


def _get(client: "Client", path: str) -> int:
    """Return the status of a page, after reading all of it."""
    answer = client.get(path, headers={"host": "localhost"})
    if answer.streaming:
        answer.getvalue()
    return answer.status_code
