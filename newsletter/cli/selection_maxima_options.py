"""The options for the maxima of a selection, which issues and series share."""

from typing import Annotated

import typer

PerSource = Annotated[int | None, typer.Option(help="Maximum number of articles from one source.")]
PerSection = Annotated[int | None, typer.Option(help="Maximum number of articles in one section.")]
PerTopic = Annotated[int | None, typer.Option(help="Maximum number of articles on one topic.")]
