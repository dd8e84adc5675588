"""`newsletter themes …`: the designs of emails."""

from pathlib import Path
from typing import Annotated

import typer

from newsletter.cli.output import JsonOption, print_json, print_rows, print_text
from newsletter.errors import Refused
from newsletter.issues.validators import theme_names
from subscribers.phrases import counted

app = typer.Typer(help="Create, check and preview email designs.", no_args_is_help=True)

ThemeArgument = Annotated[str, typer.Argument(help="Name of the theme, such as classic.")]


@app.command("list")
def list_(as_json: JsonOption = False) -> None:
    """Show the themes that publications can use.

    Example: `newsletter themes list`
    """
    from newsletter.rendering.find_theme import installed_themes

    rows = [(each.name, each.title, each.description, str(each.folders[0])) for each in installed_themes()]
    if as_json:
        columns = ("name", "title", "description", "folder")
        print_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        print_rows(
            ("Theme", "Title", "Description", "Folder"),
            rows,
            empty="You have no themes. To create one, run `newsletter themes new NAME`.",
        )
    broken = sorted(set(theme_names()) - {row[0] for row in rows})
    if broken and not as_json:
        print_text(
            f"These themes cannot be used: {', '.join(broken)}. To see why, run `newsletter themes check`."
        )


@app.command()
def new(
    name: Annotated[
        str,
        typer.Argument(
            help="Name of the new theme. Use lower-case letters, digits, hyphens and underscores."
        ),
    ],
    *,
    from_: Annotated[
        str, typer.Option("--from", metavar="THEME", help="Name of the theme to start from.")
    ] = "classic",
    extend: Annotated[
        bool,
        typer.Option(
            "--extend",
            help=(
                "Only create the file theme.toml. Everything else comes from the theme that you start from, "
                "including any later changes to it."
            ),
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Create a theme in the home folder, as a copy of another theme.

    Example: `newsletter themes new garden --from classic`
    """
    from newsletter.rendering.create_theme import new_theme

    folder = new_theme(name, copied_from=from_, extends=extend)
    if as_json:
        print_json({"name": name, "folder": str(folder)})
        return
    print_text(f"The theme has been created in {folder}")
    print_text(f"To see the theme, run `newsletter themes preview {name}`.")
    print_text(f"To use the theme, run `newsletter publications edit SLUG theme={name}`.")


@app.command()
def check(
    name: Annotated[str, typer.Argument(help="Name of the theme. If left out, all themes are checked.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Check that a theme works and is readable in light and dark mode, and list any code that email
    programs ignore.

    Example: `newsletter themes check garden`
    """
    from newsletter.rendering.check_theme import check_theme

    found = {each: check_theme(each) for each in ([name] if name else theme_names())}
    if as_json:
        print_json({theme: [each._asdict() for each in findings] for theme, findings in found.items()})
    else:
        for theme, findings in found.items():
            print_text(f"{theme}: {'no mistakes' if not findings else ''}".strip())
            for each in findings:
                place = f"{each.place}: " if each.place else ""
                print_text(f"  {'Mistake' if each.must else 'Advice'}: {place}{each.sentence}")
    wrong = sum(each.must for findings in found.values() for each in findings)
    if wrong:
        raise Refused(f"Correct {counted(wrong, 'mistake', 'mistakes')} before you use the theme.")


@app.command()
def preview(
    name: ThemeArgument,
    *,
    out: Annotated[
        Path, typer.Option(help="Folder to save the files in. It is created if it does not exist.")
    ] = Path("theme-preview"),
    language: Annotated[str, typer.Option(help="Language tag of the sample text: en, de, ar or ja.")] = "en",
    as_json: JsonOption = False,
) -> None:
    """Save a sample issue in this theme as an HTML file and a text file. You do not need any articles.

    Example: `newsletter themes preview garden --language de`
    """
    from newsletter.rendering.sample_issue import write_sample

    written = [str(path) for path in write_sample(name, out, language=language)]
    if as_json:
        print_json({"files": written})
    else:
        print_text("\n".join(written))
