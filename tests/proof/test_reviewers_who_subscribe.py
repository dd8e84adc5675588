"""A reviewer who is a subscriber too finds their words in their export, and is erased with their data."""

import pytest
from django.core import serializers

from newsletter.proof.comments import WrittenComment, comment_by_link
from newsletter.proof.models import ERASED, ProofLink, Signature
from newsletter.proof.open_proof_link import EndedLink, open_proof_link
from newsletter.proof.parts_now import parts_now
from newsletter.proof.signatures import sign_by_link
from subscribers.consent_log import ConsentSource
from subscribers.erasure import erase, export_person, forget_everywhere
from subscribers.models import SourceKind, Subscriber
from tests.proof.conftest import NETWORK

pytestmark = pytest.mark.django_db
BY_LINK = ConsentSource(SourceKind.EMAIL_LINK)


@pytest.fixture
def link(issue, share):
    """Ana, who is on the list, comments and signs by a link that was sent to her."""
    link = share("Ana Ebb", address="ana@example.net")
    comment_by_link(link.token, WrittenComment(text="Too long.", part="email"), network=NETWORK)
    sign_by_link(link.token, "email", seen=parts_now(issue).digest("email"), network=NETWORK)
    return link


@pytest.fixture
def ana(issue):
    return Subscriber.objects.get(address="ana@example.net")


def test_the_export_of_a_person_has_what_they_said_and_signed(link, ana):
    reviews = export_person(ana)["reviews"]
    assert [each["comment"] for each in reviews["comments"]] == ["Too long."]
    assert [each["part"] for each in reviews["signatures"]] == ["The whole email"]


def test_the_export_of_others_has_no_reviews(link):
    assert "reviews" not in export_person(Subscriber.objects.get(address="ben@example.net"))


def test_a_person_who_is_erased_is_erased_as_a_reviewer(link, ana):
    erase(ana, BY_LINK)
    stored = serializers.serialize("json", [*ProofLink.objects.all(), *Signature.objects.all()])
    assert "ana@example.net" not in stored
    assert ProofLink.objects.get().name == ERASED
    with pytest.raises(EndedLink):
        open_proof_link(link.token)


def test_a_sign_up_that_is_forgotten_ends_no_review(link, ana):
    forget_everywhere(ana)
    assert open_proof_link(link.token).name == "Ana Ebb"
