"""What `make demo` runs: from the example site to an issue in five inboxes, through the real command line.

It uses its own home folder, `var/demo` or `$NEWSLETTER_HOME`, which it empties first. Nothing leaves this
machine: emails are written to a Maildir in that home, whatever transport and database the environment names.
"""

import csv
import json
import os
import secrets
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
HOME = Path(os.environ.get("NEWSLETTER_HOME") or ROOT / "var" / "demo").resolve()
MARK = HOME / "made-by-the-demo"
ISSUE = HOME / "issue"
LIST = "harbour-letter"
CONSENT = "Sample subscriber for the demo"
PICTURES = "https://example.org/images/"
USER = "demo"
LEAD = "https://example.org/chemotherapy-headlines-wnt16b"
CORRECTED = "https://example.org/mri-before-biopsy-promis"


def main() -> None:
    """Run every step as a person would type it. The first failure ends the demo with exit code 1."""
    start_afresh()
    newsletter("init", "--publication", shown(HERE / "publication.toml"))
    # example.org serves no pictures that we could copy.
    newsletter("publications", "edit", LIST, "hotlink_pictures=yes")
    # Questions from readers need somebody who answers them.
    password = secrets.token_urlsafe(9)
    newsletter("users", "add", USER, "--role", "administrator", "--role", "board", typed=password)
    newsletter("publications", "edit", LIST, "takes_questions=yes")
    newsletter("articles", "fetch")
    newsletter("articles", "review", number_of(LEAD), "--on", "2026-11-20")
    owner = "Harbour Prostate Cancer Information (example)"
    newsletter("articles", "terms", number_of(LEAD), "--picture-attribution", owner)
    newsletter("issues", "compose", LIST)
    newsletter("issues", "edit", "1", "--opening", shown(HERE / "opening.md"))
    with (HERE / "subscribers.csv").open(encoding="utf-8", newline="") as file:
        for person in csv.DictReader(file):
            add_subscriber(person)
    newsletter("issues", "preview", "1", "--out", shown(ISSUE))
    newsletter("issues", "approve", "1")
    newsletter("issues", "send", "1", "--without-undo", "--yes")
    correct_an_article()
    make_preview()
    say_where_everything_is(password)


def start_afresh() -> None:
    """Empty the home folder, or stop if the demo did not make it."""
    if HOME.is_dir() and any(HOME.iterdir()) and not MARK.exists():
        stop(
            f"{HOME} contains other files. Set NEWSLETTER_HOME to a folder that the demo is allowed to empty."
        )
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir(parents=True)
    MARK.touch()


def add_subscriber(person: dict[str, str]) -> None:
    """Add one sample person. Names may be missing."""
    names = [("--first-name", person["first_name"]), ("--last-name", person["last_name"])]
    given = [word for option, name in names if name for word in (option, name)]
    newsletter(
        "subscribers", "add", person["address"], "--list", LIST, "--consent", CONSENT, "--by", "demo", *given
    )


def correct_an_article() -> None:
    """Publish a correction that is made up, and says so. The article as it was sent has no such mistake."""
    newsletter(
        *("corrections", "make", number_of(CORRECTED), "--severity", "minor"),
        *("--said", "740 men had all three tests."),
        *(
            "--right",
            "(A made-up correction.) 740 men enrolled, and 576 of them had the scan and both kinds of biopsy.",
        ),
        *(
            "--why",
            "We made this correction up, to show what one looks like. The article never had the mistake.",
        ),
    )


def number_of(url: str) -> str:
    """Return the number of an article by its address."""
    listed = run("articles", "list", "--json", shows=False)
    return next(str(each["id"]) for each in json.loads(listed) if each["url"] == url)


def newsletter(*words: str, typed: str = "") -> None:
    """Run one command, and show it. Input that is `typed` is not shown."""
    print(f"\n$ newsletter {shlex.join(words)}", flush=True)
    run(*words, typed=typed)


def run(*words: str, typed: str = "", shows: bool = True) -> str:
    """Run one command, and return what it printed if that is not shown. A failure ends the demo."""
    surroundings = os.environ | {
        "NEWSLETTER_HOME": str(HOME),
        "NEWSLETTER_TRANSPORT": "maildir",
        "DATABASE_URL": "",
        "LOGNAME": os.environ.get("LOGNAME") or "demo",
        "PYTHONUTF8": "1",
    }
    done = subprocess.run(  # noqa: S603 - our own command line with words of our own
        [sys.executable, "-m", "newsletter", *words],
        cwd=ROOT,
        env=surroundings,
        check=False,
        text=True,
        input=typed or None,
        stdout=None if shows else subprocess.PIPE,
    )
    if done.returncode:
        stop(
            f"`newsletter {words[0]} {words[1]}` failed with exit code {done.returncode}. The reason is above."
        )
    return done.stdout or ""


def make_preview() -> None:
    """Write the email with its pictures beside it, because example.org does not serve them."""
    email = (ISSUE / "email.html").read_text(encoding="utf-8")
    shutil.copytree(HERE / "site" / "images", ISSUE / "images", ignore=shutil.ignore_patterns("*.svg"))
    (ISSUE / "preview.html").write_text(email.replace(PICTURES, "images/"), encoding="utf-8")


def say_where_everything_is(password: str) -> None:
    """Say what was made, and how to open it."""
    outbox = HOME / "outbox"
    delivered = sum(1 for _ in (outbox / "new").iterdir())
    print(f"""
The issue was delivered to {delivered} sample subscribers.

  See it in a browser   {shown(ISSUE / "preview.html")}  (the email with its pictures)
  The email as sent     {shown(ISSUE / "email.html")}
  Its plain text part   {shown(ISSUE / "email.txt")}
  A whole message       {shown(ISSUE / "email.eml")}  (opens in a mail program)
  All messages          {shown(outbox)}  (a Maildir: mutt -f {shown(outbox)})

Run `make serve` to see it as readers do, at http://localhost:8000/{LIST}/, and as editors do, at
http://localhost:8000/desk/: log in as {USER} with the password {password}
The links in the emails lead to port 8000, so they do not work if you choose another port.

Next, make an issue from your own feed: docs/tutorial/first-issue.md""")


def shown(path: Path) -> str:
    """Return a path relative to the checkout, if it is inside."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def stop(sentence: str) -> None:
    """Print a sentence, and end the demo with exit code 1."""
    print(f"demo: {sentence}", file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    main()
