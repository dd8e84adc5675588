"""`newsletter backup|restore`: back up the whole installation into one file, and restore it."""

from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings

from newsletter.backups.backup_file import DATABASE, Manifest, opened_backup
from newsletter.backups.make_backup import make_backup
from newsletter.backups.restore_backup import NAMES, restore_backup
from newsletter.cli.output import JsonOption, print_json, print_text
from subscribers.text import written_moment

Backup = Annotated[Path, typer.Argument(help="Backup file, such as newsletter.tar.gz.")]


def backup(
    file: Backup,
    verify: Annotated[
        bool, typer.Option("--verify", help="Write nothing. Read a backup and check that it is complete.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Back up the database, the secret key and the media into one file, while everything keeps running.

    The file holds every address and the key that signs links, so keep it as safe as those. Settings and emails in
    a local Maildir are not backed up. `--verify` reads every byte of a backup and shows what it contains.

    Example: `newsletter backup newsletter-2026-11-25.tar.gz`
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
        f"{file}: {size / 1e6:,.1f} MB, readable only by you. It holds every address and the secret key: "
        "keep it safe, and not on this machine."
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
        f"{file} is complete. It was made on {written_moment(card.made_at)} UTC by version {card.version} "
        f"and holds a {NAMES.get(card.database, card.database)} database ({sizes[DATABASE] / 1e6:,.1f} MB), "
        f"the secret key and {len(media):,} media files. It needs {unpacked / 1e6:,.1f} MB when unpacked."
    )


def restore(
    file: Backup,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace everything in this installation.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Restore everything to its state when a backup was made. Stop every newsletter process first.

    A restored installation sends nothing until you allow it. A mailing that was being sent at the time of the
    backup is paused, because more of it may have been sent since.

    Example: `newsletter restore newsletter-2026-11-25.tar.gz`
    """
    card = restore_backup(file, replace=replace)
    if as_json:
        print_json({"home": str(settings.NEWSLETTER.home.resolve()), **_facts(card)})
        return
    print_text(f"Restored to the state at {written_moment(card.made_at)} UTC.")
    print_text(
        "Nothing is sent until you allow it. Run `newsletter instance status` to see what would be sent."
    )


def _facts(card: Manifest) -> dict[str, object]:
    return {"made_at": card.made_at, "version": card.version, "database": card.database}
