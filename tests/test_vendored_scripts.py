"""The scripts in the repository are those that deploy/vendor.lock names, each with its licence."""

import hashlib
import json
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = tomllib.loads((ROOT / "deploy" / "vendor.toml").read_text(encoding="utf-8"))
LOCK = json.loads((ROOT / "deploy" / "vendor.lock").read_text(encoding="utf-8"))
FOLDERS = ("newsletter/static/newsletter/desk/vendor", "tests/vendor")


def test_the_lock_has_the_versions_of_the_list():
    assert {name: each["version"] for name, each in LOCK.items()} == {
        name: each["version"] for name, each in PACKAGES.items()
    }


@pytest.mark.parametrize("package", PACKAGES)
def test_the_files_of_a_package_are_as_they_were_published(package):
    files = LOCK[package]["files"]
    assert {path: hashlib.sha256((ROOT / path).read_bytes()).hexdigest() for path in files} == files
    assert set(files) == set(PACKAGES[package]["files"].values())
    assert any("LICENSE" in path for path in files)


def test_no_other_file_is_beside_them():
    present = {
        str(path.relative_to(ROOT))
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    }
    assert present == {path for each in LOCK.values() for path in each["files"]}


def test_no_script_of_the_desk_asks_for_eval():
    for path in (ROOT / "newsletter" / "static" / "newsletter" / "desk").rglob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert "eval(" not in text, path
        assert "new Function" not in text, path
