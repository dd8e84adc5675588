"""`newsletter sources …`: the places that articles come from."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsletter.articles.models import FETCHED_KINDS, Source
from newsletter.cli.output import JsonOption, print_fields, print_json, print_rows, print_text
from newsletter.errors import Refused
from subscribers.phrases import listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsletter.articles.formats.feed_autodiscovery import AnnouncedFeed

app = typer.Typer(no_args_is_help=True, help="Add, list and remove the places that articles come from.")

NameArgument = Annotated[str, typer.Argument(help="Name, address or path of the source.", metavar="SOURCE")]


@app.command("add")
def add(
    location: Annotated[
        str, typer.Argument(help="Web address of a feed or site, or path of a feed file or Markdown folder.")
    ],
    name: Annotated[
        str, typer.Option(help="Short name for the source. If left out, a name is made from its title.")
    ] = "",
    kind: Annotated[
        str,
        typer.Option(
            help=f"Kind of source. If left out, the kind is detected. The kinds are {listed(FETCHED_KINDS)}."
        ),
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Add a source. If you give a web page, we look for its feed. If the page has more than one feed, we ask you
    to choose.

    Example: `newsletter sources add https://example.org/ --name example`
    """
    from newsletter.articles.add_source import add_source
    from newsletter.articles.read_source import SeveralFeeds

    try:
        source = add_source(location, name=name, kind=kind, from_this_machine=True)
    except SeveralFeeds as several:
        raise Refused(_choice_of(several.feeds, name)) from several
    if as_json:
        print_json(document_of(source))
        return
    print_text(
        f"Added the source {source.name} ({source.get_kind_display()}, {source.location}).\nTo fetch its "
        f"articles, run `newsletter articles fetch {source.name}`."
    )


@app.command("list")
def list_sources(as_json: JsonOption = False) -> None:
    """List the sources and the result of their last fetch.

    Example: `newsletter sources list`
    """
    from newsletter.articles.sources import active_sources

    sources = active_sources()
    if as_json:
        print_json([document_of(source) for source in sources])
        return
    rows = [(source.name, source.get_kind_display(), _state(source), source.location) for source in sources]
    print_rows(
        ("Name", "Kind", "State", "Location"),
        rows,
        empty="You have no sources yet. To add one, run `newsletter sources add ADDRESS`.",
    )


@app.command("show")
def show(name: NameArgument, as_json: JsonOption = False) -> None:
    """Show all details of a source.

    Example: `newsletter sources show example`
    """
    from newsletter.articles.sources import find_source

    source = find_source(name)
    document = document_of(source)
    if as_json:
        print_json(document)
    else:
        print_fields({key.replace("_", " ").capitalize(): value for key, value in document.items()})


@app.command("remove")
def remove(name: NameArgument, as_json: JsonOption = False) -> None:
    """Remove a source and its articles. We keep articles that issues have used.

    Example: `newsletter sources remove example`
    """
    from newsletter.articles.sources import find_source, remove_source

    removed = find_source(name).name
    kept = remove_source(removed)
    if as_json:
        print_json({"removed": removed, "articles_kept": kept})
        return
    stays = f" We kept {kept} of its articles, because they are in issues." if kept else ""
    print_text(f"Removed the source {removed}.{stays}")


@app.command("accept-change")
def accept(name: NameArgument, as_json: JsonOption = False) -> None:
    """Accept that a source has changed, after checking its articles. Issues can then use the waiting articles.

    Example: `newsletter sources accept-change example`
    """
    from newsletter.articles.pause_articles_of_redesigned_sources import accept_change
    from newsletter.articles.sources import find_source

    source = find_source(name)
    released = accept_change(source)
    if as_json:
        print_json({"source": source.name, "articles_released": released})
        return
    print_text(
        f"The change to {source.name} was accepted. Number of articles that can now be used in issues: {released}. "
        "The next fetch will read the whole source again."
    )


@app.command("import")
def import_list(
    file: Annotated[
        Path, typer.Argument(help="OPML file that you exported from a feed reader.", metavar="FILE")
    ],
    as_json: JsonOption = False,
) -> None:
    """Add every feed in an OPML file as a source, and fetch the feeds. Feeds that we cannot read are not added.

    Example: `newsletter sources import subscriptions.opml`
    """
    from newsletter.articles.import_and_export_opml import import_feeds, read_list

    result = import_feeds(read_list(file))
    added = [report.source.name for report in result.reports if not report.error]
    errors = [report.error for report in result.reports if report.error]
    errors += [f"{address}: {sentence}" for address, sentence in result.refused]
    if as_json:
        print_json({"added": added, "known": result.known, "errors": errors})
    else:
        sentences = [
            (f"Sources added: {len(added)}. Already in use: {len(result.known)}. Not added: {len(errors)}."),
            *errors,
        ]
        print_text("\n".join(sentences))
    if errors:
        raise typer.Exit(1)


@app.command("export")
def export_list(as_json: JsonOption = False) -> None:
    """Print all sources that we fetch from the web as an OPML file, for feed readers.

    Example: `newsletter sources export > sources.opml`
    """
    from newsletter.articles.import_and_export_opml import exported_feeds

    document = exported_feeds()
    if as_json:
        print_json({"opml": document})
    else:
        print_text(document.rstrip("\n"))


def _choice_of(feeds: "Sequence[AnnouncedFeed]", name: str) -> str:
    """Return the commands between which somebody can choose."""
    ending = f" --name {shlex.quote(name)}" if name else ""
    commands = (
        f"{feed.title or 'Untitled feed'}: newsletter sources add {shlex.quote(feed.address)}{ending}"
        for feed in feeds
    )
    return "\n".join(
        [f"This page offers {len(feeds)} feeds. Run the command for the feed that you want:", *commands]
    )


def document_of(source: Source) -> dict[str, Any]:
    """Return a source for programs."""
    from newsletter.articles.pause_articles_of_redesigned_sources import waiting_articles

    return {
        "name": source.name,
        "title": source.title,
        "kind": source.kind,
        "location": source.location,
        "has_credentials": bool(source.credentials),
        "language": source.language,
        "articles": source.articles.count(),
        "articles_waiting": waiting_articles(source).count(),
        "changed_since": source.changed_since,
        "change": source.change,
        "fetched_at": source.fetched_at,
        "incomplete": source.incomplete,
        "error": source.error,
        "failing_since": source.failing_since,
        "failures": source.failures,
        "next_attempt_at": source.next_attempt_at,
    }


def _state(source: Source) -> str:
    if source.error:
        again = (
            f", next attempt after {source.next_attempt_at:%d %b %H:%M} UTC" if source.next_attempt_at else ""
        )
        return f"failing{again}: {source.error}"
    if source.changed_since:
        return (
            f"changed since {source.changed_since:%d %b %H:%M} UTC: {source.change} Its new articles "
            f"cannot be used until you accept the change. If it is correct, run `newsletter sources "
            f"accept-change {source.name}`"
        )
    fetched = f"fetched {source.fetched_at:%d %b %Y %H:%M} UTC" if source.fetched_at else "not fetched yet"
    return f"{fetched}, but only in part: {source.incomplete}" if source.incomplete else fetched
