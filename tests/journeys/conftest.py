"""What journeys need beside the press: the system's Chromium, driven by Playwright."""

import shutil
import zlib
from itertools import product
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

import pytest
from django.core.signals import request_finished, request_started

from tests import full

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


SECONDS_TO_ANSWER = 20.0
MILLISECONDS_TO_SHOW = 30_000


@pytest.fixture(scope="session")
def chromium():
    """One browser for all journeys; without Chromium they are skipped, with the reason."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (Debian: apt install chromium).")
    from playwright.sync_api import expect, sync_playwright

    # Five seconds, Playwright's own limit, are too few where eight processes share two cores.
    expect.set_options(timeout=30_000)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread, which Django takes for asynchronous code of ours.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def requests_end():
    """Wait, afterwards, until the test's own web server answers nothing: it would use tables that are being emptied."""
    running, idle = [], Event()
    idle.set()

    def begins(**_):
        running.append(1)
        idle.clear()

    def ends(**_):
        if running:
            running.pop()
        if not running:
            idle.set()

    request_started.connect(begins)
    request_finished.connect(ends)
    yield
    idle.wait(SECONDS_TO_ANSWER)
    request_started.disconnect(begins)
    request_finished.disconnect(ends)


@pytest.fixture
def open_page(chromium, requests_end):
    """Open pages as a reader would: `open_page(url, width=390, dark=True)`; nothing comes from elsewhere."""
    contexts = []

    def open_it(url, *, width=1280, dark=False, script=True):
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
        )
        contexts.append(context)
        context.route(
            "**/*", lambda route: route.continue_() if is_local(route.request.url) else route.abort()
        )
        page = context.new_page()
        page.goto(url)
        return page

    yield open_it
    for context in contexts:
        context.close()


def is_local(url):
    return url.startswith(("file:", "data:", "http://127.0.0.1", "http://localhost", "http://testserver"))


AXE = Path(__file__).parents[1] / "vendor" / "axe-core" / "axe.min.js"
# The email in its frame has rules of its own, and its sandbox lets no script look into it.
RUN_AXE = "options => axe.run(document, {iframes: false, resultTypes: ['violations'], ...options})"
# What another theme changes. All other rules are about elements, which are the same.
ABOUT_COLOURS = ["color-contrast", "link-in-text-block"]


@pytest.fixture
def axe():
    """Look for what keeps people from using a page: `axe(page)`, in both themes and at both widths.

    The colours of a page are looked at in one theme at the one width and in the other theme at the other; a full run
    looks at them everywhere. The page may have an open dialog or menu; it is as it was afterwards. The violations are
    the message of the failure.
    """

    def look(page, *, widths=(390, 1280), themes=("light", "dark")):
        before = page.viewport_size
        page.evaluate(AXE.read_text(encoding="utf-8"))
        everywhere = full.SHARE >= 1 or len(widths) == 1
        turn = zlib.crc32(urlsplit(page.url).path.encode())
        for width, theme in product(widths, themes):
            is_first = theme == themes[0]
            has_turn = (widths.index(width) + themes.index(theme) + turn) % 2 == 0
            if is_first or everywhere or has_turn:
                page.set_viewport_size({"width": width, "height": 900})
                page.emulate_media(color_scheme=theme, reduced_motion="reduce")
                options = rules_of_axe(others=is_first, colours=everywhere or has_turn)
                assert violations(page, options) == [], f"{page.url}, {width} px, {theme}"
        page.set_viewport_size(before)
        page.emulate_media(color_scheme="light", reduced_motion="no-preference")

    return look


def rules_of_axe(*, others, colours):
    """The options with which axe-core looks at colours, at all else, or at both."""
    if not others:
        return {"runOnly": ABOUT_COLOURS}
    return {"rules": {name: {"enabled": colours} for name in ABOUT_COLOURS}}


def violations(page, options):
    return [
        f"{each['id']} ({each['help']}): {node['html'][:200]} {node['failureSummary']}"
        for each in page.evaluate(RUN_AXE, options)["violations"]
        for node in each["nodes"]
    ]
