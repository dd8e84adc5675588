"""`newsletter init`: create everything that a new installation needs."""

from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings

from newsletter.cli.output import JsonOption, print_json, print_text

PublicationFile = Annotated[
    Path | None,
    typer.Option("--publication", metavar="FILE", help="Also load a publication from this TOML file."),
]


def init(publication: PublicationFile = None, as_json: JsonOption = False) -> None:
    """Create the home folder, the secret key and the database. You can run this command again safely.

    Example: `newsletter init --publication weekly.toml`
    """
    from newsletter.cli.publications import loaded_document, loaded_sentence
    from newsletter.cli.startup_checks import set_up_home
    from newsletter.issues.load_publication import load_publication_file

    set_up_home()
    home = str(settings.NEWSLETTER.home.resolve())
    loaded = load_publication_file(publication) if publication else None
    if as_json:
        print_json({"home": home} | (loaded_document(loaded) if loaded else {}))
        return
    print_text(f"The installation is ready. All its data is kept in {home}")
    if loaded:
        print_text(loaded_sentence(loaded))
