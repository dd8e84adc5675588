"""The public pages. Token pages have no slash at their end, so that no redirect comes before a one-click POST."""

from django.urls import path

from subscribers.views import letters, person, sign_up

app_name = "subscribers"

urlpatterns = [
    path("lists/<slug:slug>/", sign_up.sign_up, name="sign-up"),
    path("lists/<slug:slug>/check-your-mail/", sign_up.check_your_mail, name="check-your-mail"),
    path("lists/<slug:slug>/snippet/", sign_up.snippet, name="snippet"),
    path("confirm/<str:token>", letters.confirm, name="confirm"),
    path("leave/<str:token>", letters.leave, name="leave"),
    path("one-click/<str:token>", letters.one_click, name="one-click"),
    path("preferences/<str:token>", person.preferences, name="preferences"),
    path("my-data/<str:token>", person.my_data, name="my-data"),
    path("my-data/<str:token>/download", person.download, name="download"),
    path("erase/<str:token>", person.erase, name="erase"),
]
