"""Check the home folder: it is writable, private, and has free disk space."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from newsletter.doctor.check_inputs import Installation
from newsletter.doctor.doctor_finding import Finding, ok, warning, wrong
from newsletter.owner_only_files import open_to_others
from newsletter.schema_check import database_file

CHECK = "home"
MAX_NAMED = 3
TOO_LITTLE, LITTLE = 200_000_000, 1_000_000_000


def check(installation: Installation) -> Iterator[Finding]:
    """Check whether the home folder can hold the data."""
    home = installation.environment.home.resolve()
    if not home.is_dir():
        yield wrong(
            CHECK,
            f"The home folder {home} does not exist.",
            "Run `newsletter init`, or set NEWSLETTER_HOME to the folder that you use.",
        )
        return
    if not os.access(home, os.W_OK | os.X_OK):
        yield wrong(
            CHECK,
            f"We cannot write to the home folder {home}.",
            "Make the user who runs this software the owner of the folder.",
        )
        return
    yield from _open_to_others(home)
    free = shutil.disk_usage(home).free
    said = f"The disk with the home folder {home} has {free / 1000000000.0:.1f} GB of free space"
    fix = "Free some disk space, or move the home folder and set NEWSLETTER_HOME."
    if free < TOO_LITTLE:
        yield wrong(CHECK, f"{said}, which is not enough to send emails.", fix)
    elif free < LITTLE:
        yield warning(CHECK, f"{said}, which may soon not be enough.", fix)
    else:
        yield ok(CHECK, f"{said}.")


def _open_to_others(home: Path) -> Iterator[Finding]:
    found = open_to_others(home, database_file())
    if found:
        named = ", ".join(str(path) for path in found[:MAX_NAMED]) + (", …" if len(found) > MAX_NAMED else "")
        yield warning(
            CHECK,
            f"Other users of this machine can read these private files: {named}.",
            "Start this software as the user who owns these files, so that it can make them private, or run "
            f"`chmod -R go= {home}`.",
        )
