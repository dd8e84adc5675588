"""Every address of the desk that changes something is listed here, with what keeps it from overwriting unseen work.

A new address must be added to the table. What the words mean:

- asks: the form carries the version that it started from. If somebody else has changed the same thing since, nothing is
  stored; the page shows what is stored now beside what was typed, and asks. A test in PROOFS shows it.
- undoes: it takes back one change, and is refused if the same thing has been changed since.
- makes: it makes a new thing once (test_one_form_makes_one_thing.py, or its address or name is unique).
- arranges: it changes the place or the choice of things and no text. The versions of the issue hold what was before.
- decides: it changes a state. It is refused if the state does not allow it (any more).
- reads: it stores nothing that belongs to anybody else.
- own: it changes only what belongs to the person who is logged in.
"""

from pathlib import Path

import pytest
from django.urls import get_resolver

ACTS = {
    "accept-source": "decides",
    "account-address": "own",
    "account-cancel-address": "own",
    "account-end-other-sessions": "own",
    "account-end-session": "own",
    "account-password": "own",
    "account-unlink": "own",
    "acknowledge-question": "decides",
    "act-on-articles": "arranges",
    "act-on-people": "makes",
    "activate-person": "decides",
    "add-article": "makes",
    "add-block": "makes",
    "add-introduction-picture": "makes",
    "add-link": "makes",
    "add-reference": "makes",
    "add-source": "makes",
    "add-source-list": "makes",
    "add-standing-block": "makes",
    "add-subscriber": "makes",
    "add-to-issue": "arranges",
    "add-webhook": "makes",
    "adopt-instance": "decides",
    "approve": "asks",
    "approve-correction": "asks",
    "archive-publication": "decides",
    "arrange": "arranges",
    "arrange-block": "asks",
    "article-picture": "asks",
    "article-terms": "asks",
    "ask-for-approval": "decides",
    "back-up-now": "decides",
    "cancel": "decides",
    "cancel-export": "decides",
    "cancel-import": "decides",
    "cancel-people-act": "decides",
    "cancel-rehearsal": "decides",
    "change-article": "asks",
    "change-backup-plan": "asks",
    "change-correction": "asks",
    "change-reference": "asks",
    "change-roles": "asks",
    "change-series": "asks",
    "change-webhook-secret": "decides",
    "check-import": "decides",
    "check-links": "decides",
    "choose-again": "asks",
    "choose-publication": "own",
    "confirm-address": "own",
    "correct-article": "makes",
    "correct-web-page": "makes",
    "correction-mailing": "decides",
    "deactivate-person": "decides",
    "decide-question": "decides",
    "describe-source": "asks",
    "download-backup": "reads",
    "download-export": "reads",
    "edit-article": "asks",
    "edit-block": "asks",
    "edit-in-issue": "asks",
    "erase-question": "decides",
    "erase-subscriber": "decides",
    "export-people": "reads",
    "export-subscriber": "reads",
    "fetch-article-picture": "reads",
    "fetch-source": "decides",
    "find-reader": "reads",
    "find-sources": "reads",
    "forgotten-password": "own",
    "import": "makes",
    "import-columns": "decides",
    "import-part": "makes",
    "invitation": "makes",
    "invite": "makes",
    "issue-audience": "asks",
    "hand-over-question": "decides",
    "junk-question": "decides",
    "lift-suppression": "decides",
    "log-in": "own",
    "log-out": "own",
    "mailing-list": "asks",
    "mailing-lists": "makes",
    "mend": "decides",
    "move": "arranges",
    "move-entry": "arranges",
    "move-standing-block": "arranges",
    "new-issue": "makes",
    "new-password": "own",
    "new-publication": "makes",
    "new-segment": "makes",
    "notification-kinds": "asks",
    "notification-mail": "decides",
    "overrule": "decides",
    "paste-subscribers": "makes",
    "pause": "decides",
    "pause-series": "decides",
    "pause-source": "decides",
    "pause-subscriber": "decides",
    "pictures": "reads",
    "proof-comment": "decides",
    "proof-comments": "makes",
    "proof-link": "decides",
    "proof-links": "makes",
    "proof-sign": "decides",
    "notices-in-language": "asks",
    "publication-approval": "asks",
    "publication-audience": "asks",
    "publication-checks": "asks",
    "publication-identity": "asks",
    "publication-logo": "asks",
    "publication-look": "asks",
    "publication-questions": "asks",
    "publication-sections": "asks",
    "publication-selection": "asks",
    "publication-sender": "asks",
    "publication-signatures": "asks",
    "publication-topics": "asks",
    "put-back-article": "asks",
    "read-source-list": "reads",
    "refuse-approval": "decides",
    "rehearse": "makes",
    "remove-backup": "decides",
    "remove-correction": "decides",
    "remove-example": "decides",
    "remove-notices-in-language": "decides",
    "remove-proof-group": "asks",
    "remove-publication": "decides",
    "remove-publication-logo": "asks",
    "remove-reference": "decides",
    "remove-segment": "decides",
    "remove-series": "asks",
    "remove-sign-up-translation": "decides",
    "remove-source": "asks",
    "remove-standing-block": "asks",
    "remove-topic": "decides",
    "remove-webhook": "decides",
    "report-people": "reads",
    "reset-second-factor": "decides",
    "restore-date": "decides",
    "restore-publication": "undoes",
    "restore-reference": "undoes",
    "restore-question": "decides",
    "restore-version": "asks",
    "resume": "decides",
    "review-article": "asks",
    "resume-series": "decides",
    "resume-source": "decides",
    "retry": "decides",
    "run-checks": "decides",
    "save-field": "asks",
    "save-proof-group": "asks",
    "schedule": "decides",
    "segment": "asks",
    "send-correction": "decides",
    "send-invitation-again": "decides",
    "send-now": "decides",
    "send-webhook-again": "decides",
    "sending-domain": "decides",
    "sending-limits": "asks",
    "sending-sendgrid": "asks",
    "sending-smtp": "asks",
    "sending-suppressions": "decides",
    "sending-suppressions-daily": "decides",
    "sending-test": "decides",
    "sending-transport": "asks",
    "sending-webhook": "decides",
    "series": "makes",
    "settle": "decides",
    "settle-correction": "decides",
    "sign-up-form": "asks",
    "sign-up-translation": "asks",
    "single-sign-on": "own",
    "single-sign-on-answer": "own",
    "single-sign-on-link": "own",
    "skip": "decides",
    "standing-block": "asks",
    "start-account": "makes",
    "start-add": "makes",
    "start-example": "makes",
    "start-fetch": "decides",
    "start-fetch-again": "decides",
    "start-find": "reads",
    "start-issue": "makes",
    "start-publication": "asks",
    "stop": "decides",
    "subscribe": "decides",
    "subscriber-address": "decides",
    "subscriber-basis": "decides",
    "subscriber-details": "asks",
    "suppress": "decides",
    "test": "makes",
    "test-webhook": "reads",
    "texts": "asks",
    "tick-checklist": "decides",
    "try-source": "reads",
    "undo": "undoes",
    "undo-import": "undoes",
    "undo-correction": "decides",
    "undo-people-act": "undoes",
    "undo-publication-settings": "undoes",
    "undo-sending": "undoes",
    "undo-sign-up-form": "undoes",
    "undo-sign-up-translation": "undoes",
    "undo-web-page-change": "undoes",
    "unlink-person": "decides",
    "unschedule": "decides",
    "unsubscribe": "decides",
    "withdraw": "decides",
    "withdraw-correction": "decides",
    "withdraw-invitation": "decides",
    "withdraw-web-page": "decides",
    "write-article": "makes",
    "write-in-issue": "makes",
}
PROOFS = {
    "approve": "test_a_letter_that_changed_while_it_was_read_is_not_approved",
    "approve-correction": "test_an_approval_of_what_was_not_seen_is_refused_beside_the_button",
    "arrange-block": "test_a_block_that_a_colleague_changed_is_not_removed_unseen",
    "article-picture": "test_the_picture_of_an_article_is_not_replaced_past_a_colleague",
    "article-terms": "test_the_terms_of_an_article_are_not_overwritten_past_a_colleague",
    "change-article": "test_the_texts_of_an_article_that_a_colleague_changed_are_shown_beside_the_own_ones",
    "change-backup-plan": "test_a_plan_that_a_colleague_changed_is_not_overwritten_unseen",
    "change-correction": "test_a_correction_that_a_colleague_changed_is_not_overwritten_unseen",
    "change-reference": "test_a_reference_that_a_colleague_changed_is_not_overwritten_unseen",
    "change-roles": "test_roles_that_a_colleague_changed_are_not_overwritten_unseen",
    "change-series": "test_a_recurring_issue_is_not_overwritten_unseen",
    "choose-again": "test_restoring_a_version_and_choosing_again_wait_if_a_colleague_has_changed_the_issue",
    "describe-source": "test_the_name_of_a_source_is_not_overwritten_unseen",
    "edit-article": "test_two_editors_do_not_overwrite_each_other",
    "edit-block": "test_the_form_of_a_block_shows_both_texts_and_one_is_chosen",
    "edit-in-issue": "test_of_two_sections_the_form_shows_both_and_the_other_one_can_stay",
    "notification-kinds": "test_choices_that_a_colleague_changed_are_not_overwritten_unseen",
    "mailing-list": "test_a_list_and_a_topic_that_a_colleague_renamed_are_not_renamed_unseen",
    "notices-in-language": "test_notices_that_a_colleague_changed_are_not_overwritten_unseen",
    "publication-approval": "test_settings_that_a_colleague_changed_are_not_overwritten_unseen",
    "publication-identity": "test_settings_that_a_colleague_changed_are_not_overwritten_unseen",
    "publication-logo": "test_a_logo_is_not_replaced_or_removed_past_a_colleague",
    "publication-look": "test_settings_that_a_colleague_changed_are_not_overwritten_unseen",
    "publication-questions": "test_settings_that_a_colleague_changed_are_not_overwritten_unseen",
    "publication-sections": "test_settings_that_a_colleague_changed_are_not_overwritten_unseen",
    "issue-audience": "test_an_audience_that_a_colleague_chose_meanwhile_is_not_overwritten_unseen",
    "publication-audience": "test_the_audience_of_every_issue_is_not_overwritten_unseen",
    "publication-selection": "test_settings_that_a_colleague_changed_are_not_overwritten_unseen",
    "publication-sender": "test_settings_that_a_colleague_changed_are_not_overwritten_unseen",
    "put-back-article": "test_a_text_of_an_article_is_not_put_back_past_a_colleague",
    "remove-proof-group": "test_a_proof_group_that_a_colleague_changed_is_not_removed_unseen",
    "remove-publication-logo": "test_a_logo_is_not_replaced_or_removed_past_a_colleague",
    "remove-series": "test_what_a_colleague_changed_about_a_source_or_a_recurring_issue_is_not_removed_unseen",
    "remove-source": "test_what_a_colleague_changed_about_a_source_or_a_recurring_issue_is_not_removed_unseen",
    "remove-standing-block": "test_a_block_of_every_issue_is_not_removed_or_overwritten_unseen",
    "publication-signatures": "test_signatures_that_a_colleague_changed_are_not_overwritten_unseen",
    "publication-topics": "test_rules_for_topics_that_a_colleague_changed_are_not_overwritten_unseen",
    "publication-checks": "test_checks_that_a_colleague_changed_are_not_overwritten_unseen",
    "restore-version": "test_restoring_a_version_and_choosing_again_wait_if_a_colleague_has_changed_the_issue",
    "review-article": "test_a_review_that_a_colleague_changed_is_not_overwritten_unseen",
    "save-field": "test_the_same_text_of_two_people_is_shown_twice_and_neither_is_lost",
    "save-proof-group": "test_the_form_of_a_new_proof_group_shows_the_group_that_a_colleague_made",
    "sending-limits": "test_the_limits_are_not_overwritten_unseen",
    "sending-sendgrid": "test_a_key_is_not_stored_over_what_a_colleague_chose",
    "sending-smtp": "test_a_key_is_not_stored_over_what_a_colleague_chose",
    "sending-transport": "test_a_transport_is_not_chosen_over_what_a_colleague_chose",
    "sign-up-form": "test_a_sign_up_form_that_a_colleague_changed_is_not_overwritten_unseen",
    "sign-up-translation": "test_texts_in_a_language_that_a_colleague_changed_are_not_overwritten_unseen",
    "segment": "test_a_segment_that_a_colleague_changed_is_not_overwritten_unseen",
    "standing-block": "test_a_block_of_every_issue_is_not_removed_or_overwritten_unseen",
    "start-publication": "test_the_details_of_a_publication_are_not_overwritten_unseen",
    "subscriber-details": "test_the_details_of_a_person_that_a_colleague_changed_are_not_overwritten_unseen",
    "texts": "test_different_texts_of_two_people_are_both_saved",
}
TESTS = Path(__file__).parents[2]


def addresses(patterns):
    for each in patterns:
        if hasattr(each, "url_patterns"):
            yield from addresses(each.url_patterns)
        else:
            yield each


def methods_of(view):
    """Return the methods that the wrapper `desk()` lets through to a view; None if it has no such wrapper."""
    while view is not None:
        cells = [cell.cell_contents for cell in view.__closure__ or ()]
        # What a form that arrives again is answered with wraps the rest.
        inner = [each for found in cells for each in getattr(found, "__closure__", None) or ()]
        for found in (*cells, *(cell.cell_contents for cell in inner)):
            if isinstance(found, tuple) and found and set(found) <= {"GET", "HEAD", "POST"}:
                return found
        view = getattr(view, "__wrapped__", None)
    return None


def acts():
    desk = next(each for each in get_resolver().url_patterns if getattr(each, "namespace", "") == "desk")
    for each in addresses(desk.url_patterns):
        methods = methods_of(each.callback)
        if methods is None or "POST" in methods:
            yield each.name


def test_every_act_is_in_the_table():
    # These two only lead on or say something, and have no wrapper because nobody is logged in there.
    assert set(acts()) - {"start", "forgotten-password-sent"} == set(ACTS)


def test_every_act_that_asks_has_a_test_that_two_people_try_it():
    assert set(PROOFS) == {name for name, kept_by in ACTS.items() if kept_by == "asks"}
    tests = "".join(path.read_text(encoding="utf-8") for path in (TESTS).rglob("test_*.py"))
    assert [name for name in PROOFS.values() if f"def {name}(" not in tests] == []


@pytest.mark.parametrize("kept_by", sorted(set(ACTS.values())))
def test_the_words_of_the_table_are_explained(kept_by):
    assert f"\n- {kept_by}: " in __doc__
