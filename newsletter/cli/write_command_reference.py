"""Write docs/reference/commands.md from the help texts of the commands: `python -m
newsletter.cli.write_command_reference`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

HEADING = """# Commands

Exit codes: 0 means success, 1 means failure, and 2 means that the command was not used correctly. With
`--json`, a command prints JSON for use in programs. To run a command as another user, use `newsletter --as NAME
…`. Enter their password, pipe it in as one line, or set `NEWSLETTER_PASSWORD`. If they have a second factor, give
a code from their app or a recovery code in the same way, as the next line or in `NEWSLETTER_CODE`. This page is
generated from the help of the commands: `python -m newsletter.cli.write_command_reference`.
"""


def commands(command: Any, name: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yield every command with its full name, in alphabetical order."""
    if hasattr(command, "commands"):
        for word, child in sorted(command.commands.items()):
            yield from commands(child, (*name, word))
    else:
        yield " ".join(name), command


def page(app: Any) -> str:
    """Return the whole page as Markdown."""
    return "\n".join([HEADING, *(section(name, command) for name, command in commands(app))])


def section(name: str, command: Any) -> str:
    """Describe one command: what it does, its arguments and options."""
    usage = " ".join(
        word(parameter) for parameter in command.params if parameter.param_type_name == "argument"
    )
    rows = [option(parameter) for parameter in command.params if parameter.param_type_name == "option"]
    lines = [f"## `newsletter {name}{' ' + usage if usage else ''}`", "", (command.help or "").strip(), ""]
    return "\n".join([*lines, *rows, *([""] if rows else [])])


def word(argument: Any) -> str:
    """Return an argument as it appears in a usage line."""
    # Typer puts an argument that can be left out in brackets itself.
    name = str(argument.metavar or argument.name).upper().strip("[]")
    text = f"{name}…" if argument.nargs == -1 else name
    return text if argument.required else f"[{text}]"


def option(parameter: Any) -> str:
    """Return an option as a list item."""
    return f"- `{'`, `'.join([*parameter.opts, *parameter.secondary_opts])}`: {parameter.help or ''}".rstrip(
        ": "
    )


def main() -> None:
    """Write the page in this checkout."""
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsletter.settings")
    django.setup()
    import typer

    from newsletter.cli.commands import program

    target = Path(__file__).parents[2] / "docs" / "reference" / "commands.md"
    target.write_text(page(typer.main.get_command(program())), encoding="utf-8")


if __name__ == "__main__":
    main()
