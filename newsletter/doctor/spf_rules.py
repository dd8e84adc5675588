"""The rules of an SPF record, and what was found out while it was evaluated."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from newsletter.doctor.dns_lookup import IpAddress, Records
from newsletter.doctor.doctor_finding import Finding, Level, warning, wrong
from newsletter.doctor.spf_syntax import IpNetwork


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


def record_named(path: tuple[str, ...]) -> str:
    first, last = path[0], path[-1]
    return f"The SPF record of {last}" + (
        f", which is part of the record of {first}," if last != first else ""
    )


def add_break(found: Evaluation, sentence: str, fix: str) -> None:
    found.problems.append(wrong("SPF", sentence, fix))


def add_warning(found: Evaluation, sentence: str, fix: str) -> None:
    found.problems.append(warning("SPF", sentence, fix))
