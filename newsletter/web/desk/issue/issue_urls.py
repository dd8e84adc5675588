"""The URLs of one issue: its four parts, its email, and what can be done with it."""

from django.urls import path

from newsletter.web.desk.issue import (
    contents_acts,
    contents_add,
    contents_blocks,
    contents_edit,
    contents_page,
    details_autosave,
    details_page,
    email_pane,
    issue_audience_page,
    pause_resume_retry,
    poll_issue_state,
    rehearsal_page,
    review_page,
    review_people,
    save_details,
    schedule_acts,
    send_approval,
    send_confirmations,
    send_page,
    send_tests,
    settle_unknown_recipients,
    undo_and_restore_acts,
    versions_page,
)

CONTENTS = [
    path("", contents_page.contents, name="issue"),
    path("articles/<int:article>/", contents_acts.arrange, name="arrange"),
    path("articles/<int:article>/edit/", contents_edit.edit_article, name="edit-in-issue"),
    path("add-block/", contents_blocks.add_block, name="add-block"),
    path("blocks/<str:key>/", contents_acts.arrange_block, name="arrange-block"),
    path("blocks/<str:key>/edit/", contents_blocks.edit_block, name="edit-block"),
    path("move/", contents_acts.move, name="move-entry"),
    path("add/", contents_add.add_article, name="add-to-issue"),
    path("add/write/", contents_add.write_here, name="write-in-issue"),
    path("add/link/", contents_add.add_link, name="add-link"),
    path("again/", contents_acts.choose_again, name="choose-again"),
    path("pictures/", contents_acts.fetch_pictures, name="pictures"),
]
DETAILS = [
    path("details/", details_page.details, name="details"),
    path("texts/", save_details.save_texts_form, name="texts"),
    path("field/", details_autosave.save_field, name="save-field"),
    path("details/picture/", save_details.add_picture, name="add-introduction-picture"),
    path("versions/", versions_page.versions, name="versions"),
    path("versions/<int:version>/", versions_page.version, name="version"),
    path("versions/<int:version>/restore/", undo_and_restore_acts.restore, name="restore-version"),
    path("versions/<int:version>/undo/", undo_and_restore_acts.undo, name="undo"),
]
REVIEW = [
    path("review/", review_page.review, name="review"),
    path("review/overrule/", review_page.overrule_finding, name="overrule"),
    path("review/checklist/", review_page.tick_sentence, name="tick-checklist"),
    path("review/links/", review_page.check_links, name="check-links"),
    path("review/mend/", review_page.mend_finding, name="mend"),
    path("review/rehearsal/", rehearsal_page.rehearsal, name="rehearsal"),
    path("review/rehearsal/start/", rehearsal_page.rehearse, name="rehearse"),
    path("review/rehearsal/cancel/", rehearsal_page.cancel, name="cancel-rehearsal"),
    path("review/rehearsal/people/<slug:kind>/", rehearsal_page.people, name="rehearsal-people"),
    path("review/audience/", review_people.audience, name="audience"),
    path("review/audience/choose/", issue_audience_page.issue_audience, name="issue-audience"),
    path("review/people/<slug:group>/", review_people.people, name="people"),
]
SEND = [
    path("send/", send_page.send, name="send"),
    path("send/figures/", send_page.figures, name="figures"),
    path("send/when/", schedule_acts.understood, name="understood"),
    path("test/", send_tests.send_test, name="test"),
    path("test/group/", send_tests.save_group, name="save-proof-group"),
    path("test/group/remove/", send_tests.remove_group, name="remove-proof-group"),
    path("approve/", send_approval.approve, name="approve"),
    path("withdraw/", send_approval.withdraw, name="withdraw"),
    path("send/now/", send_confirmations.send_issue, name="send-now"),
    path("schedule/", schedule_acts.set_time, name="schedule"),
    path("unschedule/", schedule_acts.unschedule, name="unschedule"),
    path("cancel/", send_confirmations.cancel, name="cancel"),
    path("mailing/pause/", pause_resume_retry.pause, name="pause"),
    path("mailing/resume/", pause_resume_retry.resume, name="resume"),
    path("mailing/stop/", send_confirmations.stop, name="stop"),
    path("mailing/retry/", pause_resume_retry.retry, name="retry"),
    path("mailing/unconfirmed/", settle_unknown_recipients.unconfirmed, name="unconfirmed"),
    path("mailing/settle/", settle_unknown_recipients.settle, name="settle"),
]
EMAIL = [
    path("preview/", email_pane.preview, name="preview"),
    path("email/", email_pane.email, name="email"),
    path("email/text/", email_pane.email_text, name="email-text"),
    path("email/facts/", email_pane.email_facts, name="email-facts"),
    path("email/reader/", email_pane.find_reader, name="find-reader"),
    path("email/random/", email_pane.show_random_reader, name="random-reader"),
    path("state/", poll_issue_state.state, name="issue-state"),
]

urlpatterns = CONTENTS + DETAILS + REVIEW + SEND + EMAIL
