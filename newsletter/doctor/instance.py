"""The residence: a database that was copied or restored sends nothing until somebody says so."""

from collections.abc import Iterator

from newsletter.doctor.finding import Finding, left_out, ok, wrong
from newsletter.doctor.installation import Installation
from newsletter.instance.guard import instance_status

CHECK = "instance"


def check(installation: Installation) -> Iterator[Finding]:
    """Whether this database is where it last was."""
    if not installation.database_is_ready:
        yield left_out(CHECK, "The database is not ready.")
        return
    standing = instance_status()
    if standing.problem:
        yield wrong(CHECK, standing.problem, "Run `newsletter instance status`.")
    elif standing.row is None:
        yield ok(CHECK, f"It is new: it is at home where it is first used, as {standing.here.label}.")
    else:
        yield ok(CHECK, f"It is at home: {standing.row.label}.")
