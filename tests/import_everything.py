"""Imports every module of ours: `make lowest` does, with the lowest versions that pyproject.toml allows."""

import os
import pkgutil
import sys
from importlib import import_module
from importlib.metadata import version

import django

# Runs what it holds when it is imported.
LEFT_OUT = {"newsletter.__main__"}
# Imported within functions, for they take long: by then a user has been waiting for the page that they read.
IMPORTED_LATE = ("email_validator", "markdown_it.tree", "rich.progress", "rich.table", "trafilatura")


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsletter.settings")
    django.setup()
    names = [
        each.name
        for package in ("newsletter", "subscribers")
        for each in pkgutil.walk_packages(import_module(package).__path__, f"{package}.")
        if each.name not in LEFT_OUT
    ]
    for name in (*names, *IMPORTED_LATE):
        import_module(name)
    print(
        f"{len(names)} modules can be imported with Django {version('django')} on Python {sys.version.split()[0]}."
    )


if __name__ == "__main__":
    main()
