"""Take the pictures of the README: an issue as a reader sees it, and the desk.

Usage: .venv/bin/python docs/images/take_pictures.py

Everything runs in temporary folders on this machine, and needs Chromium.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LIST = "harbour-letter"
PASSWORD = "ebb and flow at the quay"  # noqa: S105 - of an installation that lives for a minute
SUBSCRIBERS = 1_355
SECONDS_TO_START = 60
# The background of both pictures, and frames for a screen and a phone on it.
STYLE = """
  body { margin: 0; background: #e8e5de; overflow: hidden; position: relative }
  body { width: %(width)dpx; height: %(height)dpx }
  div { position: absolute; overflow: hidden; border-radius: 8px; box-shadow: 0 2px 12px rgb(0 0 0 / 30%%) }
  .phone { border-radius: 20px }
"""


def main() -> None:
    """Take both pictures."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        take_issue(browser, Path(folder, "demo"))
        take_desk(browser, Path(folder, "desk"))
        browser.close()


def take_issue(browser: Browser, home: Path) -> None:
    """Show the issue of the demo on a wide screen in light mode, and on a phone in dark mode."""
    run([sys.executable, str(ROOT / "examples" / "demo.py")], home)
    address = (home / "issue" / "preview.html").as_uri()
    wide, phone = home / "wide.png", home / "phone.png"
    screenshot(browser, address, wide, size=(640, 1420), scheme="light")
    screenshot(browser, address, phone, size=(390, 1300), scheme="dark")
    frames = f"""
      <div style="left:26px;top:42px;width:640px;height:1420px"><img src="{wide.as_uri()}"></div>
      <div class="phone" style="left:702px;top:100px;width:390px;height:1300px"><img src="{phone.as_uri()}"></div>"""
    compose_picture(browser, frames, home / "picture.html", HERE / "issue.png", size=(1120, 1500))


def take_desk(browser: Browser, home: Path) -> None:
    """Show a draft with its email beside it, and on a phone an issue a few minutes before it is sent."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # Links in an approved email contain this address, so it must not change between setting up and serving.
    os.environ["NEWSLETTER_BASE_URL"] = f"http://127.0.0.1:{port}"
    set_up(home)
    with serving(home, port) as address:
        wide, phone = home / "wide.png", home / "phone.png"
        draft, undo = f"{address}issues/{LIST}/4/", f"{address}issues/{LIST}/2/send/"
        screenshot(browser, draft, wide, size=(1180, 1060), scheme="light", log_in=True)
        screenshot(browser, undo, phone, size=(390, 844), scheme="dark", log_in=True)
    frames = f"""
      <div style="left:30px;top:30px;width:1180px;height:1060px"><img src="{wide.as_uri()}"></div>
      <div class="phone" style="left:1080px;top:216px;width:390px;height:844px"><img src="{phone.as_uri()}"></div>"""
    compose_picture(browser, frames, home / "picture.html", HERE / "desk.png", size=(1500, 1120))


def set_up(home: Path) -> None:
    """Make four issues: one sent, one in its undo window, one scheduled, and one that needs approval."""
    home.mkdir()
    people = home / "people.csv"
    addresses = "".join(f"reader{number}@example.org\n" for number in range(SUBSCRIBERS))
    people.write_text(f"address\n{addresses}", encoding="utf-8")
    newsletter(home, "init", "--publication", str(ROOT / "examples" / "publication.toml"))
    newsletter(home, "articles", "fetch")
    newsletter(home, "subscribers", "import", str(people), "--list", LIST, "--consent", "Sample people")
    newsletter(home, "publications", "edit", LIST, "undo_minutes=30")
    newsletter(home, "series", "add", LIST, "every second Tuesday at 07:30", "--mode", "approve")
    for name, role in (("ruth", "editor"), ("amir", "administrator")):
        newsletter(home, "users", "add", name, "--role", role, typed=PASSWORD)
    for _ in range(4):
        newsletter(home, "issues", "compose", LIST, "--at-most", "3", "--days", "3650")
    for number in ("1", "2", "3"):
        newsletter(home, "issues", "approve", number)
    newsletter(home, "issues", "send", "1", "--without-undo", "--yes")
    newsletter(home, "issues", "send", "2", "--yes")
    newsletter(home, "issues", "schedule", "3", "--at", "next Friday 07:30")


def newsletter(home: Path, *words: str, typed: str = "") -> None:
    """Run one command of an installation."""
    run([sys.executable, "-m", "newsletter", *words], home, typed=typed)


def run(words: list[str], home: Path, typed: str = "") -> None:
    """Run a program to its end. Raises CalledProcessError, after what the program printed, if it fails."""
    subprocess.run(words, cwd=ROOT, env=environment(home), check=True, text=True, input=typed or None)  # noqa: S603 - programs of ours


def environment(home: Path) -> dict[str, str]:
    """Return the variables of an installation that sends nothing to anybody."""
    ours = {"NEWSLETTER_HOME": str(home), "NEWSLETTER_TRANSPORT": "maildir", "DATABASE_URL": ""}
    return os.environ | ours | {"LOGNAME": "ruth", "PYTHONUTF8": "1"}


@contextmanager
def serving(home: Path, port: int) -> Iterator[str]:
    """Serve an installation without its scheduler, so that nothing changes; give the address of its desk."""
    words = [sys.executable, "-m", "newsletter", "web", "--port", str(port)]
    address = f"http://127.0.0.1:{port}"
    web = subprocess.Popen(words, cwd=ROOT, env=environment(home))  # noqa: S603 - a program of ours
    try:
        wait_for(f"{address}/healthz")
        yield f"{address}/desk/"
    finally:
        web.terminate()
        web.wait(SECONDS_TO_START)


def wait_for(address: str) -> None:
    """Wait until a web server responds. Raises TimeoutError after a minute."""
    for _ in range(SECONDS_TO_START * 10):
        try:
            with urlopen(address, timeout=5):  # noqa: S310 - our own server on this machine
                return
        except URLError:
            time.sleep(0.1)
    raise TimeoutError(f"{address} did not respond within {SECONDS_TO_START} seconds.")


def screenshot(
    browser: Browser, address: str, path: Path, *, size: tuple[int, int], scheme: str, log_in: bool = False
) -> None:
    """Take a picture of a page in a window of a size and a colour scheme."""
    page = browser.new_page(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    page.goto(address)
    if log_in:
        fill_in_login(page)
        page.goto(address)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=path)
    page.context.close()


def fill_in_login(page: Page) -> None:
    """Log in at the desk."""
    page.fill("input[name=username]", "amir")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state()


def compose_picture(
    browser: Browser, frames: str, page_file: Path, path: Path, *, size: tuple[int, int]
) -> None:
    """Take a picture of the frames on their background."""
    style = STYLE % {"width": size[0], "height": size[1]}
    page_file.write_text(f"<style>{style}</style>{frames}", encoding="utf-8")
    screenshot(browser, page_file.as_uri(), path, size=size, scheme="light")


if __name__ == "__main__":
    main()
