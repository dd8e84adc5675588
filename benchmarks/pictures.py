"""Composes an issue with 15 pictures from a server on this machine: a quick one, a slow one, and one that never ends.

Each must end within 20 seconds, even if no picture came. The database is in memory.
"""

import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from benchmarks.temporary_database import temporary_database
from benchmarks.verdicts import verdict

if TYPE_CHECKING:
    from newsletter.issues.models import Publication

PICTURES = 15
MAX_SECONDS = 20
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
# Seconds before a response begins, and between its pieces.
SERVERS = {"quick": (0.0, 0.0), "slow": (2.0, 0.02), "never ending": (0.0, 5.0)}
PIECE = 65_536


def main() -> None:
    """Compose with each server, and print how long it took and what came."""
    with temporary_database():
        _measure()


def _measure() -> None:
    from newsletter.articles.pictures.models import OriginalPicture
    from newsletter.issues.compose import compose
    from newsletter.rendering.render_email import render_email

    picture = _photo()
    print(f"pictures: {PICTURES} photos of 12 million pixels, {len(picture) / 1e6:.1f} MB each")
    for name, (wait, pause) in SERVERS.items():
        with _serving(picture, wait, pause) as address:
            publication = _publication(name, address)
            began = time.perf_counter()
            issue = compose(publication, now=NOW)
            seconds = time.perf_counter() - began
        came = OriginalPicture.objects.filter(url__startswith=address, state="ready").count()
        shown = render_email(issue).html.count("<img ")
        holds = seconds <= MAX_SECONDS and shown == PICTURES
        print(
            f"  {name:14} {seconds:6.1f} s, {came:2} came, {PICTURES - came:2} grey areas"
            f"    (at most {MAX_SECONDS} s): {verdict(holds)}"
        )


def _photo() -> bytes:
    from PIL import Image

    grey = Image.effect_noise((1000, 750), 80).resize((4000, 3000))
    output = io.BytesIO()
    Image.merge("RGB", (grey, grey.rotate(180), grey)).save(output, "JPEG", quality=90)
    return output.getvalue()


@contextmanager
def _serving(picture: bytes, wait: float, pause: float) -> Iterator[str]:
    from django.conf import settings

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            time.sleep(wait)
            self.send_response(200)
            self.send_header("Content-Type", "image/jpeg")
            self.send_header("Content-Length", str(len(picture)))
            self.end_headers()
            for start in range(0, len(picture), PIECE):
                time.sleep(pause)
                self.wfile.write(picture[start : start + PIECE])

        def log_message(self, *_arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.handle_error = lambda *_arguments: None  # type: ignore[method-assign]  # clients leave early
        server.daemon_threads = True
        server.block_on_close = False
        threading.Thread(target=server.serve_forever, daemon=True).start()
        host = f"127.0.0.1:{server.server_port}"
        settings.NEWSLETTER = settings.NEWSLETTER.model_copy(update={"fetch_allow_hosts": (host,)})
        yield f"http://{host}"
        server.shutdown()


def _publication(name: str, address: str) -> "Publication":
    from newsletter.articles.models import Article, Source
    from newsletter.issues.models import Publication
    from subscribers.models import List

    slug = name.replace(" ", "-")
    source = Source.objects.create(name=slug, location=f"{address}/feed")
    for number in range(PICTURES):
        Article.objects.create(
            source=source,
            identity=f"{slug}-{number}",
            content_hash=f"{slug}-{number}",
            url=f"{address}/{number}/",
            title=f"A daily walk and fewer falls, part {number}",
            standfirst="Researchers followed 1,200 people over nine years.",
            image_url=f"{address}/{number}.jpg",
            published_at=NOW,
            found_at=NOW,
        )
    return Publication.objects.create(
        slug=slug,
        name=name.title(),
        organisation="The Example Trust",
        website="https://example.org/",
        mailing_list=List.objects.create(slug=slug, name=name.title()),
        sender_name="Health News",
        sender_address="news@example.org",
        postal_address="1 Example Street\nLondon N1 1AA",
        selection={"at_most": PICTURES, "since": 365, "sources": [slug]},
    )
