"""The options of `newsletter issues compose`."""

from typing import Annotated

import typer

PublicationOption = Annotated[
    str | None,
    typer.Argument(
        metavar="[PUBLICATION]",
        help="Short name (slug) of the publication. You can leave it out if you have only one.",
    ),
]
SourceOption = Annotated[
    list[str] | None,
    typer.Option(help="Include only articles from this source. You can use this option more than once."),
]
TopicOption = Annotated[
    list[str] | None,
    typer.Option(help="Include only articles on this topic. You can use this option more than once."),
]
DaysOption = Annotated[
    int | None,
    typer.Option(help="How many days of articles to include, instead of all articles since the last issue."),
]
AtMostOption = Annotated[int | None, typer.Option(help="Maximum number of articles to include.")]
AtLeastOption = Annotated[
    int | None, typer.Option(help="Do not create an issue if there are fewer articles than this.")
]
EarlierArticlesOption = Annotated[
    bool, typer.Option("--again", help="Also include articles that have been in an earlier issue.")
]
