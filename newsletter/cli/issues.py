"""`newsletter issues …`: compose, look at and edit issues."""

import typer

app = typer.Typer(no_args_is_help=True, help="Compose, look at and edit issues.")
