"""`newsletter rotate-key`: a new secret key, while links, sessions and suppressions of the old one go on."""

from typing import Annotated

import typer
from django.conf import settings

from newsletter.accounts.actor import Role, require_role
from newsletter.cli.output import JsonOption, print_json, print_text
from newsletter.issues.issue_audit import record
from newsletter.secret_keys import FILE, rotate_key
from subscribers import key_rotation, suppression

NEXT = """The new key is in {file}, with {older} before it as {fallbacks}.
1. Restart everything that runs: until then it signs with the old key.
2. On several machines, copy the file to the same place on each, for its owner alone (mode 0600), and restart there.
3. Then run `newsletter rotate-key --finish`: it moves suppressed people whose address is known to the new key.
Never delete a line of the file: links in mails that went out, and erased people, need the older keys."""


def rotate(
    finish: Annotated[
        bool, typer.Option("--finish", help="After the restart: renew what can be renewed under the new key.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a new secret key, for example because somebody saw the old one. Old links and sessions go on.

    Example: `newsletter rotate-key`
    """
    require_role(Role.ADMINISTRATOR, "Changing the secret key")
    suppression.require_keys()
    if finish:
        _finish(as_json=as_json)
        return
    older = rotate_key(settings.NEWSLETTER)
    record("secret key", "Made a new secret key.")
    file = (settings.NEWSLETTER.home / FILE).resolve()
    if as_json:
        print_json({"file": str(file), "fallbacks": older})
        return
    several = older != 1
    print_text(
        NEXT.format(
            file=file,
            older=f"the {older} keys" if several else "the key",
            fallbacks="fallbacks" if several else "a fallback",
        )
    )


def _finish(*, as_json: bool) -> None:
    renewed = sum(key_rotation.renew_all())
    current, *older = key_rotation.suppressions_by_key().values()
    if as_json:
        print_json({"renewed": renewed, "under_the_new_key": current, "under_older_keys": sum(older)})
        return
    print_text(
        f"Renewed {renewed:,} suppressions. {sum(older):,} stay under older keys, since their addresses are not known "
        "here: those keys must stay."
    )
