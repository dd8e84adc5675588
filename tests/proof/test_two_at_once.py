"""Two requests at the same moment make one comment, one signature, and use suggested words once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from newsletter.accounts.actor import Actor, Role, acting_as
from newsletter.accounts.form_idempotency import AlreadyMadeError
from newsletter.errors import Refused
from newsletter.issues.models import Issue
from newsletter.proof.comments import WrittenComment, comment_by_link
from newsletter.proof.models import ProofComment, Signature
from newsletter.proof.parts_now import parts_now
from newsletter.proof.proof_links import make_proof_link
from newsletter.proof.signatures import sign_by_link
from newsletter.proof.suggested_words import use_suggested_words
from tests.preflight.good_emails import good_issue
from tests.proof.conftest import NETWORK

pytestmark = pytest.mark.django_db(transaction=True)
RUTH = Actor("ruth", frozenset({Role.EDITOR}), 1)
SECONDS = 60


@pytest.fixture
def issue(home):
    return good_issue(articles=1)


@pytest.fixture
def token(issue):
    return make_proof_link(issue, "Dr Okafor").link.token


def at_once(act):
    """Let two threads act at the same moment, and return what came of each: its result, or its error."""
    both = Barrier(2, timeout=SECONDS)

    def run(_number):
        both.wait()
        try:
            return act()
        except (AlreadyMadeError, Refused) as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(run, range(2), timeout=SECONDS))


def test_one_form_makes_one_comment(token):
    written = WrittenComment(text="Once", part="email")
    results = at_once(lambda: comment_by_link(token, written, network=NETWORK, form_key="k" * 32))
    assert sum(isinstance(each, AlreadyMadeError) for each in results) == 1
    assert ProofComment.objects.count() == 1


def test_two_clicks_make_one_signature(issue, token):
    seen = parts_now(issue).digest("email")
    first, second = at_once(lambda: sign_by_link(token, "email", seen=seen, network=NETWORK))
    assert first == second == Signature.objects.get()


def test_two_editors_use_suggested_words_once(issue, token):
    written = WrittenComment(
        text="", part="first-lines", field="subject", quote=issue.subject, suggestion=f"{issue.subject}!"
    )
    row = comment_by_link(token, written, network=NETWORK)

    def use():
        with acting_as(RUTH):
            return use_suggested_words(Issue.objects.get(), row.pk)

    results = at_once(use)
    assert sum(isinstance(each, Refused) for each in results) == 1
    assert Issue.objects.get().subject == f"{row.quote}!"
