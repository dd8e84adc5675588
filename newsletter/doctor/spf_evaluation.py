"""Evaluate an SPF record as receivers do (RFC 7208), following includes and redirects, and collect its faults."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

from newsletter.doctor.dns_lookup import LIKE_SPF, SPF, IpAddress, Records
from newsletter.doctor.finding import Finding, Level, warning, wrong
from newsletter.doctor.spf_syntax import ASKING, MECHANISMS, MODIFIERS, IpNetwork, Term, read_terms
from newsletter.errors import Unreachable

# Section 4.6.4.
MAX_LOOKUPS = 10
MAX_VOID_LOOKUPS = 2
MAX_MAIL_HOSTS = 10
# Section 3.4: a longer record may not fit in one UDP packet.
LONG = 450
# Addresses that a mail server cannot have: reserved (RFC 1122, RFC 6890) and discarded (RFC 6666).
NOBODYS = tuple(ip_address(each) for each in ("0.0.0.1", "240.0.0.1", "100::1"))


@dataclass(frozen=True, slots=True)
class Rule:
    """One mechanism and what it matches: everyone, networks, or those that an included record allows."""

    qualifier: str
    everybody: bool = False
    networks: Sequence[IpNetwork] = ()
    included: Sequence["Rule"] | None = None

    def matches(self, address: IpAddress) -> bool:
        """Return whether this rule decides about an address."""
        if self.included is not None:
            return result_of(self.included, address) == "+"
        return self.everybody or any(address in network for network in self.networks)


def result_of(rules: Sequence[Rule], address: IpAddress) -> str:
    """Return the result for mail from an address: “+” pass, “-” fail, “~” softfail, “?” neutral (section 4.7)."""
    return next((rule.qualifier for rule in rules if rule.matches(address)), "?")


@dataclass
class Evaluation:
    """The result for a domain's record. `allowed` are the domains whose servers it allows by include or redirect."""

    domain: str
    records: Records
    rules: Sequence[Rule] = ()
    problems: list[Finding] = field(default_factory=list)
    allowed: set[str] = field(default_factory=set)
    lookups: int = 0
    voids: list[str] = field(default_factory=list)

    @property
    def is_broken(self) -> bool:
        """Return whether receivers ignore the record (permerror), or it lets everyone pass."""
        return any(problem.level is Level.WRONG for problem in self.problems)

    def result(self, address: IpAddress) -> str:
        """Return the result for mail from an address, as in `result_of`."""
        return result_of(self.rules, address)


def evaluate(records: Records, domain: str, text: str) -> Evaluation:
    """Evaluate the SPF record `text` of a domain."""
    found = Evaluation(domain, records)
    if len(text) > LONG:
        _warn(
            found,
            f"The SPF record of {domain} has {len(text)} characters, but some receivers cannot read "
            f"more than {LONG}.",
            "Make the record shorter.",
        )
    found.rules = _rules(found, (domain,), text, decides=True, passes=True)
    _count(found)
    if not found.is_broken and any(found.result(address) == "+" for address in NOBODYS):
        _break(
            found,
            (
                f"The SPF record of {domain} lets anyone send emails from this domain, because it "
                "allows all or nearly all addresses."
            ),
            "Allow only your own servers, and end the record with ~all or -all.",
        )
    return found


def _count(found: Evaluation) -> None:
    if found.lookups > MAX_LOOKUPS:
        _break(
            found,
            f"The SPF record of {found.domain} needs more than {MAX_LOOKUPS} DNS lookups (including "
            "those of its includes), so receivers ignore it.",
            "Remove the includes that you do not need, or replace them with addresses.",
        )
    if len(found.voids) > MAX_VOID_LOOKUPS:
        _break(
            found,
            f"The SPF record of {found.domain} refers to {len(found.voids)} names that do not exist "
            f"({', '.join(found.voids)}). Receivers ignore a record that refers to more than "
            f"{MAX_VOID_LOOKUPS}.",
            "Remove these names from the record.",
        )
    elif found.voids:
        _warn(
            found,
            (
                f"The SPF record of {found.domain} refers to these names, which do not exist: "
                f"{', '.join(found.voids)}."
            ),
            "Remove these names from the record.",
        )


def _rules(found: Evaluation, path: tuple[str, ...], text: str, *, decides: bool, passes: bool) -> list[Rule]:
    """Return the rules of one record. `path` leads to it by includes and redirects. `decides` is false inside an
    include.
    """
    terms, mistakes = read_terms(text)
    if mistakes:
        _break(
            found,
            f"{_named(path)} is not valid, so receivers ignore it. {' '.join(mistakes)}",
            f"Correct the TXT record of {path[-1]}: “{text[:450]}”.",
        )
        return []
    mechanisms = [term for term in terms if term.name in MECHANISMS]
    ends = next((n for n, term in enumerate(mechanisms) if term.name == "all"), None)
    redirect = next((term for term in terms if term.name == "redirect"), None)
    if decides:
        _look_at_end(found, path, terms, mechanisms)
    reached = mechanisms[: None if ends is None else ends + 1]
    rules = [_rule(found, path, term, passes=passes and term.qualifier == "+") for term in reached]
    if redirect and ends is None:
        rules += _followed(found, path, redirect, decides=decides, passes=passes) or []
    return rules


def _look_at_end(found: Evaluation, path: tuple[str, ...], terms: list[Term], mechanisms: list[Term]) -> None:
    """Check what decides about all other servers, and which terms receivers never reach."""
    named = _named(path)
    names = [term.name for term in mechanisms]
    ignored = [term.text for term in terms if term.name not in MECHANISMS | MODIFIERS]
    if ignored:
        _warn(
            found,
            (f"{named} contains {', '.join(f'“{word}”' for word in ignored)}, which receivers ignore."),
            ("Correct or remove this. A mechanism has a colon, as in include:example.org or ip4:192.0.2.1."),
        )
    if "ptr" in names:
        _warn(
            found,
            f"{named} uses the mechanism ptr, which is slow and which RFC 7208 advises against.",
            "Replace ptr with ip4, ip6, a or include.",
        )
    if "all" not in names:
        if not any(term.name == "redirect" for term in terms):
            _warn(
                found,
                (
                    f"{named} does not end with “all”, so receivers do not know what to do with emails "
                    "from other servers."
                ),
                "End the record with ~all or -all.",
            )
        return
    end = mechanisms[names.index("all")]
    behind = [term.text for term in mechanisms[names.index("all") + 1 :]]
    behind += [term.text for term in terms if term.name == "redirect"]
    if behind:
        _warn(
            found,
            f"{named} contains “all”, so receivers ignore {', '.join(f'“{word}”' for word in behind)}.",
            "Move “all” to the end of the record, and remove “redirect” if it is there.",
        )
    if end.qualifier == "?":
        _warn(
            found,
            (
                f"{named} ends with “?all”, so receivers do not know what to do with emails from other "
                "servers."
            ),
            "Replace “?all” with ~all or -all.",
        )
    if end.qualifier == "+":
        why = "" if end.text.startswith("+") else " (without a sign, “all” means “+all”)"
        _break(
            found,
            f"{named} ends with “{end.text}”, so anyone may send emails from this domain{why}.",
            "End the record with ~all or -all.",
        )


def _rule(found: Evaluation, path: tuple[str, ...], term: Term, *, passes: bool) -> Rule:
    if term.name == "all":
        return Rule(term.qualifier, everybody=True)
    if term.network is not None:
        return Rule(term.qualifier, networks=(term.network,))
    if term.name == "include":
        included = _followed(found, path, term, decides=False, passes=passes)
        return Rule(term.qualifier, included=included or [])
    if not _may_ask(found, term):
        return Rule(term.qualifier)
    domain = term.domain or path[-1]
    try:
        return Rule(term.qualifier, networks=_networks(found, path, term, domain))
    except Unreachable as error:
        _not_known(found, path, term, error)
        return Rule(term.qualifier)


def _networks(found: Evaluation, path: tuple[str, ...], term: Term, domain: str) -> list[IpNetwork]:
    """Return the networks that `a` and `mx` name. `ptr` and `exists` depend on the mail, so they are left open."""
    if term.name == "ptr":
        return []
    if term.name == "mx":
        hosts = found.records.mail_hosts(domain)
        if len(hosts) > MAX_MAIL_HOSTS:
            _break(
                found,
                f"{_named(path)} has “{term.text}”, which refers to {len(hosts)} servers. Receivers "
                f"accept at most {MAX_MAIL_HOSTS} and ignore the record.",
                "List the servers by ip4 or ip6 instead.",
            )
            return []
        several = found.records.at_once(found.records.addresses, hosts)
        addresses = [address for each in several for address in each]
        is_void = not hosts
    else:
        addresses = found.records.addresses(domain)
        is_void = not addresses
    if is_void:
        found.voids.append(term.text)
    if term.name == "exists":
        return []
    lengths = {4: term.prefixes[0], 6: term.prefixes[1]}
    return [ip_network(f"{address}/{lengths[address.version]}", strict=False) for address in addresses]


def _followed(
    found: Evaluation, path: tuple[str, ...], term: Term, *, decides: bool, passes: bool
) -> list[Rule] | None:
    """Return the rules of the record that an include or redirect names, or None if we could not read them."""
    target = term.domain.lower().rstrip(".")
    if not _may_ask(found, term):
        return None
    if target in path:
        _break(
            found,
            (f"{_named(path)} includes itself ({' → '.join((*path, target))}), so receivers ignore it."),
            f"Remove “{term.text}” from the record of {path[-1]}.",
        )
        return None
    try:
        texts = found.records.texts(target)
    except Unreachable as error:
        _not_known(found, path, term, error)
        return None
    records = [text for text in texts if SPF.match(text)]
    if not texts:
        found.voids.append(term.text)
    if len(records) != 1:
        what = f"{len(records)} SPF records" if records else "no SPF record"
        if not records and any(LIKE_SPF.match(text) for text in texts):
            what = "a record that does not begin with “v=spf1 ”"
        _break(
            found,
            (
                f"{_named(path)} has “{term.text}”, but {target} has {what}, so receivers ignore the "
                "whole record."
            ),
            f"Remove “{term.text}” from the record, or correct the name in it.",
        )
        return None
    if passes:
        found.allowed.add(target)
    return _rules(found, (*path, target), records[0], decides=decides, passes=passes)


def _may_ask(found: Evaluation, term: Term) -> bool:
    """Count a lookup, and return whether to make it."""
    found.lookups += term.name in ASKING
    return found.lookups <= MAX_LOOKUPS and not term.has_macro


def _named(path: tuple[str, ...]) -> str:
    first, last = path[0], path[-1]
    return f"The SPF record of {last}" + (
        f", which is part of the record of {first}," if last != first else ""
    )


def _not_known(found: Evaluation, path: tuple[str, ...], term: Term, error: Unreachable) -> None:
    _warn(found, f"{_named(path)} has “{term.text}”, which we could not check.", str(error))


def _break(found: Evaluation, sentence: str, fix: str) -> None:
    found.problems.append(wrong("SPF", sentence, fix))


def _warn(found: Evaluation, sentence: str, fix: str) -> None:
    found.problems.append(warning("SPF", sentence, fix))
