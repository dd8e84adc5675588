"""`newsletter doctor`: what is wrong with this installation, and how to mend it."""

import typer
from django.conf import settings

from newsletter.cli.output import JsonOption, print_json, print_text
from newsletter.sending.doctor import examine
from newsletter.sending.doctor.line import Level, Line

WORDS = {Level.OK: "OK", Level.WARNING: "warning", Level.WRONG: "WRONG", Level.LEFT_OUT: "left out"}


def doctor(as_json: JsonOption = False) -> None:
    """Look at settings, database, disk, clock, key, sender, DNS and webhook; ends with 1 if anything is wrong.

    Nothing is sent and nothing is changed.

    Example: `newsletter doctor`
    """
    lines: list[Line] = []
    for line in examine(settings.NEWSLETTER):
        lines.append(line)
        if not as_json:
            _print(line)
    wrong = sum(line.level is Level.WRONG for line in lines)
    if as_json:
        print_json({"healthy": not wrong, "lines": [line.to_dict() for line in lines]})
    elif wrong:
        print_text(f"\n{wrong} {'thing is' if wrong == 1 else 'things are'} wrong.")
    else:
        print_text("\nNothing is wrong.")
    if wrong:
        raise typer.Exit(1)


def _print(line: Line) -> None:
    print_text(f"{WORDS[line.level]:<9} {line.check:<10} {line.sentence}")
    if line.mend:
        print_text(f"{'':<20} → {line.mend}")
