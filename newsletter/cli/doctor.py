"""`newsletter doctor`: what is wrong with this installation, and how to mend it."""

import typer
from django.conf import settings

from newsletter.cli.output import JsonOption, print_json, print_text
from newsletter.doctor import examine
from newsletter.doctor.finding import Finding, Level
from subscribers.text import counted

WORDS = {Level.OK: "OK", Level.WARNING: "warning", Level.WRONG: "WRONG", Level.LEFT_OUT: "left out"}


def doctor(as_json: JsonOption = False) -> None:
    """Look at settings, database, disk, clock, key, sender, DNS and webhook; ends with 1 if anything is wrong.

    Nothing is sent and nothing is changed. Warnings alone end with 0.

    Example: `newsletter doctor`
    """
    lines: list[Finding] = []
    for line in examine(settings.NEWSLETTER):
        lines.append(line)
        if not as_json:
            _print(line)
    wrong = sum(line.level is Level.WRONG for line in lines)
    warnings = sum(line.level is Level.WARNING for line in lines)
    if as_json:
        print_json({"healthy": not wrong, "lines": [line.to_dict() for line in lines]})
    else:
        print_text(f"\n{_summary(wrong, warnings)}")
    if wrong:
        raise typer.Exit(1)


def _summary(wrong: int, warnings: int) -> str:
    """How it stands as a whole. “Nothing is wrong” needs a run without warnings: one may be about what was not seen."""
    said = []
    if wrong:
        said.append(f"{counted(wrong, 'thing is', 'things are')} wrong.")
    if warnings:
        said.append(f"There {'is 1 warning' if warnings == 1 else f'are {warnings} warnings'}.")
    return " ".join(said) or "Nothing is wrong."


def _print(line: Finding) -> None:
    print_text(f"{WORDS[line.level]:<9} {line.check:<10} {line.sentence}")
    if line.fix:
        print_text(f"{'':<20} → {line.fix}")
