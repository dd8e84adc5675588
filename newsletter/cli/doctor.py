"""`newsletter doctor`: find out what is wrong with this installation and how to fix it."""

from typing import TYPE_CHECKING

import typer
from django.conf import settings

from newsletter.cli.output import JsonOption, print_json, print_text
from subscribers.phrases import counted

if TYPE_CHECKING:
    from newsletter.doctor.doctor_finding import Finding

# What is printed for each level of a finding.
WORDS = {"ok": "OK", "warning": "warning", "wrong": "WRONG", "skipped": "skipped"}


def doctor(as_json: JsonOption = False) -> None:
    """Check the settings, database, disk, scheduler, key, sender, DNS and webhook. The exit code is 1 if anything is
    wrong.

    Nothing is sent or changed. If there are only warnings, the exit code is 0.

    Example: `newsletter doctor`
    """
    from newsletter.doctor import examine
    from newsletter.doctor.doctor_finding import Level

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
    """Summarise all findings. “Nothing is wrong” needs a run without warnings, since a warning may be about a
    check that failed.
    """
    said = []
    if wrong:
        said.append(f"We found {counted(wrong, 'problem', 'problems')}.")
    if warnings:
        said.append(f"There {'is 1 warning' if warnings == 1 else f'are {warnings} warnings'}.")
    return " ".join(said) or "We did not find any problems."


def _print(line: "Finding") -> None:
    print_text(f"{WORDS[line.level]:<9} {line.check:<10} {line.sentence}")
    if line.fix:
        print_text(f"{'':<20} → {line.fix}")
