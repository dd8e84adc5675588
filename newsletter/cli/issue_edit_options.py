"""The options of `newsletter issues edit`, as the command line shows them."""

from typing import Annotated

import typer

Articles = list[int] | None
Texts = list[str] | None
SubjectOption = Annotated[str | None, typer.Option(help="New subject. If empty, a subject is suggested.")]
PreheaderOption = Annotated[
    str | None,
    typer.Option(help="New preheader, which inboxes show after the subject. If empty, one is suggested."),
]
OpeningOption = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="File with the introduction in Markdown. Use - for standard input."),
]
AgainOption = Annotated[
    bool,
    typer.Option("--again", help="Use with --add to add an article that is already in another issue."),
]
RecomposeOption = Annotated[
    bool, typer.Option("--recompose", help="Choose the articles again before making other changes.")
]
AddOption = Annotated[Articles, typer.Option(metavar="ARTICLE", help="Add the article with this number.")]
RestoreOption = Annotated[
    Articles,
    typer.Option(metavar="ARTICLE", help="Put back an article that was removed from this issue."),
]
DropOption = Annotated[Articles, typer.Option(metavar="ARTICLE", help="Remove an article from this issue.")]
ExcludeOption = Annotated[
    Articles, typer.Option(metavar="ARTICLE", help="Remove an article, and never use it in any issue.")
]
PinOption = Annotated[
    Articles,
    typer.Option(
        metavar="ARTICLE", help="Keep an article in this issue even if the articles are chosen again."
    ),
]
UnpinOption = Annotated[
    Articles,
    typer.Option(metavar="ARTICLE", help="Let an article be replaced if the articles are chosen again."),
]
SectionOption = Annotated[
    Texts, typer.Option(metavar="ARTICLE:NAME", help="Show an article in this section.")
]
LeadOption = Annotated[int | None, typer.Option(metavar="ARTICLE", help="Make an article the lead article.")]
MoveOption = Annotated[
    Texts, typer.Option(metavar="ARTICLE:PLACE", help="Move an article to a position. Count from 1.")
]
HeadlineOption = Annotated[
    Texts,
    typer.Option(metavar="ARTICLE:TEXT", help="Change an article’s headline in this issue."),
]
BlurbOption = Annotated[
    Texts, typer.Option(metavar="ARTICLE:TEXT", help="Change an article’s summary (blurb) in this issue.")
]
PictureOption = Annotated[
    Texts,
    typer.Option(
        metavar="ARTICLE:FILE",
        help="Give an article your own picture in this issue. You must also use --alt.",
    ),
]
AltOption = Annotated[
    Texts,
    typer.Option(metavar="ARTICLE:TEXT", help="Describe your picture, for readers who cannot see it."),
]
OwnPictureOption = Annotated[
    Articles, typer.Option(metavar="ARTICLE", help="Show an article's own picture again.")
]
