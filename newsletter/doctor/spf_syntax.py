"""Parse an SPF record by the grammar of RFC 7208, section 12, and name what breaks it."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

MECHANISMS = frozenset({"all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"})
MODIFIERS = frozenset({"redirect", "exp"})
# By section 4.6.4, each of these counts as a DNS lookup.
ASKING = frozenset({"include", "a", "mx", "ptr", "exists", "redirect"})
LONGEST = 4_000

IpNetwork = IPv4Network | IPv6Network

_MACRO = r"%(?:\{[slodiphcrtv]\d{0,3}r?[-.+,/_=]*\}|[%_-])"
_DOMAIN = re.compile(
    rf"(?:{_MACRO}|[!-$&-~])*(?:\.(?=[a-z0-9-]*[a-z-])[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.?|{_MACRO})",
    re.IGNORECASE,
)
_TEXT = re.compile(rf"(?:{_MACRO}|[!-$&-~])*", re.IGNORECASE)
_MODIFIER = re.compile(r"([a-z][a-z0-9_.-]*)=(.*)", re.IGNORECASE)
_MECHANISM = re.compile(r"([-+?~]?)([^:/]*)(?::(.*?))?((?:/\d+)?(?://\d+)?)", re.IGNORECASE)
_ADDRESS = re.compile(r"[0-9a-f:.]+(?:/(?:0|[1-9]\d{0,2}))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a record. An empty `domain` means the record's own domain. `prefixes` are the lengths after `/`
    and `//`.
    """

    text: str
    name: str
    qualifier: str = "+"
    domain: str = ""
    network: IpNetwork | None = None
    prefixes: tuple[int, int] = (32, 128)

    @property
    def has_macro(self) -> bool:
        """Return whether only a receiver can know the domain, because it depends on the mail."""
        return "%" in self.domain


def read_terms(record: str) -> tuple[list[Term], list[str]]:
    """Return the terms of a record that begins with `v=spf1`, and a sentence for each fault."""
    if len(record) > LONGEST:
        return [], [f"The record has {len(record):,} characters, which is too long."]
    terms, mistakes = [], []
    for word in record.split(" ")[1:]:
        if not word:
            continue
        try:
            terms.append(_term(word))
        except ValueError as error:
            mistakes.append(str(error))
    names = [term.name for term in terms]
    mistakes += [f"The record has {name}= twice." for name in sorted(MODIFIERS) if names.count(name) > 1]
    return terms, mistakes


def _term(word: str) -> Term:
    if found := _MODIFIER.fullmatch(word):
        return _modifier(word, found[1].lower(), found[2])
    found = _MECHANISM.fullmatch(word)
    name = found[2].lower() if found else ""
    if not found or name not in MECHANISMS:
        raise ValueError(f"“{word}” is not an SPF mechanism.")
    qualifier, value, prefixes = found[1] or "+", found[3], found[4]
    if name in {"ip4", "ip6"}:
        return Term(word, name, qualifier, network=_network(word, name, (value or "") + prefixes))
    if name == "all" and (value is not None or prefixes):
        raise ValueError(f"“{word}” must not have anything after “all”.")
    if name in {"include", "exists"} and value is None:
        raise ValueError(f"“{word}” needs a domain.")
    if prefixes and name not in {"a", "mx"}:
        raise ValueError(f"“{word}” has a prefix length, which is not allowed for {name}.")
    if value is not None:
        _require_domain(word, value)
    return Term(word, name, qualifier, value or "", prefixes=_prefixes(word, prefixes))


def _modifier(word: str, name: str, value: str) -> Term:
    if name in MODIFIERS:
        _require_domain(word, value)
    elif not _TEXT.fullmatch(value):
        raise ValueError(f"“{word}” has characters that are not allowed in SPF.")
    else:
        name += "="  # such as `include=`, an unknown modifier, instead of the mechanism `include:`
    return Term(word, name, domain=value)


def _require_domain(word: str, value: str) -> None:
    if not _DOMAIN.fullmatch(value):
        raise ValueError(f"“{word}” does not contain a valid domain.")


def _network(word: str, name: str, value: str) -> IpNetwork:
    kind = IPv4Network if name == "ip4" else IPv6Network
    try:
        network = ip_network(value, strict=False) if _ADDRESS.fullmatch(value) else None
    except ValueError:
        network = None
    if not isinstance(network, kind):
        raise ValueError(f"“{word}” does not contain a valid IPv{name[2]} address or network.")  # noqa: TRY004 - of the text
    return network


def _prefixes(word: str, text: str) -> tuple[int, int]:
    first, second = re.findall(r"(?:^/(\d+))?(?://(\d+))?$", text)[0]
    lengths = int(first or 32), int(second or 128)
    if lengths[0] > 32 or lengths[1] > 128 or any(re.match(r"0\d", each) for each in (first, second)):  # noqa: PLR2004 - bits
        raise ValueError(f"“{word}” has a prefix length that is not valid.")
    return lengths
