"""`newsletter init`: everything that a first start needs."""

from django.conf import settings
from django.core.management import call_command

from newsletter.cli.output import JsonOption, print_json, print_text


def init(
    as_json: JsonOption = False,
) -> None:
    """Make the home folder, the secret key and the database; safe to repeat.

    Example: `newsletter init`
    """
    call_command("migrate", verbosity=0, interactive=False)
    home = str(settings.NEWSLETTER.home.resolve())
    if as_json:
        print_json({"home": home})
    else:
        print_text(f"Ready. Everything is kept in {home}")
