"""Checks the end of an SPF record: what decides about all other servers, and what receivers never reach."""

from newsletter.doctor.spf_rules import Evaluation, add_break, add_warning, record_named
from newsletter.doctor.spf_syntax import MECHANISMS, MODIFIERS, Term


def look_at_end(found: Evaluation, path: tuple[str, ...], terms: list[Term], mechanisms: list[Term]) -> None:
    """Check what decides about all other servers, and which terms receivers never reach."""
    named = record_named(path)
    names = [term.name for term in mechanisms]
    ignored = [term.text for term in terms if term.name not in MECHANISMS | MODIFIERS]
    if ignored:
        add_warning(
            found,
            (f"{named} contains {', '.join(f'“{word}”' for word in ignored)}, which email providers ignore."),
            (
                "Correct this part or remove it. A mechanism has a colon, as in include:example.org or ip4:192.0.2.1."
            ),
        )
    if "ptr" in names:
        add_warning(
            found,
            f"{named} uses the ptr mechanism, which is slow. RFC 7208 advises against it.",
            "Replace ptr with ip4, ip6, a or include.",
        )
    redirects = [term.text for term in terms if term.name == "redirect"]
    if "all" in names:
        place = names.index("all")
        behind = [term.text for term in mechanisms[place + 1 :]] + redirects
        _look_at_all(found, named, mechanisms[place], behind)
    elif not redirects:
        add_warning(
            found,
            f"{named} does not end with “all”, so email providers do not know what to do with emails from "
            "other servers.",
            "End the record with ~all or -all.",
        )


def _look_at_all(found: Evaluation, named: str, end: Term, behind: list[str]) -> None:
    """Check the mechanism “all”, and the terms behind it."""
    if behind:
        add_warning(
            found,
            f"{named} contains “all”, so email providers ignore {', '.join(f'“{word}”' for word in behind)}.",
            "Move “all” to the end of the record, and remove “redirect” if the record contains it.",
        )
    if end.qualifier == "?":
        add_warning(
            found,
            f"{named} ends with “?all”, so email providers do not know what to do with emails from other "
            "servers.",
            "Replace “?all” with ~all or -all.",
        )
    if end.qualifier == "+":
        why = "" if end.text.startswith("+") else " (without a sign, “all” means “+all”)"
        add_break(
            found,
            f"{named} ends with “{end.text}”, so anyone can send emails from this domain{why}.",
            "End the record with ~all or -all.",
        )
