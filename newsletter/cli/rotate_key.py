"""`newsletter rotate-key`: create a new secret key. Links, sessions and suppressions made with the old key stay
valid.
"""

from typing import Annotated

import typer
from django.conf import settings

from newsletter.accounts.actor import Role, require_role
from newsletter.accounts.factor_secrets import renew_all_secrets
from newsletter.cli.output import JsonOption, print_json, print_text
from newsletter.issues.issue_audit import record
from newsletter.notifications.webhook_secrets import renew_webhook_secrets
from newsletter.secret_keys import FILE, rotate_key
from newsletter.sending_settings.change import renew_secrets
from subscribers import key_rotation, suppression
from subscribers.phrases import counted, listed

NEXT = """We have added a new secret key to {file}. Keep {older} in the file as {fallbacks}.
1. Restart all newsletter processes. Until then, they use the old key.
2. If you use several machines, copy the file to the same place on each, with mode 0600, and restart the processes.
3. Then run `newsletter rotate-key --finish`, so that the new key protects the addresses of suppressed people, and
   the secrets for second factors, webhooks and sending.
Do not delete any line from the file. Links in sent emails, and records of erased people, need the older keys."""


def rotate(
    finish: Annotated[
        bool,
        typer.Option("--finish", help="Finish changing the key, after you have restarted all processes."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Create a new secret key, for example because somebody saw the old one. Old links and sessions stay valid.

    Example: `newsletter rotate-key`
    """
    require_role(Role.ADMINISTRATOR, "Changing the secret key")
    suppression.require_keys()
    if finish:
        _finish(as_json=as_json)
        return
    older = rotate_key(settings.NEWSLETTER)
    record("secret key", "Created a new secret key.")
    file = (settings.NEWSLETTER.home / FILE).resolve()
    if as_json:
        print_json({"file": str(file), "fallbacks": older})
        return
    several = older != 1
    print_text(
        NEXT.format(
            file=file,
            older=f"the {older} older keys" if several else "the older key",
            fallbacks="fallbacks" if several else "a fallback",
        )
    )


def _finish(*, as_json: bool) -> None:
    renewed = sum(key_rotation.renew_all())
    factors, sending, webhooks = renew_all_secrets(), renew_secrets(), renew_webhook_secrets()
    current, *older = key_rotation.suppressions_by_key().values()
    if as_json:
        print_json(
            {
                "renewed": renewed,
                "under_the_new_key": current,
                "under_older_keys": sum(older),
                "second_factors": factors,
                "sending_secrets": sending,
                "webhook_secrets": webhooks,
            }
        )
        return
    updated = listed(
        [
            counted(renewed, "suppression", "suppressions"),
            counted(factors, "second-factor secret", "second-factor secrets"),
            *(
                [counted(sending, "secret in the sending settings", "secrets in the sending settings")]
                if sending
                else []
            ),
            *([counted(webhooks, "webhook secret", "webhook secrets")] if webhooks else []),
        ]
    )
    print_text(
        f"Updated {updated} to the new key. Suppressions that still use older keys: {sum(older):,}. We no longer know "
        "their addresses, so keep the older keys."
    )
