"""Units, container files and the pages on operations name only commands, options, settings and files that exist."""

import configparser
import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import typer
import yaml

from newsletter.cli.commands import program
from newsletter.cli.write_command_reference import commands
from newsletter.environment import Environment, variable_of
from newsletter.web import collect_metrics

ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "deploy").glob("*.service"))
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
PRESS = {name: each for name, each in COMPOSE["services"].items() if name != "database"}
CONTAINERFILE = (ROOT / "Containerfile").read_text(encoding="utf-8")
PAGES = sorted((ROOT / "docs" / "operations").glob("*.md"))
COMMANDS = dict(commands(typer.main.get_command(program())))
SETTINGS = {variable_of(field) for field in Environment.model_fields}
ANALYZE = shutil.which("systemd-analyze")
# In tenths, as `systemd-analyze security --threshold` takes it: 1.5 of 10.
MAX_EXPOSURE = 15
SECONDS = {
    name: field.default for name, field in Environment.model_fields.items() if name.endswith("_seconds")
}
STOP_SECONDS = max(
    SECONDS["sendgrid_timeout_seconds"],
    SECONDS["smtp_timeout_seconds"] + SECONDS["smtp_reply_timeout_seconds"],
)


def requires(words):
    """The command is one of ours, and knows its options."""
    name = next((" ".join(words[:n]) for n in (2, 1) if " ".join(words[:n]) in COMMANDS), None)
    assert name, words
    known = {option for parameter in COMMANDS[name].params for option in parameter.opts}
    assert {word.partition("=")[0] for word in words if word.startswith("--")} <= known


def unit(path):
    read = configparser.ConfigParser(strict=False, interpolation=None, delimiters="=")
    read.optionxform = str
    read.read_string(path.read_text(encoding="utf-8"))
    return read


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_starts_a_command_of_ours_and_stops_it_in_time(path):
    service = unit(path)["Service"]
    program, *words = shlex.split(service["ExecStart"])
    assert program.endswith("/newsletter")
    if words != ["%i"]:
        requires(words)
    assert service["Environment"].partition("=")[0] in SETTINGS
    assert int(service["TimeoutStopSec"]) > STOP_SECONDS
    assert (service["Restart"], service["KillSignal"], service["User"]) == ("always", "SIGTERM", "newsletter")


@pytest.fixture(params=UNITS, ids=lambda path: path.name)
def copied(request, tmp_path):
    """A unit that systemd can verify here: its program exists."""
    copy = tmp_path / request.param.name.replace("@", "@web")
    text = request.param.read_text(encoding="utf-8").replace("/opt/newsletter/bin/newsletter", "/bin/true")
    copy.write_text(text, encoding="utf-8")
    return copy


@pytest.mark.skipif(not ANALYZE, reason="there is no systemd here")
def test_systemd_takes_the_unit(copied):
    said = subprocess.run([ANALYZE, "verify", copied], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (0, "")


@pytest.mark.skipif(not ANALYZE, reason="there is no systemd here")
def test_systemd_finds_the_unit_hardened(copied):
    words = [ANALYZE, "security", "--offline=true", f"--threshold={MAX_EXPOSURE}", "--no-pager", copied]
    said = subprocess.run(words, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout.splitlines()[-1]


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_leaves_memory_to_the_machine_and_no_core_dump_with_keys(path):
    service = unit(path)["Service"]
    assert (service["MemoryMax"], service["LimitCORE"]) == ("75%", "0")


@pytest.mark.parametrize(
    "page", [*PAGES, ROOT / "deploy" / "newsletter@.service"], ids=lambda page: page.name
)
def test_what_is_made_of_the_template_is_a_command(page):
    for part in set(re.findall(r"newsletter@([a-z]+)", page.read_text(encoding="utf-8"))) - {"service"}:
        requires([part])


@pytest.mark.parametrize("name", PRESS)
def test_a_container_runs_a_command_with_settings_that_exist(name):
    service = PRESS[name]
    requires(service["command"])
    assert set(service["environment"]) <= SETTINGS
    assert service["build"]["dockerfile"] == "Containerfile"
    assert {each.partition(":")[0] for each in service["volumes"]} <= set(COMPOSE["volumes"])
    assert set(service["depends_on"]) <= set(COMPOSE["services"])
    assert int(service["stop_grace_period"].rstrip("s")) > STOP_SECONDS


def test_the_compose_file_asks_for_what_can_be_given():
    asked = re.findall(r"\$\{(\w+)", (ROOT / "compose.yaml").read_text(encoding="utf-8"))
    assert set(asked) <= SETTINGS | {"POSTGRES_PASSWORD"}


def test_the_container_file_names_files_commands_and_settings_that_exist():
    for lock in re.findall(r"requirements\S*\.lock", CONTAINERFILE):
        assert (ROOT / lock.rpartition("/")[2]).exists()
    [words] = re.findall(r"^CMD (\[.*\])$", CONTAINERFILE, re.MULTILINE)
    requires(json.loads(words))
    [variables] = re.findall(r"^ENV (.*)$", CONTAINERFILE, re.MULTILINE)
    assert {each.partition("=")[0] for each in variables.split()} - {"PYTHONUNBUFFERED"} <= SETTINGS
    assert re.search(r"^USER newsletter$", CONTAINERFILE, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_on_operations_names_settings_and_commands_that_exist(page):
    text = page.read_text(encoding="utf-8")
    assert set(re.findall(r"NEWSLETTER_[A-Z_]*[A-Z]", text)) <= SETTINGS
    for line in re.findall(r"^docker compose (?:exec|run --rm) .*$", text, re.MULTILINE):
        words = shlex.split(line)
        if "newsletter" in words:
            requires(words[words.index("newsletter") + 1 :])
        elif "run" in words:
            requires(words[words.index("web") + 1 :])


@pytest.mark.django_db
def test_the_page_on_monitoring_has_every_figure_and_no_other(home):
    text = (ROOT / "docs" / "operations" / "monitoring.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `(newsletter_\w+)", text, re.MULTILINE))
    assert told == {
        f"{each.name}{'_info' if each.type == 'info' else ''}"
        for each in collect_metrics.NewsletterCollector().collect()
    }
