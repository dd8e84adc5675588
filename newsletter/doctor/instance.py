"""Check the instance guard: a copied or restored database sends nothing until somebody allows it."""

from collections.abc import Iterator

from newsletter.doctor.check_inputs import Installation
from newsletter.doctor.finding import Finding, left_out, ok, wrong
from newsletter.instance.guard import instance_status

CHECK = "instance"


def check(installation: Installation) -> Iterator[Finding]:
    """Check whether this database is in its own installation."""
    if not installation.database_is_ready:
        yield left_out(CHECK, "The database is not ready.")
        return
    standing = instance_status()
    if standing.problem:
        yield wrong(CHECK, standing.problem, "Run `newsletter instance status`.")
    elif standing.row is None:
        yield ok(
            CHECK,
            "This database is new. It will belong to the installation where it is first used, "
            f"such as this one: {standing.here.label}.",
        )
    else:
        yield ok(CHECK, f"This database is in its own installation: {standing.row.label}.")
