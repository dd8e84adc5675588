"""An issue as its reviewers see it: the parts of its email, each with its sentences, comments and signatures."""

from collections.abc import Sequence
from dataclasses import dataclass

from newsletter.errors import NewsletterError
from newsletter.issues.models import Issue
from newsletter.proof.comments import comments_on
from newsletter.proof.models import ProofComment
from newsletter.proof.parts_now import parts_now
from newsletter.proof.sentences import sentences_of
from newsletter.proof.signatures import SignatureNow, signatures_now
from newsletter.rendering.email_parts import EmailParts, Part
from subscribers.whole_numbers import whole_number


@dataclass(frozen=True, slots=True)
class ReviewedText:
    """One text of a part, sentence by sentence."""

    field: str
    label: str
    sentences: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedPart:
    """A part with what was said about it and who signed it. `digest` is what a signature would be bound to."""

    part: Part
    digest: str
    texts: Sequence[ReviewedText]
    comments: Sequence[ProofComment]
    signatures: Sequence[SignatureNow]

    def sentence(self, field: str, number: str) -> str:
        """Return a sentence of a text by its number, counted from 1, or an empty string."""
        for text in self.texts:
            if text.field == field:
                return dict(enumerate(text.sentences, start=1)).get(whole_number(number) or 0, "")
        return ""


@dataclass(frozen=True, slots=True)
class ProofView:
    """The parts of the email in order, and what was said and signed about parts that it no longer has.

    `problem` says why the email cannot be created. Then there are no parts.
    """

    parts: Sequence[ReviewedPart]
    comments_on_others: Sequence[ProofComment]
    signatures_of_others: Sequence[SignatureNow]
    problem: str = ""


def proof_view(issue: Issue, parts: EmailParts | None = None) -> ProofView:
    """Return what reviewers see of an issue now."""
    comments, parts = comments_on(issue), parts or parts_now(issue)
    signatures = signatures_now(issue, parts)
    try:
        shown = [
            ReviewedPart(
                part=part,
                digest=parts.digest(part.name),
                texts=[
                    ReviewedText(each.field, each.label, sentences_of(each.text, each.field))
                    for each in part.texts
                ],
                comments=[each for each in comments if each.part == part.name],
                signatures=[each for each in signatures if each.signature.part == part.name],
            )
            for part in parts.all
        ]
    except NewsletterError as error:
        return ProofView([], comments, signatures, str(error))
    names = {each.part.name for each in shown}
    return ProofView(
        shown,
        [each for each in comments if each.part not in names],
        [each for each in signatures if each.signature.part not in names],
    )
