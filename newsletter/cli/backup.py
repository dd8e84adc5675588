"""`newsletter backup|restore`: the whole press into one file, and back."""

from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings

from newsletter.backups.backup_file import DATABASE, Manifest, opened_backup
from newsletter.backups.make_backup import make_backup
from newsletter.backups.restore_backup import NAMES, restore_backup
from newsletter.cli.output import JsonOption, print_json, print_text
from subscribers.text import written_moment

Backup = Annotated[Path, typer.Argument(help="File of the backup, such as press.tar.gz.")]


def backup(
    file: Backup,
    verify: Annotated[
        bool, typer.Option("--verify", help="Write nothing: read a backup, and say if it is whole.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write the database, the secret key and the media into one file, while the press goes on.

    The file holds every address and the key that signs links: keep it as you keep those. Letters in a local Maildir are
    not in it, nor the settings. `--verify` reads every byte of a backup and says what is in it.

    Example: `newsletter backup press-2026-11-25.tar.gz`
    """
    if verify:
        _verify(file, as_json=as_json)
        return
    card = make_backup(file)
    size = file.stat().st_size
    if as_json:
        print_json({"file": str(file), "bytes": size, **_facts(card)})
        return
    print_text(
        f"{file}: {size / 1e6:,.1f} MB, for you alone to read. It holds every address and the secret key: "
        "keep it safe, and away from this machine."
    )


def _verify(file: Path, *, as_json: bool) -> None:
    with opened_backup(file) as found:
        card, sizes, unpacked = found.card, found.sizes, found.unpacked_bytes
    media = [name for name in sizes if name.startswith("media/")]
    if as_json:
        facts = {"file": str(file), "whole": True, "unpacked_bytes": unpacked, "media_files": len(media)}
        print_json({**facts, "database_bytes": sizes[DATABASE], **_facts(card)})
        return
    print_text(
        f"{file} is whole. Made on {written_moment(card.made_at)} UTC by version {card.version}: "
        f"a database of {NAMES.get(card.database, card.database)} ({sizes[DATABASE] / 1e6:,.1f} MB), the secret key "
        f"and {len(media):,} media files. Unpacked it takes {unpacked / 1e6:,.1f} MB."
    )


def restore(
    file: Backup,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in the place of everything there is.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make the press what it was when a backup was made. Stop it first; afterwards it asks before it sends.

    What was being sent then is paused, as it may have gone since.

    Example: `newsletter restore press-2026-11-25.tar.gz`
    """
    card = restore_backup(file, replace=replace)
    if as_json:
        print_json({"home": str(settings.NEWSLETTER.home.resolve()), **_facts(card)})
        return
    print_text(f"Restored as it was on {written_moment(card.made_at)} UTC.")
    print_text("Nothing is sent until you say so: `newsletter instance status` shows what would go.")


def _facts(card: Manifest) -> dict[str, object]:
    return {"made_at": card.made_at, "version": card.version, "database": card.database}
