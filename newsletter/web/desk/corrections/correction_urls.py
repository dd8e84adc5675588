"""The URLs of the list of corrections, and of the emails about them."""

from django.urls import path

from newsletter.web.desk.corrections import (
    correction_email_acts,
    correction_email_page,
    corrections_page,
    unconfirmed_readers_page,
)

CORRECTION = "corrections/<int:correction>/readers/<slug:slug>/"

urlpatterns = [
    path("corrections/", corrections_page.corrections, name="corrections"),
    path(CORRECTION, correction_email_page.correction_email, name="correction-email"),
    path(f"{CORRECTION}email/", correction_email_page.preview, name="correction-preview"),
    path(f"{CORRECTION}approve/", correction_email_acts.approve, name="approve-correction"),
    path(f"{CORRECTION}send/", correction_email_acts.send, name="send-correction"),
    path(f"{CORRECTION}undo/", correction_email_acts.undo, name="undo-correction"),
    path(f"{CORRECTION}withdraw/", correction_email_acts.withdraw, name="withdraw-correction"),
    path(f"{CORRECTION}mailing/", correction_email_acts.mailing, name="correction-mailing"),
    path(f"{CORRECTION}unconfirmed/", unconfirmed_readers_page.unconfirmed, name="correction-unconfirmed"),
    path(f"{CORRECTION}settle/", unconfirmed_readers_page.settle, name="settle-correction"),
    path(f"{CORRECTION}left-out/", correction_email_page.left_out, name="correction-left-out"),
]
