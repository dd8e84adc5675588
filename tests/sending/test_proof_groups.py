"""Proof groups: colleagues by name who get the test emails of a publication."""

import pytest

from newsletter.accounts.actor import Actor, acting_as
from newsletter.errors import Invalid, NotFound, Refused
from newsletter.issues.models import AuditEntry
from newsletter.sending.proof_groups import (
    proof_group,
    proof_groups,
    remove_proof_group,
    save_proof_group,
    split_addresses,
)


def test_a_group_is_saved_found_changed_and_removed(publication):
    save_proof_group(publication, "  Trustees ", ["tom@example.net", "Tess <tess@example.net>"])
    assert proof_group(publication, "Trustees").addresses == ["tom@example.net", "tess@example.net"]
    save_proof_group(publication, "Trustees", ["tom@example.net"])
    assert [(each.name, each.addresses) for each in proof_groups(publication)] == [
        ("Trustees", ["tom@example.net"])
    ]
    remove_proof_group(publication, "Trustees")
    assert proof_groups(publication) == []
    with pytest.raises(NotFound, match="no proof group “Trustees”"):
        proof_group(publication, "Trustees")


def test_addresses_are_split_as_people_paste_them():
    assert split_addresses('"Müller, Zoë" <z@x.org>, "unclosed\n') == ['"Müller, Zoë" <z@x.org>', '"unclosed']
    assert split_addresses("a@x.org, b@x.org;c@x.org\n\n d@x.org ") == [
        "a@x.org",
        "b@x.org",
        "c@x.org",
        "d@x.org",
    ]


@pytest.mark.parametrize(
    ("name", "addresses", "sentence"),
    [
        ("", ["a@example.net"], "Give the group a name"),
        ("x" * 81, ["a@example.net"], "can have up to 80 characters. This name has 81"),
        ("Trustees", [], "at least one address"),
        ("Trustees", ["a@example.net", "nonsense"], "“nonsense” is not an email address"),
        ("Trustees", [f"a{n}@example.net" for n in range(21)], "at most 20 addresses"),
    ],
)
def test_what_cannot_be_a_group_is_refused_and_nothing_is_stored(publication, name, addresses, sentence):
    with pytest.raises(Invalid, match=sentence):
        save_proof_group(publication, name, addresses)
    assert proof_groups(publication) == []


def test_a_change_is_in_the_audit_log_without_any_address(publication):
    with acting_as(Actor("edda", frozenset({"editor"}))):
        save_proof_group(publication, "Trustees", ["tom@example.net"])
        remove_proof_group(publication, "Trustees")
    assert [(each.actor, each.sentence) for each in AuditEntry.objects.all()] == [
        ("edda", "Saved the proof group “Trustees” with 1 address."),
        ("edda", "Removed the proof group “Trustees”."),
    ]


def test_only_editors_change_groups(publication):
    with acting_as(Actor("sam")), pytest.raises(Refused):
        save_proof_group(publication, "Trustees", ["tom@example.net"])
    with acting_as(Actor("sam")), pytest.raises(Refused):
        remove_proof_group(publication, "Trustees")
