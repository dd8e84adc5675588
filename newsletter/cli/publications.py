"""`newsletter publications …`: newsletter titles and their standing blocks."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from django.utils import timezone

from newsletter.cli.output import JsonOption, print_fields, print_json, print_rows, print_text
from newsletter.errors import Invalid
from newsletter.issues.find_publication_or_issue import find_publication
from newsletter.issues.models import Publication, StandingBlock
from newsletter.issues.visible_to_actor import visible_publications
from subscribers.phrases import counted

if TYPE_CHECKING:
    from newsletter.issues.load_publication import LoadResult


app = typer.Typer(
    no_args_is_help=True,
    help="Create and edit publications and their standing blocks (content that appears in every issue).",
)

Slug = Annotated[
    str | None,
    typer.Argument(
        metavar="[PUBLICATION]",
        help="Short name (slug) of the publication. You can leave it out if you have only one.",
    ),
]
Changes = Annotated[
    list[str] | None, typer.Argument(metavar="KEY=VALUE", help="Settings to change, as KEY=VALUE.")
]


@app.command()
def load(file: Annotated[Path, typer.Argument(help="The TOML file.")], as_json: JsonOption = False) -> None:
    """Create or update a publication from a TOML file. Settings that are not in the file do not change.

    Example: `newsletter publications load weekly.toml`
    """
    from newsletter.issues.load_publication import load_publication_file

    loaded = load_publication_file(file)
    if as_json:
        print_json(loaded_document(loaded))
        return
    print_text(loaded_sentence(loaded))
    from newsletter.rendering.topic_notices import unused_texts

    for notice in unused_texts(loaded.publication):
        print_text(
            f"Warning: no rule for a topic contains the notice “{notice}”, so its translations are not used."
        )


@app.command("list")
def list_publications(as_json: JsonOption = False) -> None:
    """List all publications.

    Example: `newsletter publications list`
    """
    publications = visible_publications().select_related("mailing_list")
    if as_json:
        print_json([publication_document(publication) for publication in publications])
        return
    print_rows(
        ("Publication", "Name", "List", "Theme", "Issues", "Archived"),
        (
            (
                *(each.slug, each.name, each.mailing_list.slug, each.theme, each.issues.count()),
                f"{each.archived_at:%Y-%m-%d}" if each.archived_at else "",
            )
            for each in publications
        ),
        empty="You have no publications yet. To create one, run `newsletter publications load FILE`.",
    )


@app.command()
def show(publication: Slug = None, as_json: JsonOption = False) -> None:
    """Show a publication.

    Example: `newsletter publications show weekly`
    """
    found = find_publication(publication)
    (print_json if as_json else print_fields)(publication_document(found))


@app.command()
def edit(
    publication: Annotated[str, typer.Argument(help="Short name (slug) of the publication.")],
    changes: Changes = None,
    as_json: JsonOption = False,
) -> None:
    """Change a publication's settings. The keys are the same as in its TOML file.

    Example: `newsletter publications edit weekly theme=plain selection.at_most=10`
    """
    from newsletter.issues.change_publications import edit_publication

    found = find_publication(publication)
    changed = edit_publication(found, pairs(changes))
    found.refresh_from_db()
    if as_json:
        print_json(publication_document(found) | {"changed": changed})
    else:
        print_text(
            f"Changed {', '.join(changed)}."
            if changed
            else "Nothing was changed, because the settings already have these values."
        )


@app.command()
def archive(
    publication: Annotated[str, typer.Argument(help="Short name (slug) of the publication.")],
    as_json: JsonOption = False,
) -> None:
    """Archive a publication. It no longer appears in lists and menus, but we keep its issues and web pages.

    Example: `newsletter publications archive weekly`
    """
    from newsletter.scheduling.archive_publication import archive_publication

    found = find_publication(publication)
    archive_publication(found)
    _print_archived(found, f"{found.name} was archived.", as_json=as_json)


@app.command()
def restore(
    publication: Annotated[str, typer.Argument(help="Short name (slug) of the publication.")],
    as_json: JsonOption = False,
) -> None:
    """Restore an archived publication.

    Example: `newsletter publications restore weekly`
    """
    from newsletter.scheduling.archive_publication import restore_publication

    found = find_publication(publication)
    restore_publication(found)
    _print_archived(found, f"{found.name} was restored.", as_json=as_json)


def _print_archived(publication: Publication, sentence: str, *, as_json: bool) -> None:
    publication.refresh_from_db()
    if as_json:
        print_json({"publication": publication.slug, "archived_at": publication.archived_at})
    else:
        print_text(sentence)


@app.command()
def blocks(publication: Slug = None, as_json: JsonOption = False) -> None:
    """List the standing blocks of a publication, in order.

    Example: `newsletter publications blocks weekly`
    """
    from newsletter.issues.blocks_shown_in_email import shown_on

    found = find_publication(publication)
    rows = list(found.blocks.all())
    if as_json:
        print_json([block_document(block) for block in rows])
        return
    today = timezone.localtime(timezone.now(), found.tzinfo).date()
    print_rows(
        ("Block", "Kind", "Title", "From", "Until", "Shown today"),
        (
            (
                row.name,
                row.kind,
                row.title,
                row.starts_on,
                row.ends_on,
                "yes" if shown_on(row, today) else "no",
            )
            for row in rows
        ),
        empty=f"{found.name} has no standing blocks yet. To add one, run `newsletter publications block`.",
    )


@app.command()
def block(
    publication: Annotated[str, typer.Argument(help="Short name (slug) of the publication.")],
    name: Annotated[str, typer.Argument(help="Name of the standing block.")],
    changes: Changes = None,
    *,
    remove: Annotated[bool, typer.Option("--remove", help="Remove the standing block.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show, edit, add (with `kind=…`) or remove a standing block, which is content that appears in every issue.

    Example: `newsletter publications block weekly appeal raised=12345 ends_on=2026-12-31`
    """
    from newsletter.issues.change_publications import edit_block, remove_block

    found = find_publication(publication)
    if remove:
        remove_block(found, name)
        print_json({"removed": name}) if as_json else print_text(f"Removed {name}.")
        return
    edited = edit_block(found, name, pairs(changes, needed=False))
    (print_json if as_json else print_fields)(block_document(edited))


def publication_document(publication: Publication) -> dict[str, Any]:
    """Return a publication for JSON and for people, with the keys of its file."""
    left_out = {"id", "mailing_list"}
    names = [field.name for field in Publication._meta.fields if field.name not in left_out]  # noqa: SLF001 - Django's documented API
    return {"list": publication.mailing_list.slug} | {name: getattr(publication, name) for name in names}


def block_document(row: StandingBlock) -> dict[str, Any]:
    """Return a standing block for JSON and for people, with the keys of its file."""
    names = ("name", "kind", "title", "body", "starts_on", "ends_on")
    data: dict[str, Any] = row.data
    return {name: getattr(row, name) for name in names} | data


def loaded_document(loaded: "LoadResult") -> dict[str, Any]:
    """Return what loading a file changed, for programs."""
    return {"publication": loaded.publication.slug, "created": loaded.created, "changes": loaded.changes}


def loaded_sentence(loaded: "LoadResult") -> str:
    """Say what loading a file changed, for people."""
    title = f"{loaded.publication.name} ({loaded.publication.slug})"
    if loaded.created:
        blocks_made = sum(change.startswith("block ") for change in loaded.changes)
        sources_made = [
            change.removeprefix("source ") for change in loaded.changes if change.startswith("source ")
        ]
        with_sources = f" and the sources {', '.join(sources_made)}" if sources_made else ""
        return (
            f"Created {title} with {counted(blocks_made, 'standing block', 'standing blocks')}{with_sources}."
        )
    return (
        f"Updated {title}: {', '.join(loaded.changes)}."
        if loaded.changes
        else f"{title} already matches the file."
    )


def pairs(words: list[str] | None, *, needed: bool = True) -> dict[str, str]:
    """Return KEY=VALUE words as a table. Raises Invalid."""
    if needed and not words:
        raise Invalid("Give the settings to change, for example theme=plain.")
    for word in words or ():
        if "=" not in word:
            raise Invalid(
                f"“{word}” is not valid. Write a key, an equals sign and a value, for example theme=plain."
            )
    return dict(word.split("=", 1) for word in words or ())
