"""The URLs of the settings of sending."""

from django.urls import path

from newsletter.web.desk.sending import (
    sendgrid_account_acts,
    sending_limits_page,
    sending_overview_page,
    transport_pages,
)

ONE = "settings/sending/"

urlpatterns = [
    path(ONE, sending_overview_page.sending, name="sending"),
    path(f"{ONE}checks/", sending_overview_page.sending_checks, name="sending-checks"),
    path(f"{ONE}transport/", transport_pages.transport, name="sending-transport"),
    path(f"{ONE}sendgrid/", transport_pages.sendgrid, name="sending-sendgrid"),
    path(f"{ONE}smtp/", transport_pages.smtp, name="sending-smtp"),
    path(f"{ONE}limits/", sending_limits_page.limits, name="sending-limits"),
    path(f"{ONE}webhook/", sendgrid_account_acts.webhook, name="sending-webhook"),
    path(f"{ONE}domain/", sendgrid_account_acts.domain, name="sending-domain"),
    path(f"{ONE}suppressions/", sendgrid_account_acts.suppressions, name="sending-suppressions"),
    path(
        f"{ONE}suppressions/daily/",
        sendgrid_account_acts.daily_suppressions,
        name="sending-suppressions-daily",
    ),
    path(f"{ONE}test/", sendgrid_account_acts.test, name="sending-test"),
    path(f"{ONE}undo/", transport_pages.undo, name="undo-sending"),
]
