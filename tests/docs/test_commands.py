"""The command line keeps its promises: each command has help with an example, JSON, and its reference."""

from pathlib import Path

import pytest
import typer

from newsletter.cli.commands import program
from newsletter.cli.write_command_reference import commands, page

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "commands.md"
# A command that runs until it is stopped has nothing to print for a program.
NEVER_ENDING = {"serve", "web", "scheduler"}
PROGRAM = typer.main.get_command(program())
COMMANDS = dict(commands(PROGRAM))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_what_it_does_with_an_example(name):
    text = COMMANDS[name].help or ""
    assert len(text.splitlines()[0]) > 10
    assert f"newsletter {name}" in text


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - NEVER_ENDING))
def test_a_command_speaks_json_to_programs(name):
    options = [option for parameter in COMMANDS[name].params for option in parameter.opts]
    assert "--json" in options


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_explained(name):
    options = [parameter for parameter in COMMANDS[name].params if parameter.param_type_name == "option"]
    assert [option.name for option in options if not option.help] == []


def test_the_reference_is_what_the_commands_say():
    assert REFERENCE.read_text(encoding="utf-8") == page(PROGRAM), (
        "Run: python -m newsletter.cli.write_command_reference"
    )
