"""`newsletter publications …`: newsletter titles and their standing blocks."""

import typer

app = typer.Typer(no_args_is_help=True, help="Newsletter titles and their standing blocks.")
