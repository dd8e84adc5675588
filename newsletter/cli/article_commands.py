"""`newsletter articles …`: fetch, list and show articles, and exclude some from the newsletter."""

from datetime import datetime
from typing import Annotated, Any

import typer

from newsletter.articles.models import Article
from newsletter.cli.output import JsonOption, print_fields, print_json, print_rows, print_text, progress

app = typer.Typer(
    no_args_is_help=True, help="Fetch, list and show articles, and exclude articles from all issues."
)

NumberArgument = Annotated[
    int,
    typer.Argument(
        help="Number of the article. To see the numbers, run `newsletter articles list`.", metavar="ID"
    ),
]


@app.command("fetch")
def fetch(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            help="Sources to fetch. Give the name or address of each, or the path of a feed file or "
            "Markdown folder. If you do not give any, all sources are fetched."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Fetch the latest articles. If you give a new address or path, it is added as a source. The sources that
    you give are fetched even if they are not due yet.

    Example: `newsletter articles fetch example https://example.com/feed.xml drafts/`
    """
    from newsletter.articles.fetch_sources import FetchReport, fetch_named

    with progress("Fetching", len(sources) if sources else None) as advance:

        def on_report(report: FetchReport) -> None:
            advance(1)
            if not as_json:
                print_text(sentence_of(report))

        reports = fetch_named(sources or [], on_report=on_report)
    if as_json:
        print_json([_report_document(report) for report in reports])
    elif not reports:
        print_text("You have no sources yet. To add one, run `newsletter sources add ADDRESS`.")
    if any(report.error for report in reports):
        raise SystemExit(1)


@app.command("list")
def list_articles(
    *,
    source: Annotated[str, typer.Option(help="Show only articles from this source.")] = "",
    topic: Annotated[str, typer.Option(help="Show only articles on this topic.")] = "",
    since: Annotated[
        datetime | None,
        typer.Option(help="Show only articles published on or after this date (UTC).", formats=["%Y-%m-%d"]),
    ] = None,
    limit: Annotated[int, typer.Option(help="Maximum number of articles to list.", min=1, max=100_000)] = 50,
    withdrawn: Annotated[
        bool,
        typer.Option("--withdrawn", help="Show only articles that have been withdrawn from their sites."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List articles, newest first.

    Example: `newsletter articles list --topic research --since 2026-01-31`
    """
    from newsletter.articles.find_articles import latest_articles

    articles = latest_articles(source=source, topic=topic, since=since, withdrawn=withdrawn)[:limit]
    if as_json:
        print_json([document_of(article) for article in articles])
        return
    rows = [
        (
            article.pk,
            f"{article.published_at:%Y-%m-%d}" if article.published_at else "no date",
            article.title,
            article.source.name,
            ", ".join(_marks(article)),
        )
        for article in articles
    ]
    filtered = source or topic or since or withdrawn
    print_rows(
        ("ID", "Published", "Title", "Source", "State"),
        rows,
        empty="We did not find any articles that match."
        if filtered
        else "You have no articles yet. To fetch some, run `newsletter articles fetch`.",
    )


@app.command("show")
def show(number: NumberArgument, as_json: JsonOption = False) -> None:
    """Show an article with its text, references and corrections.

    Example: `newsletter articles show 12`
    """
    from newsletter.articles.find_articles import find_article

    article = find_article(number)
    document = document_of(article) | {"body_html": article.body_html}
    if as_json:
        print_json(document)
        return
    body = document.pop("body_html")
    print_fields({key.replace("_", " ").capitalize(): _for_people(value) for key, value in document.items()})
    print_text(f"\n{body}")


@app.command("exclude")
def exclude(number: NumberArgument, as_json: JsonOption = False) -> None:
    """Exclude an article from all issues.

    Example: `newsletter articles exclude 12`
    """
    from newsletter.issues.exclude_articles import exclude_article

    _answer(exclude_article(number), "This article will not be used in any issue", as_json=as_json)


@app.command("include")
def include(number: NumberArgument, as_json: JsonOption = False) -> None:
    """Allow an excluded article in issues again.

    Example: `newsletter articles include 12`
    """
    from newsletter.issues.exclude_articles import include_article

    _answer(include_article(number), "This article can be used in issues again", as_json=as_json)


@app.command("terms")
def terms(
    number: NumberArgument,
    *,
    promotes: Annotated[
        str | None,
        typer.Option(
            help="What the article promotes: services, goods or campaign (your own), others (for somebody else) or "
            "nothing."
        ),
    ] = None,
    mailing: Annotated[
        str | None,
        typer.Option(
            help=(
                "Whether the article can be emailed: yes, no or nothing. With “nothing”, the article’s own "
                "terms decide."
            )
        ),
    ] = None,
    licence: Annotated[str | None, typer.Option(help="Licence of the text, as a name or URL.")] = None,
    attribution: Annotated[str | None, typer.Option(help="Who owns the text.")] = None,
    picture_licence: Annotated[
        str | None, typer.Option(help="Licence of the picture, as a name or URL.")
    ] = None,
    picture_attribution: Annotated[str | None, typer.Option(help="Who owns the picture.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show or set what an article promotes, and how its text and picture can be reused.

    Example: `newsletter articles terms 12 --promotes others`
    """
    from newsletter.articles.article_terms import terms_of, values_of_terms
    from newsletter.articles.find_articles import find_article
    from newsletter.issues.change_articles_for_all_issues import change_terms

    given = {
        "promotes": promotes,
        "mailing": mailing,
        "licence": licence,
        "attribution": attribution,
        "picture_licence": picture_licence,
        "picture_attribution": picture_attribution,
    }
    changes = {name: "" if text == "nothing" else text for name, text in given.items() if text is not None}
    if changes:
        change_terms(number, changes)
    article = find_article(number)
    values = values_of_terms(terms_of(article))
    document = {"id": article.pk, "title": article.title, **values}
    if as_json:
        print_json(document)
    else:
        print_fields(
            {name.replace("_", " ").capitalize(): str(value or "nothing") for name, value in document.items()}
        )


def document_of(article: Article) -> dict[str, Any]:
    """Return an article for programs, without its body."""
    from newsletter.issues.change_references import shown_references

    return {
        "id": article.pk,
        "title": article.title,
        "url": article.url,
        "source": article.source.name,
        "published_at": article.published_at,
        "standfirst": article.standfirst,
        "authors": article.authors,
        "topics": article.topics,
        "language": article.language,
        "image_url": article.image_url,
        "image_alt": article.image_alt,
        "duration_seconds": article.duration_seconds,
        "found_at": article.found_at,
        "edited_at": article.edited_at,
        "withdrawn_at": article.withdrawn_at,
        "waiting_since": article.waiting_since,
        "excluded": article.excluded,
        "references": [
            {"kind": it.kind, "citation": it.citation, "link": it.link} for it in shown_references(article)
        ],
        "corrections": [
            {"corrected_on": it.corrected_on, "text": it.text} for it in article.corrections.all()
        ],
    }


def sentence_of(report: Any) -> str:
    """Describe in one line what a fetch did with one source."""
    from newsletter.http.web_addresses import without_credentials

    name = report.source.name or without_credentials(report.source.location)
    if report.error:
        again = (
            f" We will try again after {report.next_attempt_at:%d %b %H:%M} UTC. To try now, run "
            "`newsletter articles fetch NAME`."
            if report.next_attempt_at
            else ""
        )
        return f"{report.error}{again}" if name in report.error else f"{name}: {report.error}{again}"
    if report.unchanged:
        said = f"{name}: nothing has changed since the last fetch."
    else:
        counts = report.counts
        said = (
            f"{name}: {counts.added} added, {counts.changed} changed, {counts.unchanged} unchanged, "
            f"{counts.withdrawn} withdrawn."
        )
    if report.source.changed_since:
        said += (
            f" The source has changed: {report.source.change} We do not use its new articles yet. If the "
            f"change is correct, run `newsletter sources accept-change {report.source.name}`."
        )
    later = f" The next fetch will read the rest: {report.incomplete}" if report.incomplete else ""
    return said + later


def _report_document(report: Any) -> dict[str, Any]:
    from newsletter.http.web_addresses import without_credentials

    return {
        "source": report.source.name or without_credentials(report.source.location),
        "added": report.counts.added,
        "changed": report.counts.changed,
        "unchanged": report.counts.unchanged,
        "withdrawn": report.counts.withdrawn,
        "waiting": report.counts.waiting,
        "change": report.source.change,
        "nothing_new": report.unchanged,
        "error": report.error,
        "incomplete": report.incomplete,
        "next_attempt_at": report.next_attempt_at,
    }


def _answer(article: Article, said: str, *, as_json: bool) -> None:
    if as_json:
        print_json(document_of(article))
    else:
        print_text(f"{said}: {article.title}")


def _marks(article: Article) -> list[str]:
    marks = {
        "withdrawn": article.withdrawn_at,
        "excluded": article.excluded,
        "waiting": article.waiting_since,
        "edited": article.edited_at,
    }
    return [mark for mark, holds in marks.items() if holds]


def _for_people(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%d %b %Y %H:%M} UTC"
    if isinstance(value, list):
        return "\n".join(
            ", ".join(str(part) for part in item.values() if part) if isinstance(item, dict) else str(item)
            for item in value
        )
    return "" if value is None else str(value)
