"""Creates a theme in the home folder: a copy of another one to change, or a theme.toml that extends it."""

import re
import shutil
import uuid
from pathlib import Path

from django.conf import settings

from newsletter.errors import Invalid, Refused
from newsletter.issues.validators import theme_names
from newsletter.rendering.find_theme import DESCRIPTION, Theme, find_theme

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")
RESERVED = ("partials",)


def new_theme(name: str, *, copied_from: str = "classic", extends: bool = False) -> Path:
    """Create a theme and return its folder.

    It is a copy of another theme, every file of which can be changed. With `extends`, it is a theme.toml alone, and
    everything else comes from the other theme. Raises NotFound if there is no such theme, Refused if the new name is
    taken, and Invalid for a name that a folder or a command could not have.
    """
    if _NAME.fullmatch(name) is None or name in RESERVED:
        raise Invalid(
            f"“{name}” cannot be the name of a theme. Use up to 80 lower-case letters, digits, "
            "hyphens and underscores, such as garden."
        )
    model = find_theme(copied_from)
    folder = Path(settings.NEWSLETTER.home).resolve() / "themes" / name
    if name in theme_names() or folder.exists():
        raise Refused(f"A theme or folder called {name} already exists. Choose a different name.")
    unfinished = folder.with_name(f".{name}.{uuid.uuid4().hex}")
    try:
        unfinished.parent.mkdir(parents=True, exist_ok=True)
        if extends:
            unfinished.mkdir()
        else:
            _copy_files(model, unfinished)
        (unfinished / DESCRIPTION).write_text(_description(name, model, extends=extends), encoding="utf-8")
        unfinished.rename(folder)
    except OSError as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise Invalid(
            f"We could not write to {folder.parent}: {error.strerror}. Check the permissions of the folder."
        ) from error
    return folder


def _copy_files(model: Theme, folder: Path) -> None:
    """Copy the files of a theme, and those it has from the themes it extends, into a new folder."""
    folder.mkdir()
    for source in reversed(model.folders):
        shutil.copytree(
            source,
            folder,
            dirs_exist_ok=True,
            ignore=shutil.ignore_patterns(".*"),
            copy_function=shutil.copyfile,
        )


def _description(name: str, model: Theme, *, extends: bool) -> str:
    lines = [
        f'title = "{name.replace("-", " ").replace("_", " ").capitalize()}"',
        f'description = "Based on {model.name}."',
    ]
    if extends:
        lines += [f'extends = "{model.name}"']
    for mode, palette in (("light", model.light), ("dark", model.dark)):
        names = ["page", "card", "ink", "quiet", "rule", *palette.own]
        lines += ["", f"[{mode}]", *(f'{each} = "{getattr(palette, each)}"' for each in names)]
    for language, words in model.words.items() if not extends else ():
        lines += ["", f"[words.{language}]", *(f"{key} = {_quoted(value)}" for key, value in words.items())]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return '"{}"'.format(text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n"))
