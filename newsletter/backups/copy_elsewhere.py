"""Copies a backup to somewhere else by the command in NEWSLETTER_BACKUP_COPY_COMMAND."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from newsletter.backups.wait_for_process import wait_for_process
from newsletter.errors import Unreachable
from newsletter.logs import RedactingFormatter
from newsletter.setting_types import command_words

MAX_SECONDS = 6 * 3_600.0
LONGEST_SAID = 300


def copies_elsewhere() -> bool:
    """Return whether a command is set."""
    return bool(settings.NEWSLETTER.backup_copy_command)


def copy_elsewhere(file: Path, look: Callable[[], None] = lambda: None) -> None:
    """Run the command, without a shell. `look` is called again and again, and may raise an error to end it.

    Raises Unreachable with the last line that the command printed.
    """
    path = file.resolve()
    words = [
        word.replace("{file}", str(path)).replace("{name}", path.name)
        for word in command_words(settings.NEWSLETTER.backup_copy_command)
    ]
    said = path.with_name(f".{path.name}.copying")
    try:
        with said.open("w+b") as output:
            _run(words, output.fileno(), look)
            output.seek(0)
    except OSError as error:
        raise Unreachable(f"We could not start the command {words[0]}: {error.strerror}.") from error
    except subprocess.CalledProcessError as error:
        lines = said.read_bytes().decode(errors="replace").strip().splitlines()
        last = RedactingFormatter().without_secrets(lines[-1])[:LONGEST_SAID] if lines else "nothing"
        raise Unreachable(
            f"The command {words[0]} ended with status {error.returncode}. The last line of its output was: "
            f"{last}"
        ) from error
    finally:
        said.unlink(missing_ok=True)


def _run(words: list[str], output: int, look: Callable[[], None]) -> None:
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=output, stderr=output)  # noqa: S603 - from the settings
    too_long = Unreachable("Copying took longer than six hours, so we stopped it.")
    wait_for_process(process, look, at_most_seconds=MAX_SECONDS, too_long=too_long)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, words[0])
