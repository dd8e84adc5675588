"""Evaluate an SPF record as receivers do (RFC 7208), following includes and redirects, and collect its faults."""

from ipaddress import ip_address, ip_network

from newsletter.doctor.dns_lookup import LIKE_SPF, SPF, Records
from newsletter.doctor.spf_record_end import look_at_end
from newsletter.doctor.spf_rules import Evaluation, Rule, add_break, add_warning, record_named
from newsletter.doctor.spf_syntax import ASKING, MECHANISMS, IpNetwork, Term, read_terms
from newsletter.errors import Unreachable

# Section 4.6.4.
MAX_LOOKUPS = 10
MAX_VOID_LOOKUPS = 2
MAX_MAIL_HOSTS = 10
# Section 3.4: a longer record may not fit in one UDP packet.
LONG = 450
# Addresses that a mail server cannot have: reserved (RFC 1122, RFC 6890) and discarded (RFC 6666).
NOBODYS = tuple(ip_address(each) for each in ("0.0.0.1", "240.0.0.1", "100::1"))


def evaluate(records: Records, domain: str, text: str) -> Evaluation:
    """Evaluate the SPF record `text` of a domain."""
    found = Evaluation(domain, records)
    if len(text) > LONG:
        add_warning(
            found,
            f"The SPF record of {domain} has {len(text)} characters, but some email providers cannot read "
            f"more than {LONG}.",
            "Make the record shorter.",
        )
    found.rules = _rules(found, (domain,), text, decides=True, passes=True)
    _count(found)
    if not found.is_broken and any(found.result(address) == "+" for address in NOBODYS):
        add_break(
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
        add_break(
            found,
            f"The SPF record of {found.domain} needs more than {MAX_LOOKUPS} DNS lookups (including "
            "those of its includes), so email providers ignore it.",
            "Remove the includes that you do not need, or replace them with addresses.",
        )
    if len(found.voids) > MAX_VOID_LOOKUPS:
        add_break(
            found,
            f"The SPF record of {found.domain} refers to {len(found.voids)} names that do not exist "
            f"({', '.join(found.voids)}). Email providers ignore a record that refers to more than "
            f"{MAX_VOID_LOOKUPS}.",
            "Remove these names from the record.",
        )
    elif found.voids:
        add_warning(
            found,
            (
                f"The SPF record of {found.domain} refers to names that do not exist: "
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
        add_break(
            found,
            f"{record_named(path)} is not valid, so email providers ignore it. {' '.join(mistakes)}",
            f"Correct the TXT record of {path[-1]}: “{text[:450]}”.",
        )
        return []
    mechanisms = [term for term in terms if term.name in MECHANISMS]
    ends = next((n for n, term in enumerate(mechanisms) if term.name == "all"), None)
    redirect = next((term for term in terms if term.name == "redirect"), None)
    if decides:
        look_at_end(found, path, terms, mechanisms)
    reached = mechanisms[: None if ends is None else ends + 1]
    rules = [_rule(found, path, term, passes=passes and term.qualifier == "+") for term in reached]
    if redirect and ends is None:
        rules += _followed(found, path, redirect, decides=decides, passes=passes) or []
    return rules


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
            add_break(
                found,
                f"{record_named(path)} has “{term.text}”, which refers to {len(hosts)} servers. Email "
                f"providers accept at most {MAX_MAIL_HOSTS}, so they ignore the record.",
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
        add_break(
            found,
            (
                f"{record_named(path)} includes itself ({' → '.join((*path, target))}), so email providers "
                "ignore it."
            ),
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
        add_break(
            found,
            (
                f"{record_named(path)} has “{term.text}”, but {target} has {what}, so email providers ignore "
                "the whole record."
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


def _not_known(found: Evaluation, path: tuple[str, ...], term: Term, error: Unreachable) -> None:
    add_warning(found, f"{record_named(path)} contains “{term.text}”, which we could not check.", str(error))
