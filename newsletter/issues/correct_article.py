"""Make a correction to an article that readers were sent. Change or remove it until an approved email has it.

The web pages of the issues with the article show a correction at once, and the next issue tells its readers. A serious
one can also be emailed to everybody who received the article (newsletter/corrections/).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from newsletter.accounts.actor import Role, current_actor, why_not_role
from newsletter.accounts.form_idempotency import once
from newsletter.articles.article_keys import key_of
from newsletter.articles.find_articles import find_article
from newsletter.articles.models import Article, Correction
from newsletter.errors import InvalidFields, NotFound, Refused, refuse_if
from newsletter.issues.article_corrections import issues_that_told, publications_that_carried
from newsletter.issues.issue_audit import record
from newsletter.issues.issue_labels import issue_label_at_start
from newsletter.issues.links_in_markdown import links_in_markdown
from newsletter.issues.models import Publication
from subscribers.clean_text import printable
from subscribers.database import locked

ACT = "correction"
MAKING = "Correcting an article that was sent"
LONGEST = 2_000
IN_BRACKETS = "Links in Markdown do not work here. Write only the address, such as https://example.org."
Severity = Correction.Severity
# The fields of a CorrectionText, in the order in which people write them.
FIELDS = ("said", "right", "why", "wrong_since", "severity")


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionText:
    """What somebody writes in a correction. `severity` is one of Correction.Severity."""

    right: str
    said: str = ""
    why: str = ""
    wrong_since: date | None = None
    severity: str = Severity.SIGNIFICANT


def make_correction(
    number: int,
    text: CorrectionText,
    *,
    form_key: str | None = None,
    wrong: Mapping[str, str] | None = None,
) -> Correction:
    """Correct the article with this number. Readers of its issues see the correction at once on the web pages.

    `wrong` says what the caller has found wrong with fields of the text. Raises Refused with the sentence of
    `why_not_correct`, NotFound, and InvalidFields with everything that is wrong. Raises
    AlreadyMadeError with the correction's ID if the form with this key has made one.
    """
    article = find_article(number)
    refuse_if(why_not_correct(article))
    publications = publications_that_carried(article)
    today = timezone.localdate(timezone=publications[0].tzinfo)
    texts = _cleaned(text, today, wrong)
    with transaction.atomic(), once(form_key) as form:
        correction = Correction.objects.create(
            article=article,
            corrected_on=today,
            made_at=timezone.now(),
            made_by=current_actor().name[:150],
            **texts,
        )
        changes: dict[str, list[Any]] = {
            name: [None, each] for name, each in _shown(correction).items() if each
        }
        _record(article, publications, f"Corrected “{article.title[:200]}”: {correction.text}", changes)
        form.made = str(correction.pk)
    return correction


def correction_version(correction: Correction) -> str:
    """Return a digest of what a correction says, by which two versions are told apart."""
    return key_of(*_shown(correction).values())


def change_correction(
    number: int,
    text: CorrectionText,
    *,
    seen: str | None = None,
    wrong: Mapping[str, str] | None = None,
) -> Correction:
    """Change what a correction says that was made here and that no approved email has. It keeps its day.

    `seen` is the `correction_version` that a form started from, and `wrong` is as in `make_correction`. Raises
    NotFound, InvalidFields, Refused with the sentence of `why_not_change_correction`, and Refused if somebody else has
    changed it since.
    """
    with transaction.atomic():
        correction = _changeable(number)
        if seen is not None and seen != correction_version(correction):
            raise Refused(
                "Somebody else has changed this correction since you opened it, so we did not save your version."
            )
        article, before = correction.article, _shown(correction)
        publications = publications_that_carried(article)
        today = timezone.localdate(timezone=publications[0].tzinfo)
        for name, each in _cleaned(text, today, wrong).items():
            setattr(correction, name, each)
        after = _shown(correction)
        if changes := {name: [before[name], after[name]] for name in after if before[name] != after[name]}:
            correction.changed_at = timezone.now()
            correction.save()
            sentence = f"Changed a correction to “{article.title[:200]}”: {correction.text}"
            _record(article, publications, sentence, changes)
    return correction


def remove_correction(number: int) -> Article:
    """Remove a correction that was made here and that no approved email has. Return its article.

    Raises NotFound, and Refused with the sentence of `why_not_change_correction`.
    """
    with transaction.atomic():
        correction = _changeable(number)
        article = correction.article
        changes: dict[str, list[Any]] = {
            name: [each, None] for name, each in _shown(correction).items() if each
        }
        sentence = f"Removed a correction to “{article.title[:200]}”: {correction.text}"
        _record(article, publications_that_carried(article), sentence, changes)
        correction.delete()
    return article


def found_correction(number: int) -> Correction:
    """Return the correction with this number, with its article. Raises NotFound."""
    found = Correction.objects.select_related("article").filter(pk=number).first()
    if found is None:
        raise NotFound("We could not find this correction. It may have been removed.")
    return found


def _changeable(number: int) -> Correction:
    """Return a correction, locked, that the current actor may change or remove. Raises NotFound and Refused."""
    found_correction(number)
    correction = locked(Correction.objects.select_related("article"), number)
    refuse_if(why_not_change_correction(correction))
    return correction


def why_not_correct(article: Article) -> str:
    """Return why the current actor may not correct an article, or an empty string if they may."""
    publications = publications_that_carried(article)
    if not publications:
        return "This article has not been sent in an issue, so there is nothing to correct. Change the article itself."
    return _why_not_role(publications)


def why_not_change_correction(correction: Correction) -> str:
    """Return why the current actor may not change or remove a correction, or an empty string if they may."""
    if correction.made_at is None:
        return "This correction came from the article’s source. Change it there."
    publications = publications_that_carried(correction.article)
    if missing := _why_not_role(publications):
        return missing
    if correction.notices.exists():
        return (
            "The email about this correction has been approved, so the correction cannot be changed or removed. To "
            "say something else, withdraw the approval or make another correction."
        )
    if correction.reader_cases.exists():
        return (
            "The board answered a question from a reader with this correction, so the correction cannot be changed "
            "or removed. To say something else, make another correction."
        )
    told = issues_that_told(correction, publications).select_related("publication").first()
    if told is None:
        return ""
    return (
        f"{issue_label_at_start(told)} was approved with this correction, so the correction cannot be changed or "
        "removed. To say something else, make another correction."
    )


def _why_not_role(publications: list[Publication]) -> str:
    """Return why the actor may not say in all these publications that an article was wrong."""
    # About those that the actor sees, the sentence names who can.
    seen_first = sorted(publications, key=lambda each: not current_actor().may_see(each.pk))
    missing = (why_not_role(Role.APPROVER, MAKING, publication=each.pk) for each in seen_first)
    return next(filter(None, missing), "")


def _cleaned(text: CorrectionText, today: date, wrong: Mapping[str, str] | None) -> dict[str, Any]:
    """Return the fields of a correction that somebody wrote on this day. Raises InvalidFields."""
    texts = {"said": text.said, "right": text.right, "why": text.why}
    texts = {name: printable(each).strip() for name, each in texts.items()}
    found = {**_wrong_texts(texts), **(wrong or {})}
    if text.severity not in Severity.values:
        found["severity"] = "Choose whether the mistake is minor, significant or serious."
    if text.wrong_since is not None and text.wrong_since > today:
        found["wrong_since"] = "“Wrong since” cannot be in the future."
    if found:
        raise InvalidFields({name: found[name] for name in FIELDS if name in found})
    return {
        "said": texts["said"],
        "text": texts["right"],
        "why": texts["why"],
        "wrong_since": text.wrong_since,
        "severity": text.severity,
    }


def _wrong_texts(texts: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong with the texts of a correction, by field."""
    found = {}
    for name, each in texts.items():
        if len(each) > LONGEST:
            found[name] = f"Use at most {LONGEST:,} characters."
        # The checks of the next issue would refuse it, when the correction can no longer be changed.
        elif next(links_in_markdown(" ".join(each.split())), None):
            found[name] = IN_BRACKETS
    if not texts["right"]:
        found["right"] = "Enter what the article should have said."
    return found


def _shown(correction: Correction) -> dict[str, str]:
    """Return what the activity log shows of a correction."""
    texts = {name: getattr(correction, name) for name in ("said", "text", "why", "severity")}
    return texts | {"wrong_since": correction.wrong_since.isoformat() if correction.wrong_since else ""}


def _record(
    article: Article,
    publications: list[Publication],
    sentence: str,
    changes: dict[str, list[Any]],
) -> None:
    for publication in publications:
        record(ACT, sentence[:1_000], publication=publication, thing=f"article {article.pk}", changes=changes)
