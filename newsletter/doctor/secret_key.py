"""Check the secret keys: every key that a suppression needs is set."""

from collections.abc import Iterator

from newsletter.doctor.check_inputs import Installation
from newsletter.doctor.doctor_finding import Finding, left_out, ok, wrong
from subscribers import key_rotation, suppression
from subscribers.phrases import counted

CHECK = "secret key"


def check(installation: Installation) -> Iterator[Finding]:
    """Check whether we can recognise every address that must not be mailed."""
    if not installation.database_is_ready:
        yield left_out(CHECK, "We could not check this, because the database is not ready.")
        return
    if why_not := suppression.why_not_look_up():
        yield wrong(
            CHECK,
            f"{why_not} Until this is corrected, we will not send any emails or add any subscribers.",
            "Copy the file secret-key from the machine that has the key, or add the missing line from "
            "a backup of the file. If the key is lost for good, run `newsletter suppressions "
            "discard-key`.",
        )
        return
    _current, *older = key_rotation.suppressions_by_key().values()
    if not older:
        yield ok(CHECK, "The secret key is in place, and no older keys are in use.")
    else:
        yield ok(
            CHECK,
            (
                f"The secret key is in place. Older keys that we still need: {len(older)} (for "
                f"{counted(sum(older), 'suppressed address', 'suppressed addresses')})."
            ),
        )
