"""`newsletter subscribers imports|undo-import`: which files were imported, and taking one back."""

from typing import Annotated

import typer

from newsletter.accounts.actor import Role, current_actor, require_role
from newsletter.cli.output import JsonOption, print_fields, print_json, print_rows, print_text, progress
from newsletter.errors import Refused
from subscribers.imports.import_records import find_import, imports_of, why_not_undo
from subscribers.imports.undo_import import UndoOutcome, label_of, undo_import
from subscribers.lists import find_list
from subscribers.models import ImportRecord


def imports(
    list_slug: Annotated[str, typer.Option("--list", help="Show only imports into this list.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="Maximum number of imports to list.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """List the imports, newest first, with who imported each file, what happened, and whether you can undo the import.

    Example: `newsletter subscribers imports --list news`
    """
    require_role(Role.EDITOR, "Viewing imports")
    found = list(imports_of(find_list(list_slug) if list_slug else None)[:limit])
    if as_json:
        print_json([_document(one) for one in found])
        return
    print_rows(
        ("import", "started", "list", "file", "by", "added", "changed", "state", "can be undone"),
        [
            (
                one.pk,
                f"{one.began_at:%Y-%m-%d %H:%M}",
                one.list.slug,
                one.name,
                one.imported_by,
                f"{one.counts.get('added', 0):,}",
                f"{one.counts.get('changed', 0):,}",
                one.get_state_display(),
                "no" if why_not_undo(one) else "yes",
            )
            for one in found
        ],
        empty="You have not imported anyone yet.",
    )


def undo(
    number: Annotated[
        int,
        typer.Argument(
            metavar="IMPORT",
            help="Number of the import. To see the numbers, run `newsletter subscribers imports`.",
        ),
    ],
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be undone, without changing anything.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Undo an import within 30 days. Nothing changes for people who have since clicked a link, confirmed,
    paused or changed anything themselves, or who were unsubscribed or suppressed.

    The command shows what would happen, and asks you to confirm. You can only undo an import once. People who are also
    in a later import stay on the list, unless you undo the later import before this one. If the undo is interrupted,
    run the command again to continue.

    Example: `newsletter subscribers undo-import 3 --dry-run`
    """
    require_role(Role.ADMINISTRATOR, "Undoing an import")
    record, name = find_import(number), current_actor().name
    if dry_run or not yes:
        foreseen = undo_import(record, by=name, dry_run=True)
        if dry_run:
            _print_outcome(foreseen, as_json=as_json)
            return
        _print_outcome(foreseen, as_json=False)
        if not typer.confirm(f"Undo import {number}?"):
            raise Refused("The import was not undone.")
    with progress(f"Undoing import {number}", None) as advance:
        outcome = undo_import(record, by=name, advance=advance)
    _print_outcome(outcome, as_json=as_json)


def _print_outcome(outcome: UndoOutcome, *, as_json: bool) -> None:
    record = outcome.record
    if as_json:
        print_json(
            {
                "import": record.pk,
                "dry_run": outcome.dry_run,
                "state": record.state,
                "taken_back": outcome.taken_back,
                "left": outcome.left,
                "kept": outcome.kept,
                "about_later_imports": outcome.about_later_imports,
            }
        )
        return
    print_text(
        f"Import {record.pk} of {record.name or 'an unnamed file'} into the list {record.list.slug}, on "
        f"{record.began_at:%Y-%m-%d %H:%M} UTC."
    )
    parts = {
        "Undone": outcome.taken_back,
        "Not changed": outcome.left,
        "Kept, because these people do not want emails": outcome.kept,
    }
    for title, counts in parts.items():
        if counts:
            print_text(f"{title}:")
            print_fields({f"  {label_of(name)}": f"{number:,}" for name, number in counts.items()})
    if about_later_imports := outcome.about_later_imports:
        print_text(about_later_imports)
    if not any(parts.values()):
        print_text("There is nothing to undo.")
    print_text("This was a dry run, so nothing was changed." if outcome.dry_run else "The import was undone.")


def _document(record: ImportRecord) -> dict[str, object]:
    return {
        "import": record.pk,
        "list": record.list.slug,
        "file": record.name,
        "by": record.imported_by,
        "began_at": record.began_at,
        "ended_at": record.ended_at,
        "state": record.state,
        "counts": record.counts,
        "answers": record.answers,
        "consent": record.wording.text,
        "undone_by": record.undone_by,
        "undone_at": record.undone_at,
        "undo_counts": record.undo_counts,
        "why_not_undo": why_not_undo(record),
    }
