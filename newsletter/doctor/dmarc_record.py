"""Read a DMARC record (RFC 7489, sections 6.3 and 6.6.3): the policy that applies to a domain, and mistakes."""

from dataclasses import dataclass

from newsletter.doctor.dns_lookup import repeated_tags, tags_of
from subscribers.whole_numbers import whole_number

POLICIES = frozenset({"none", "quarantine", "reject"})
EVERYTHING = 100


@dataclass(frozen=True, slots=True)
class DmarcRecord:
    """The record that applies to a domain. `where` is the domain that has it: the sender's own, or one above it."""

    domain: str
    where: str
    text: str

    @property
    def tags(self) -> dict[str, str]:
        """Return the tags of the record. If a tag is repeated, the first counts."""
        return tags_of(self.text)

    @property
    def has_reports(self) -> bool:
        """Return whether the record names an address for reports that receivers can use."""
        return any(each.strip().lower().startswith("mailto:") for each in self.tags.get("rua", "").split(","))

    @property
    def policy_tag(self) -> str:
        """Return the tag whose policy applies: `sp` for a domain below the one that has the record, otherwise
        `p`.
        """
        return "sp" if self.where != self.domain and "sp" in self.tags else "p"

    @property
    def policy(self) -> str:
        """Return what receivers do with forged mail: none, quarantine or reject. Empty if they ignore the record."""
        if self.wrong_policies():
            return "none" if self.has_reports else ""
        return self.tags[self.policy_tag].lower()

    def is_strict(self, tag: str) -> bool:
        """Return whether `adkim` or `aspf` requires exactly the domain of From, and not only one with the same
        owner.
        """
        return self.tags.get(tag, "r").lower() == "s"

    def wrong_policies(self) -> list[str]:
        """Return the invalid policies as written, including a missing `p`."""
        tags = self.tags
        found = [
            f"{name}={tags[name]}"
            for name in ("p", "sp")
            if name in tags and tags[name].lower() not in POLICIES
        ]
        return found if "p" in tags else ["no p=", *found]

    def weaknesses(self) -> list[tuple[str, str]]:
        """Return faults that do not make the record invalid but do harm, each with how to fix it."""
        tags, found = self.tags, []
        has = f"The DMARC record for {self.where} has"
        if repeated := repeated_tags(self.text):
            found.append(
                (
                    f"{has} {repeated[0]}= twice, so email providers may ignore the record.",
                    "Delete one of them.",
                )
            )
        if not self.has_reports:
            without = (
                f"an invalid address for reports (rua={tags['rua']})"
                if tags.get("rua")
                else "no address for reports"
            )
            found.append(
                (
                    f"{has} {without}, so you will not find out about forged or failing emails.",
                    f"Add rua=mailto:dmarc@{self.where} to the record.",
                )
            )
        percent = tags.get("pct", "100")
        number = whole_number(percent)
        if number is None or number > EVERYTHING:
            sentence = f"{has} pct={percent}, which is not a whole number from 0 to 100."
            found.append((sentence, "Remove pct from the record."))
        elif number < EVERYTHING:
            sentence = f"{has} pct={percent}, so its policy applies to only {percent}% of emails."
            found.append((sentence, "Remove pct from the record."))
        found += [
            (
                f"{has} {name}={tags[name]}, which email providers treat as {name}=r.",
                f"Set {name}=r or {name}=s.",
            )
            for name in ("adkim", "aspf")
            if tags.get(name, "r").lower() not in {"r", "s"}
        ]
        return found
