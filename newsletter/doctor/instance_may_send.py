"""Check the instance guard: a copied or restored database sends nothing until somebody allows it."""

from collections.abc import Iterator

from newsletter.doctor.check_inputs import Installation
from newsletter.doctor.doctor_finding import Finding, left_out, ok, wrong
from newsletter.instance.guard import instance_status

CHECK = "instance"


def check(installation: Installation) -> Iterator[Finding]:
    """Check whether this database is in its own installation."""
    if not installation.database_is_ready:
        yield left_out(CHECK, "We could not check this, because the database is not ready.")
        return
    status = instance_status()
    if status.problem:
        yield wrong(CHECK, status.problem, "Run `newsletter instance status` to see the details.")
    elif status.row is None:
        yield ok(
            CHECK,
            "This database is new, so the first installation that uses it can send emails. This "
            f"installation is {status.here.label}.",
        )
    else:
        yield ok(CHECK, f"This installation can send emails from its database ({status.row.label}).")
