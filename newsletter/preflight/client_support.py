"""What mail programs support, as caniemail.com has tested it: data/caniemail.json, a copy with its date and licence."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).with_name("data") / "caniemail.json"
SUPPORTED, PARTLY, NOT, UNKNOWN = "y", "a", "n", "u"
NAMES = {
    "aol": "AOL",
    "apple-mail": "Apple Mail",
    "fastmail": "Fastmail",
    "gmail": "Gmail",
    "gmx": "GMX",
    "hey": "HEY",
    "outlook": "Outlook",
    "protonmail": "Proton Mail",
    "samsung-email": "Samsung Email",
    "thunderbird": "Thunderbird",
    "web-de": "WEB.DE",
    "yahoo": "Yahoo Mail",
}
# Systems whose names are not their identifiers with spaces.
SYSTEMS = {
    "android": "Android",
    "ios": "iOS",
    "macos": "macOS",
    "outlook-com": "Outlook.com",
    "windows": "Windows",
    "windows-mail": "Windows Mail",
}


@dataclass(frozen=True, slots=True)
class Feature:
    """Something that HTML or CSS can do: its title, the month of the last test, and the verdict of each client."""

    title: str
    tested: str
    verdicts: Mapping[str, str]

    def refused_by(self, clients: tuple[str, ...]) -> list[str]:
        """Return those of the clients that do not support it."""
        return [client for client in clients if self.verdicts.get(client) == NOT]


@cache
def features() -> Mapping[str, Feature]:
    """Return every feature by its name, such as `css-display-grid` or `html-video`."""
    document = json.loads(DATA.read_text(encoding="utf-8"))
    clients: list[str] = document["clients"]
    return {
        name: Feature(title, tested, dict(zip(clients, verdicts, strict=True)))
        for name, (title, tested, verdicts) in document["features"].items()
    }


@cache
def data_date() -> str:
    """Return the day of the data, such as 2026-06-29."""
    return str(json.loads(DATA.read_text(encoding="utf-8"))["date"])


def client_name(client: str) -> str:
    """Return the name of a client for a sentence, such as “Outlook (Windows)” for `outlook/windows`."""
    program, _, system = client.partition("/")
    return f"{NAMES.get(program, program.capitalize())} ({SYSTEMS.get(system, system.replace('-', ' '))})"
