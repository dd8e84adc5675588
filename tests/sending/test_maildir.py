"""The embedded way out: whole messages in a real Maildir, each recipient's once."""

import fcntl
import mailbox
import os
import stat
import uuid
from dataclasses import replace
from email import message_from_bytes
from email import policy as mail_policy

import pytest

from newsletter.sending.outcomes import Accepted, NotSent, Rejected, Unknown
from newsletter.sending.transports.maildir import MaildirTransport
from tests.sending.example_emails import an_email, post_to

PEOPLE = ("ana@example.org", "ben@example.org", "cem@example.org")


@pytest.fixture
def outbox(tmp_path):
    return MaildirTransport(tmp_path / "outbox")


def messages_in(transport):
    box = mailbox.Maildir(transport.folder, factory=None, create=False)
    return [message_from_bytes(box.get_bytes(key), policy=mail_policy.default) for key in box.iterkeys()]


def addresses_in(transport):
    return sorted(message["To"].addresses[0].addr_spec for message in messages_in(transport))


def answers(outcomes):
    return [(list(outcome.recipients), type(outcome.answer)) for outcome in outcomes if outcome.recipients]


def test_everybody_has_a_message_in_a_real_maildir(outbox):
    assert answers(outbox.deliver(post_to(*PEOPLE))) == [([1, 2, 3], Accepted)]
    assert addresses_in(outbox) == sorted(PEOPLE)
    assert sorted(path.name for path in outbox.folder.iterdir()) == ["cur", "new", "tmp"]
    assert list((outbox.folder / "tmp").iterdir()) == []


def test_mail_in_the_maildir_names_the_domain_itself_and_not_one_that_looks_like_it(outbox):
    email = an_email(sender_address="news@straße.example")
    assert answers(outbox.deliver(post_to("ada@faß.de", email=email))) == [([1], Accepted)]
    (message,) = messages_in(outbox)
    assert message["To"].addresses[0].addr_spec == "ada@xn--fa-hia.de"
    assert message["From"].addresses[0].addr_spec == "news@xn--strae-oqa.example"
    assert message["Message-ID"].endswith("@xn--strae-oqa.example>")


def test_lines_end_as_mail_files_end_them(outbox):
    list(outbox.deliver(post_to(*PEOPLE)))
    for path in (outbox.folder / "new").iterdir():
        assert b"\r" not in path.read_bytes()


def test_delivering_again_after_a_crash_writes_nobody_twice(outbox):
    list(outbox.deliver(post_to(*PEOPLE)))
    assert answers(outbox.deliver(post_to(*PEOPLE, attempt=2))) == [([1, 2, 3], Accepted)]
    assert len(messages_in(outbox)) == 3


def test_what_a_mail_program_has_filed_is_not_delivered_again(outbox):
    list(outbox.deliver(post_to(*PEOPLE)))
    for path in list((outbox.folder / "new").iterdir()):
        path.rename(outbox.folder / "cur" / f"{path.name}:2,S")
    list(outbox.deliver(post_to(*PEOPLE, attempt=2)))
    assert len(messages_in(outbox)) == 3


def test_a_crash_half_way_is_told_by_the_evidence(outbox):
    post = post_to(*PEOPLE)
    list(outbox.deliver(post_to(*PEOPLE[:2])))
    evidence = list(outbox.evidence(post.trace, [1, 2, 3]))
    assert answers(evidence) == [([1, 2], Accepted), ([3], NotSent)]


def test_the_evidence_of_another_mailing_counts_for_nothing(outbox):
    list(outbox.deliver(post_to(*PEOPLE)))
    another = replace(post_to().trace, mailing=uuid.UUID(int=99))
    assert answers(outbox.evidence(another, [1, 2, 3])) == [([1, 2, 3], NotSent)]


def test_recipient_1_is_not_taken_for_recipient_12(outbox):
    list(outbox.deliver(post_to(*(f"r{n}@example.org" for n in range(1, 13)))))
    for path in (outbox.folder / "new").iterdir():
        if path.name.endswith("R1"):
            path.unlink()
    evidence = list(outbox.evidence(post_to().trace, [1, 12]))
    assert answers(evidence) == [([12], Accepted), ([1], NotSent)]


def test_an_address_that_no_header_holds_is_refused_and_the_others_go(outbox):
    outcomes = list(outbox.deliver(post_to("ana@example.org", "ben@" + "x" * 70 + ".org")))
    assert answers(outcomes) == [([2], Rejected), ([1], Accepted)]


def test_an_outbox_that_cannot_be_written_says_so_and_sends_nothing(tmp_path):
    blocked = tmp_path / "outbox"
    blocked.write_text("a file stands in the way")
    (outcome,) = [each for each in MaildirTransport(blocked).deliver(post_to(*PEOPLE)) if each.recipients]
    assert isinstance(outcome.answer, NotSent)
    assert outcome.answer.pause
    assert str(blocked) in outcome.answer.reason


@pytest.mark.parametrize("ending", ["~", ";2,S", "!2,S", ":2,FS", ".bak"])
def test_an_odd_name_that_a_mail_program_gave_still_tells_whose_message_it_is(outbox, ending):
    list(outbox.deliver(post_to(*PEOPLE)))
    for path in list((outbox.folder / "new").iterdir()):
        path.rename(outbox.folder / "cur" / f"{path.name}{ending}")
    (outbox.folder / "new" / f"{uuid.UUID(int=7).hex}.Rx").write_bytes(b"")
    assert answers(outbox.evidence(post_to().trace, [1, 2, 3, 4])) == [([1, 2, 3], Accepted), ([4], NotSent)]
    list(outbox.deliver(post_to(*PEOPLE, attempt=2)))
    assert len(list((outbox.folder / "new").iterdir())) == 1


def test_what_a_killed_process_left_unfinished_is_removed_and_nothing_else(outbox):
    list(outbox.deliver(post_to()))
    room = outbox.folder / "tmp"
    left, held, other = room / f"{'0' * 32}.R1.17", room / f"{'0' * 32}.R2.18", room / "1700000000.M1P2.host"
    for path in (left, held, other):
        path.write_bytes(b"half")
        os.utime(path, (1, 1))
    with held.open("rb") as file:
        # As a process that still writes it does; the time of the file says nothing, as clocks are set.
        fcntl.flock(file, fcntl.LOCK_EX)
        list(outbox.deliver(post_to(*PEOPLE)))
    assert sorted(room.iterdir()) == sorted([held, other])


def test_what_may_not_have_reached_the_disk_is_unknown_until_evidence_tells(outbox, monkeypatch):
    real = os.fsync

    def fails_for_folders(handle):
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(5, "Input/output error")
        real(handle)

    monkeypatch.setattr(os, "fsync", fails_for_folders)
    assert answers(outbox.deliver(post_to(*PEOPLE))) == [([1, 2, 3], Unknown)]


def test_a_disk_that_fills_up_half_way_splits_the_batch(outbox, monkeypatch):
    written = iter(range(1, 9))
    real = os.fsync

    def full(handle):
        if next(written) == 2:
            raise OSError(28, "No space left on device")
        real(handle)

    monkeypatch.setattr(os, "fsync", full)
    outcomes = list(outbox.deliver(post_to(*PEOPLE)))
    assert answers(outcomes) == [([1], Accepted), ([2, 3], NotSent)]
    monkeypatch.undo()
    assert addresses_in(outbox) == ["ana@example.org"]
    assert list((outbox.folder / "tmp").iterdir()) == []
