"""The home folder: it can be written, and the disk under it has room."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from newsletter.doctor.finding import Finding, ok, warning, wrong
from newsletter.doctor.installation import Installation
from newsletter.owner_only_files import open_to_others
from newsletter.schema_check import database_file

CHECK = "home"
MAX_NAMED = 3
TOO_LITTLE, LITTLE = 200_000_000, 1_000_000_000


def check(installation: Installation) -> Iterator[Finding]:
    """Whether the press can keep what it has to."""
    home = installation.environment.home.resolve()
    if not home.is_dir():
        yield wrong(
            CHECK, f"The home folder {home} is not there.", "Run `newsletter init`, or set NEWSLETTER_HOME."
        )
        return
    if not os.access(home, os.W_OK | os.X_OK):
        yield wrong(
            CHECK, f"The home folder {home} cannot be written.", "Give it to the user who runs the press."
        )
        return
    yield from _open_to_others(home)
    free = shutil.disk_usage(home).free
    said = f"{home} has {free / 1e9:.1f} GB free"
    fix = "Make room, or move the home folder and set NEWSLETTER_HOME."
    if free < TOO_LITTLE:
        yield wrong(CHECK, f"{said}: too little to send.", fix)
    elif free < LITTLE:
        yield warning(CHECK, f"{said}: that is little.", fix)
    else:
        yield ok(CHECK, f"{said}.")


def _open_to_others(home: Path) -> Iterator[Finding]:
    found = open_to_others(home, database_file())
    if found:
        named = ", ".join(str(path) for path in found[:MAX_NAMED]) + (", …" if len(found) > MAX_NAMED else "")
        yield warning(
            CHECK,
            f"Other users of this machine may read {named}.",
            f"Start the press as the owner, which closes them, or run `chmod -R go= {home}` yourself.",
        )
