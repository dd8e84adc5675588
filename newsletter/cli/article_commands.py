"""`newsletter articles …`: fetch, list and show articles, and exclude some from the newsletter."""

from datetime import datetime
from typing import Annotated

import typer

from newsletter.articles.models import Article
from newsletter.cli.article_output import document_of, for_people, marks_of, report_document, sentence_of
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
        print_json([report_document(report) for report in reports])
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
            ", ".join(marks_of(article)),
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
    print_fields({key.replace("_", " ").capitalize(): for_people(value) for key, value in document.items()})
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
            help="What the article promotes. Enter services, goods or campaign if it is your own, others if it is "
            "somebody else’s, or nothing."
        ),
    ] = None,
    mailing: Annotated[
        str | None,
        typer.Option(
            help=(
                "Whether the article can be emailed. Enter yes or no, or nothing to follow the article’s own terms."
            )
        ),
    ] = None,
    licence: Annotated[str | None, typer.Option(help="Licence for the text, as a name or URL.")] = None,
    attribution: Annotated[str | None, typer.Option(help="Who owns the text.")] = None,
    picture_licence: Annotated[
        str | None, typer.Option(help="Licence for the picture, as a name or URL.")
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


def _answer(article: Article, said: str, *, as_json: bool) -> None:
    if as_json:
        print_json(document_of(article))
    else:
        print_text(f"{said}: {article.title}")
