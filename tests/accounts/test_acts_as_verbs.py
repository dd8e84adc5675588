"""Sentences about roles say in plain words who can do what."""

import ast
from pathlib import Path

import pytest

from newsletter.accounts.actor import Actor, Role, acting_as, why_not_role
from newsletter.accounts.acts_as_verbs import as_verb

CODE = Path(__file__).parents[2] / "newsletter"
ASKS = {"why_not_role", "require_role"}
VERBS = """
    accept activate add allow answer approve archive ask cancel change check comment correct create deactivate demand
    discard download erase exchange exclude export fetch import invite lift list load look make manage move overrule
    pause read record refuse rehearse remove reset restore resume retry schedule see send set share skip stop test
    undo unlink unschedule upload view withdraw write
"""


def acts_in_code():
    """Yield the acts that the code asks about by a text of their own."""
    for path in CODE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = getattr(node, "func", None)
            if isinstance(node, ast.Call) and getattr(called, "id", getattr(called, "attr", "")) in ASKS:
                yield from (each.value for each in node.args if isinstance(each, ast.Constant))


@pytest.mark.parametrize(
    ("act", "verb"),
    [
        ("Approving an issue", "approve an issue"),
        ("Changing or removing a source", "change or remove a source"),
        ("Cancelling an issue", "cancel an issue"),
        ("Resetting a second factor", "reset a second factor"),
        ("Setting up a newsletter", "set up a newsletter"),
        ("Seeing who receives an issue", "see who receives an issue"),
        ("Undoing “Send”", "undo “Send”"),
        ("The rest", ""),
    ],
)
def test_an_act_is_said_as_a_verb(act, verb):
    assert as_verb(act) == verb


def test_every_act_can_be_said_as_a_verb():
    acts = set(acts_in_code())
    assert len(acts) > 20
    assert [act for act in acts if not as_verb(act)] == []


def test_no_verb_is_a_stump():
    """A new act can need an entry in acts_as_verbs.py: “Schedule” ends with e, and “Stop” doubles its last letter."""
    assert {as_verb(act).split()[0] for act in acts_in_code()} <= set(VERBS.split())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wanted", "has", "sentence"),
    [
        (Role.APPROVER, [Role.EDITOR], "Only an approver can approve. {} You are an editor."),
        (
            (Role.EDITOR, Role.SENDER),
            [Role.AUTHOR, Role.BOARD],
            "Only an editor or a sender can approve. {} You are an author and a board member.",
        ),
        (Role.SENDER, [], "Only a sender can approve. {} You have no role."),
    ],
)
def test_the_sentence_names_who_can_and_what_the_actor_is(wanted, has, sentence):
    roles = (wanted,) if isinstance(wanted, Role) else wanted
    ask = f"Ask an administrator for the {' or '.join(roles)} role."
    with acting_as(Actor("ruth", frozenset(has))):
        assert why_not_role(wanted, "Approving") == sentence.format(ask)
