"""Named groups of colleagues who get the test emails of a publication. They need not be subscribers."""

import re
from collections.abc import Iterable

from django.db import transaction

from newsletter.accounts.actor import Role, require_role
from newsletter.errors import Invalid, InvalidFields, NotFound, Refused
from newsletter.issues.autosaved_texts import text_version
from newsletter.issues.change_locks import lock_publication
from newsletter.issues.issue_audit import record
from newsletter.issues.models import Publication
from newsletter.sending.models import ProofGroup
from newsletter.sending.send_test_emails import checked_addresses
from subscribers.clean_text import folded
from subscribers.phrases import counted

LONGEST_NAME = 80
MAX_GROUPS = 20
CHANGING = "Changing a proof group"
# Commas and semicolons within quotation marks or angle brackets belong to a name or an address.
_PIECE = re.compile(r'(?:"[^"\n]*"|<[^<>\n]*>|[^,;\n"<]|["<])+')


def split_addresses(text: str) -> list[str]:
    """Return the addresses that somebody typed or pasted: one a line, or between commas or semicolons."""
    return [each.strip() for each in _PIECE.findall(text) if each.strip()]


def proof_groups(publication: Publication) -> list[ProofGroup]:
    """Return the proof groups of a publication by name."""
    return list(ProofGroup.objects.filter(publication=publication))


def proof_group(publication: Publication, name: str) -> ProofGroup:
    """Return a proof group by its name. Raises NotFound."""
    found = ProofGroup.objects.filter(publication=publication, name=folded(name)).first()
    if found is None:
        raise NotFound(f"{publication.name} has no proof group “{folded(name)[:LONGEST_NAME]}”.")
    return found


def group_version(addresses: Iterable[str]) -> str:
    """Return a digest of the addresses of a group, by which two versions are told apart. A new group has none."""
    return text_version("\n".join(addresses))


def save_proof_group(
    publication: Publication, name: str, addresses: Iterable[str], *, seen: str | None = None
) -> ProofGroup:
    """Store a proof group under a name, in place of one with the same name.

    `seen` is the `group_version` that a form started from. Raises Refused if the group was changed since then, or was
    made since then. Without it, nothing is compared.
    Raises InvalidFields for a missing or long name, a wrong address, none, or more than 20 addresses or groups. Raises
    Refused for a suppressed address, or unless an editor does this.
    """
    require_role(Role.EDITOR, CHANGING, publication=publication.pk)
    name = folded(name)
    found = _checked(name, addresses)
    with transaction.atomic():
        lock_publication(publication)
        others = ProofGroup.objects.filter(publication=publication).exclude(name=name)
        if others.count() >= MAX_GROUPS:
            raise Invalid(
                f"{publication.name} has {MAX_GROUPS} proof groups, which is the maximum. Remove one first."
            )
        present = next((each.addresses for each in proof_groups(publication) if each.name == name), ())
        if seen is not None and group_version(present) != seen and list(present) != found:
            raise Refused(
                f"The proof group “{name}” has changed since you opened it. Its saved addresses are shown "
                "beside yours. To replace them with yours, save again."
            )
        before = len(present)
        group, _is_new = ProofGroup.objects.update_or_create(
            publication=publication, name=name, defaults={"addresses": found}
        )
        sentence = f"Saved the proof group “{name}” with {counted(len(found), 'address', 'addresses')}."
        changes = {"addresses": [before, len(found)]}
        record("proof-group", sentence, publication=publication, changes=changes)
    return group


def _checked(name: str, addresses: Iterable[str]) -> list[str]:
    """Return the addresses of a group. Raises InvalidFields for everything that is wrong, and Refused."""
    wrong, found = dict[str, str](), list[str]()
    if not name:
        wrong["name"] = "Give the group a name, such as Trustees."
    elif len(name) > LONGEST_NAME:
        wrong["name"] = (
            f"The name of a group can have up to {LONGEST_NAME} characters. This name has {len(name):,}."
        )
    try:
        found = [each.address for each in checked_addresses(addresses)]
    except Invalid as error:
        wrong["addresses"] = str(error)
    if wrong:
        raise InvalidFields(wrong)
    return found


def remove_proof_group(publication: Publication, name: str, *, seen: str | None = None) -> ProofGroup:
    """Remove a proof group, and return what it was.

    `seen` is as in `save_proof_group`. Raises NotFound. Raises Refused if the group was changed since then, or
    unless an editor does this.
    """
    require_role(Role.EDITOR, CHANGING, publication=publication.pk)
    with transaction.atomic():
        lock_publication(publication)
        group = proof_group(publication, name)
        if seen is not None and seen != group_version(group.addresses):
            raise Refused(
                f"The proof group “{group.name}” has changed since you opened it, so we did not remove it. "
                "Its saved addresses are shown here. If you still want to remove the group, select “Remove” again."
            )
        ProofGroup.objects.filter(pk=group.pk).delete()
        sentence = f"Removed the proof group “{group.name}”."
        changes = {"addresses": [len(group.addresses), 0]}
        record("proof-group", sentence, publication=publication, changes=changes)
    return group
