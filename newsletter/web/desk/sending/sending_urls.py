"""The URLs of the settings of sending."""

from django.urls import path

from newsletter.web.desk.sending import account_steps, limits_page, overview_page, transport_pages

ONE = "settings/sending/"

urlpatterns = [
    path(ONE, overview_page.sending, name="sending"),
    path(f"{ONE}checks/", overview_page.sending_checks, name="sending-checks"),
    path(f"{ONE}transport/", transport_pages.transport, name="sending-transport"),
    path(f"{ONE}sendgrid/", transport_pages.sendgrid, name="sending-sendgrid"),
    path(f"{ONE}smtp/", transport_pages.smtp, name="sending-smtp"),
    path(f"{ONE}limits/", limits_page.limits, name="sending-limits"),
    path(f"{ONE}webhook/", account_steps.webhook, name="sending-webhook"),
    path(f"{ONE}domain/", account_steps.domain, name="sending-domain"),
    path(f"{ONE}suppressions/", account_steps.suppressions, name="sending-suppressions"),
    path(f"{ONE}suppressions/daily/", account_steps.daily_suppressions, name="sending-suppressions-daily"),
    path(f"{ONE}test/", account_steps.test, name="sending-test"),
    path(f"{ONE}undo/", transport_pages.undo, name="undo-sending"),
]
