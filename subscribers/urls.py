"""The public pages. URLs with tokens do not end in a slash, so that no redirect comes before a one-click POST."""

from django.urls import path

from subscribers.views import email_links, new_address, own_data, preferences, sign_up

app_name = "subscribers"

urlpatterns = [
    path("lists/<slug:slug>/", sign_up.sign_up, name="sign-up"),
    path("lists/<slug:slug>/check-your-mail/", sign_up.check_your_mail, name="check-your-mail"),
    path("lists/<slug:slug>/snippet/", sign_up.snippet, name="snippet"),
    path("confirm/<str:token>", email_links.confirm, name="confirm"),
    path("leave/<str:token>", email_links.unsubscribe, name="leave"),
    path("one-click/<str:token>", email_links.one_click, name="one-click"),
    path("preferences/<str:token>", preferences.preferences, name="preferences"),
    path("my-data/<str:token>", own_data.my_data, name="my-data"),
    path("my-data/<str:token>/download", own_data.download, name="download"),
    path("my-data/<str:token>/page", own_data.download_page, name="download-page"),
    path("new-address/<str:token>", new_address.new_address, name="new-address"),
    path("erase/<str:token>", preferences.erase, name="erase"),
]
